"""What this machine keeps beside a server's rows, without what was forgotten: history, messages, what was typed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from showcase.erasure.beside_server import Beside, forget_beside
from showcase.errors import StoreError
from showcase.memory.left_on_disk import typed_lines
from showcase.memory.store_files import HISTORY
from showcase.settings.store_address import parse
from showcase.settings.store_place import StorePlace, place_of

if TYPE_CHECKING:
    from pathlib import Path

OSLO, TEA, ROME = "I live in Oslo, near the river.", "I drink tea without sugar.", "I live in Rome."


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StorePlace:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    address = parse("postgresql://me@127.0.0.1/db")
    assert address is not None
    found = place_of(address)
    typed = typed_lines(found, "alice")
    typed.parent.mkdir(parents=True)
    typed.write_text(f"\n# 2026-01-01\n+{OSLO}\n\n# 2026-01-02\n+{TEA}\n", encoding="utf-8")
    with closing(sqlite3.connect(found.home / HISTORY)) as history, history:
        history.execute("CREATE TABLE history (id TEXT, memory_id TEXT, old_memory TEXT, new_memory TEXT, event TEXT)")
        history.execute("CREATE TABLE messages (id TEXT, session_scope TEXT, role TEXT, content TEXT)")
        history.executemany(
            "INSERT INTO history VALUES (?, ?, NULL, ?, 'ADD')",
            [("1", "oslo", OSLO), ("2", "tea", TEA), ("3", "rome", ROME)],
        )
        history.executemany(
            "INSERT INTO messages VALUES (?, ?, 'user', ?)",
            [("1", "user_id=alice", OSLO), ("2", "user_id=bob", ROME), ("3", "run_id=1&user_id=alice", TEA)],
        )
    return found


def held(place: StorePlace) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(place.home.rglob("*")) if path.is_file())


def test_what_is_forgotten_goes_and_all_else_stays(place: StorePlace) -> None:
    assert OSLO.encode() in held(place)
    done = forget_beside(place, "alice", {"oslo": OSLO}, everything=False)
    assert done == Beside(events=1, messages=2, lines=1)
    assert OSLO.encode() not in held(place)
    assert held(place).count(TEA.encode()) == 2, "the event, and the line that was typed"
    assert held(place).count(ROME.encode()) == 2
    assert forget_beside(place, "alice", {"oslo": OSLO}, everything=False) == Beside()


def test_everything_takes_all_that_was_typed(place: StorePlace) -> None:
    done = forget_beside(place, "alice", {"oslo": OSLO, "tea": TEA}, everything=True)
    assert done == Beside(events=2, messages=2, lines=2)
    assert not typed_lines(place, "alice").exists()
    assert TEA.encode() not in held(place)
    assert ROME.encode() in held(place)


def test_where_nothing_was_noted_nothing_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    address = parse("postgresql://me@127.0.0.1/other")
    assert address is not None
    assert forget_beside(place_of(address), "alice", {"oslo": OSLO}, everything=True) == Beside()


@pytest.mark.parametrize("moment", [0, 1, 2])
def test_cut_off_at_any_moment_it_is_finished_by_the_next(
    place: StorePlace, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the old file is put aside, before the new one takes its place, before the old one is written over."""
    history = place.home / HISTORY

    def cut(path: Path, new: Path) -> None:
        old = path.with_name(f"{path.name}-old")
        for step in [lambda: path.replace(old), lambda: new.replace(path)][:moment]:
            step()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("showcase.erasure.beside_server._replace", cut)
        with pytest.raises(KeyboardInterrupt):
            forget_beside(place, "alice", {"oslo": OSLO}, everything=False)
    forget_beside(place, "alice", {"oslo": OSLO}, everything=False)
    assert history.is_file()
    assert OSLO.encode() not in held(place)
    assert ROME.encode() in held(place)
    assert sorted(path.name for path in place.home.glob(f"{HISTORY}*")) == [HISTORY]


def test_a_history_that_somebody_has_open_is_left_and_said(place: StorePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showcase.erasure.beside_server.holders", lambda _: ((4711, "python"),))
    with pytest.raises(StoreError, match=r"open in python \(pid 4711\), and still tells") as refused:
        forget_beside(place, "alice", {"oslo": OSLO}, everything=False)
    assert refused.value.hint
    assert OSLO.encode() in held(place)
