"""A log that was changed, cut, put in another order or replaced: each is planted, and has to be named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from kept_stores import OF_TWO, made, typed
from logged import path_of, put_head, raw, rechained, said, whole, write

from showcase.memory.operations.verification import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

LAST = 1 + 2 * len(OF_TWO)


def changed(some: list[bytes], number: int) -> list[bytes]:
    line = json.loads(some[number - 1])
    line["process"]["pid"] += 1
    return [*some[: number - 1], json.dumps(line, separators=(",", ":")).encode(), *some[number:]]


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda some: changed(some, 4), "line 4 was changed: line 5"),
        (lambda some: changed(some, 1), "line 1 was changed: line 2"),
        (lambda some: changed(some, LAST), f"line {LAST} was changed: the head"),
        (lambda some: [*some[:3], some[3].replace(b'"ADD"', b'"ATE"'), *some[4:]], "place 4 of the file is no line"),
        (lambda some: [*some[:3], b"", *some[3:]], "place 4 of the file is no line"),
        (lambda some: [*some[:2], *some[4:]], "lines 3 to 4 are not there"),
        (lambda some: some[1:], "line 1 is not there"),
        (lambda some: some[:-1], f"line {LAST} is not there: taken from the end"),
        (lambda some: some[:2], f"lines 3 to {LAST} are not there: taken from the end"),
        (lambda some: [*some[:2], some[3], some[2], *some[4:]], "line 3 stands after line 4"),
        (lambda some: [*some, some[4]], f"line 5 stands after line {LAST}"),
        (lambda _: [], f"lines 1 to {LAST} were taken out"),
    ],
)  # fmt: skip
def test_what_was_done_to_a_log_is_named(
    tmp_path: Path, tamper: Callable[[list[bytes]], list[bytes]], says: str
) -> None:
    place = made(tmp_path / "s")
    assert whole(place).lines == LAST
    write(place, tamper(raw(place)))
    found = verify(place)
    assert found.status == "broken"
    assert any(says in each for each in found.flaws), found.flaws


def test_a_line_that_was_cut_by_hand_is_missed_at_the_end(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    data = path_of(place).read_bytes()
    path_of(place).write_bytes(data[:-20])
    assert verify(place).status == "broken", "the head tells that the last line was whole once"


def test_whoever_writes_next_does_not_cover_up_for_what_was_taken_from_the_end(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    for left in (raw(place)[:-2], []):
        write(place, left)
        made(place.root)  # four writes more
        found = verify(place)
        assert found.status == "broken"
        assert any("not there" in each for each in found.flaws), found.flaws


def test_a_head_that_went_is_said_until_a_writer_makes_one_and_says_so(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    head = whole(place).head
    (place.home / "showcase-operations-head.json").unlink()
    assert verify(place).status == "unknown"
    assert verify(place, earlier=head).status == "unknown", "what came after that digest may be gone"
    assert "is not there" in verify(place).remarks[0]
    made(place.root)
    assert any("no head was there" in each for each in whole(place).remarks)


@pytest.mark.parametrize("way", ["replaced", "cut"])
def test_a_chain_that_was_made_anew_is_found_by_a_digest_that_was_kept_elsewhere_alone(
    tmp_path: Path, way: str
) -> None:
    place = made(tmp_path / "s")
    head = whole(place).head
    made(place.root)
    assert verify(place, earlier=head).status == "whole", "it went on"
    some = said(place)
    some[2]["process"]["pid"] = 1
    write(place, rechained(some) if way == "replaced" else raw(place)[:-12])
    put_head(place)
    assert verify(place).status == "whole", "whoever can write the files can do that"
    found = verify(place, earlier=head)
    assert found.status == "broken"
    assert "no line of it has the digest" in found.flaws[0]


def test_the_exit_status_tells_and_the_line_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place: StorePlace = made(tmp_path / "s")
    log = ("log", "--verify", "--store", "s")
    done = typed(capsys, *log)
    assert done.status == 0, done
    assert "log whole: 9 lines" in done.out
    head = whole(place).head
    assert f"--head {head}" in done.out
    assert typed(capsys, *log, "--head", head).status == 0
    assert typed(capsys, *log, "--head", "0" * 64).status == 1
    assert typed(capsys, *log, "--head", "short").status == 2
    assert typed(capsys, *log, "--last", "3").status == 2
    write(place, changed(raw(place), 4))
    done = typed(capsys, *log, "--json")
    assert done.status == 1
    assert json.loads(done.out)["flaws"] == ["line 4 was changed: line 5 holds another digest of it"]
    path_of(place).unlink()
    path_of(place).mkdir()
    assert typed(capsys, *log).status == 3, "it cannot be read"
    path_of(place).rmdir()
    (place.home / "showcase-operations-head.json").unlink()
    done = typed(capsys, *log)
    assert done.status == 3, "there is none"
    assert "there is no log" in done.out
    assert typed(capsys, "log", "--verify", "--store", "elsewhere").status == 2
