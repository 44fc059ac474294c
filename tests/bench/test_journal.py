"""The list of samples: cut off anywhere, edited, or on a full disk, it loses no whole sample and doubles none."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from counting_bench import Counting, Quiet

from showcase.bench.results import journal
from showcase.bench.results.document import SAMPLES
from showcase.bench.results.measuring import Measuring
from showcase.bench.results.place import Asked, claimed
from showcase.errors import StoreError, UsageError


def asked(place: Path, *, resume: bool = False) -> Asked:
    return Asked(place=place, resume=resume, quick=False)


def interrupted(place: Path, at: str = "up/1") -> None:
    def before(step: str) -> None:
        if step == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Measuring(Counting(before=before), asked(place)).take_all(Quiet())


AT = '"at": "2026-01-01T00:00:00Z"'
SAMPLE = '"sample": {"arm": "up", "number": 0}'


@pytest.mark.parametrize(
    "line",
    [
        f'{{"step": "up/0", {AT}, {SAMPLE}}}',
        f'{{"step": "up/99", {AT}, {SAMPLE}}}',
        f'{{"step": 5, {AT}, {SAMPLE}}}',
        f'{{"step": "down/2", "at": 5, {SAMPLE}}}',
        '{"sitting": {"began_at": 5, "load": 1.0}}',
        '{"sitting": {"began_at": "2026", "load": "x"}}',
        '{"sitting": {"began_at": "2026", "load": true}}',
        '{"sitting": {"began_at": "\\ud800", "load": null}}',
        '{"sitting": {"ended_at": {}, "load": []}}',
        '{"sitting": []}',
        "",
    ],
)
def test_a_journal_that_somebody_edited_is_damage(tmp_path: Path, line: str) -> None:
    interrupted(tmp_path)
    path = tmp_path / SAMPLES
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(StoreError, match="damaged in line 6"):
        Measuring(Counting(), asked(tmp_path, resume=True))


def test_a_journal_that_ends_at_any_byte_loses_no_whole_sample_and_doubles_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal.os, "fsync", lambda _: None)
    interrupted(tmp_path, "down/1")
    path = tmp_path / SAMPLES
    whole = path.read_bytes()
    header = whole.index(b"\n") + 1
    for end in range(header, len(whole) + 1, 3):
        path.write_bytes(whole[:end])
        begun = Measuring(Counting(), asked(tmp_path, resume=True))
        taken = sum(b'"step"' in line for line in whole[:end].split(b"\n")[:-1])
        assert begun.result().taken == taken
        begun.take_all(Quiet())
        again = Measuring(Counting(), asked(tmp_path, resume=True)).result()
        assert again.finished
        assert sum(each.taken for each in again.sittings) == 6
    path.write_bytes(whole[: header - 1])
    with pytest.raises(StoreError, match="no list of samples"):
        Measuring(Counting(), asked(tmp_path, resume=True))


def test_half_a_line_of_a_full_disk_does_not_swallow_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    full = [False]

    def short(descriptor: int, data: bytes) -> int:
        if b'"up/1"' in data:
            full[0] = True
            return write(descriptor, data[:20])
        if full[0]:
            full[0] = False  # and then somebody makes room
            raise OSError(errno.ENOSPC, "no space left on device")
        return write(descriptor, data)

    monkeypatch.setattr(journal.os, "write", short)
    with pytest.raises(StoreError, match="no space"):
        Measuring(Counting(), asked(tmp_path)).take_all(Quiet())
    monkeypatch.undo()
    resumed = Measuring(Counting(), asked(tmp_path, resume=True))
    assert resumed.result().taken == 2
    resumed.take_all(Quiet())
    assert resumed.result().finished


def test_what_began_and_ended_while_one_waited_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "bench"
    mkdir = Path.mkdir

    def meanwhile(self: Path, *arguments: Any, **options: Any) -> None:
        mkdir(self, *arguments, **options)
        (place / SAMPLES).write_text("of another\n")

    monkeypatch.setattr(Path, "mkdir", meanwhile)
    with pytest.raises(UsageError, match="earlier measurement"), claimed(asked(place)):
        pass
    assert (place / SAMPLES).read_text() == "of another\n"
    assert not (place / ".lock").exists()
