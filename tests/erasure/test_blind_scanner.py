"""Whoever finds nothing is believed only after it found what was planted: a scanner that is blind is never upheld."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from erased import erased
from kept_stores import everything, made, row

from showcase.erasure import controls, erasing, reader, scanning, search, views

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = row("my locker code is obsidian-4711")
STAYS = row("I drink tea", "bob")


def seen(tmp_path: Path) -> Any:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    done, finding = erased(place, [SECRET.memory_id])
    assert list(everything(place, "shared")) == [STAYS.memory_id], "what was asked for is done all the same"
    return done, finding


def test_one_who_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search.Searcher, "search", lambda *_: iter(()))
    _, finding = seen(tmp_path)
    assert finding.status == "inconclusive"
    assert "did not find what was planted" in finding.reason


@pytest.mark.parametrize("form", ["UTF-8", "base64", "float32 LE", "int8", "word", "id", "case and accents folded"])
def test_one_who_is_blind_to_one_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    real = search.Searcher.search
    monkeypatch.setattr(
        search.Searcher, "search", lambda self, data: (hit for hit in real(self, data) if hit.pattern.form != form)
    )
    _, finding = seen(tmp_path)
    assert finding.status == "inconclusive"
    assert f"planted as {form} " in finding.reason


def test_one_who_is_blind_to_one_kind_of_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = scanning.Scanner._count

    def half(self: Any, data: bytes, known: int, *of: Any) -> None:
        if "index of vectors" not in of:
            real(self, data, known, *of)

    monkeypatch.setattr(scanning.Scanner, "_count", half)
    _, finding = seen(tmp_path)
    assert finding.status == "inconclusive"
    assert "in a copy of: index of vectors" in finding.reason


@pytest.mark.parametrize("view", ["values", "ends of pages", "full-text index"])
def test_views_that_yield_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, view: str) -> None:
    """Each view has to be shown to see: what it alone can see is planted, and found by it."""
    real = views.of

    def blinded(head: bytes) -> Any:
        return {name: (lambda _path: iter(())) if name == view else each for name, each in real(head).items()}

    monkeypatch.setattr(views, "of", blinded)
    _, finding = seen(tmp_path)
    assert finding.status == "inconclusive", finding.reason
    assert view in finding.reason


def test_views_of_what_is_compressed_that_yield_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = views.of
    monkeypatch.setattr(
        views,
        "of",
        lambda head: real(head) if head.startswith(b"SQLite") else dict.fromkeys(real(head), lambda _: iter(())),
    )
    _, finding = seen(tmp_path)
    assert finding.status == "inconclusive"
    assert "gzip" in finding.reason


@pytest.mark.parametrize("owner", [erasing, reader])
def test_no_controls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any) -> None:
    monkeypatch.setattr(erasing, "controls", lambda _: ((), 0))
    if owner is reader:
        monkeypatch.undo()
        monkeypatch.setattr(reader, "controls", lambda _: ((), 0))
        monkeypatch.setattr(reader, "in_another_process", reader.verify)
    _, finding = seen(tmp_path)
    assert finding.status == "inconclusive"
    assert "nothing was planted" in finding.reason


def test_a_control_that_sees_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = controls.controls
    monkeypatch.setattr(erasing, "controls", lambda files: (real(files)[0], 1))
    _, finding = seen(tmp_path)
    assert finding.status == "inconclusive"
    assert "what nobody planted" in finding.reason


def test_the_same_process_is_no_other_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "in_another_process", reader.verify)
    _, finding = seen(tmp_path)
    assert finding.status == "inconclusive"
    assert "of the same one" in finding.reason


def ended(code: int, out: bytes = b"", err: bytes = b"") -> Callable[..., Any]:
    return lambda *_, **__: subprocess.CompletedProcess([], code, out, err)


def late(*_: Any, **__: Any) -> Any:
    raise subprocess.TimeoutExpired("it", 1)


def nowhere(*_: Any, **__: Any) -> Any:
    raise FileNotFoundError(2, "No such file or directory", sys.executable)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ended(-9), "ended with -9"),
        (ended(1, b"", b"Traceback\nMemoryError"), "MemoryError"),
        (ended(0, b"{}"), "ended with 0"),
        (ended(0, b"null"), "ended with 0"),
        (ended(0, b'{"scan": "upheld"}'), "ended with 0"),
        (late, "did not end within"),
        (nowhere, "No such file"),
    ],
)
def test_another_process_that_dies_or_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Callable[..., Any], said: str
) -> None:
    monkeypatch.setattr(reader.subprocess, "run", answer)
    done, finding = seen(tmp_path)
    assert finding.status == "inconclusive"
    assert "nobody looked by another process" in finding.reason
    assert said in finding.reason
    assert done.verified is None
    assert done.bystanders.after is None


def test_it_is_a_process_of_its_own(tmp_path: Path) -> None:
    done, finding = seen(tmp_path)
    assert finding.status == "upheld"
    assert done.before.pid == done.after.pid == os.getpid() != done.verified.pid


def test_it_gets_no_word_by_its_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, typed = subprocess.run, []

    def told(command: Any, **options: Any) -> Any:
        typed.append(json.dumps([command, dict(options["env"])]))
        return real(command, **options)

    monkeypatch.setattr(reader.subprocess, "run", told)
    seen(tmp_path)
    assert typed
    assert "obsidian" not in typed[0]
    assert SECRET.memory_id not in typed[0]


def test_a_file_that_goes_while_it_is_to_be_copied_for_a_control(tmp_path: Path) -> None:
    here = tmp_path / "there.bin"
    here.write_bytes(b"x")
    found = [
        controls.Found(path=tmp_path / "gone.bin", shown="gone", kind="other file"),
        controls.Found(path=here, shown="there", kind="other file"),
    ]
    real = controls._of_each
    assert list(real(found)) == ["other file"]
    told, wrong = controls.controls(found)
    assert any(each.kind == "other file" for each in told)
    assert all(each.found for each in told)
    assert wrong == 0


def test_copies_of_controls_are_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are copies of the store with what is to be forgotten: a removed one would stay in its blocks."""
    held = tmp_path / "held.bin"
    held.write_bytes(b"obsidian-4711")
    real, names = os.unlink, []

    def linked(path: Any, **options: Any) -> None:
        if "showcase-control-" in str(path):
            os.link(path, tmp_path / f"kept-{len(names)}")
            names.append(path)
        real(path, **options)

    monkeypatch.setattr(os, "unlink", linked)
    monkeypatch.setattr(Path, "unlink", lambda self, **_: linked(self))
    controls.controls([controls.Found(path=held, shown="held", kind="other file")])
    monkeypatch.undo()
    kept = list(tmp_path.glob("kept-*"))
    assert kept
    assert all(not path.read_bytes().strip(b"\0") for path in kept)
