"""The frame of all benchmarks: how samples are kept and resumed, and in which words a figure is told."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from counting_bench import Counting, Quiet
from test_measuring import ENGINE, asked, interrupted

from showcase.bench.results import journal, measuring, place, wording
from showcase.bench.results.document import SAMPLES
from showcase.bench.results.intervals import median, p_of, share, wilson
from showcase.bench.results.measuring import Measuring
from showcase.bench.results.place import check, claimed
from showcase.bench.results.result import Cell, Column, Sitting
from showcase.errors import StoreError, UsageError
from showcase.evidence import Model

if TYPE_CHECKING:
    from pathlib import Path


def test_a_sample_that_would_outlast_the_minute_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(measuring.time, "monotonic", lambda: now[0])
    begun: list[str] = []

    def long(step: str) -> None:
        begun.append(step)
        now[0] += 20

    measured = Measuring(Counting(before=long), asked(tmp_path, quick=True))
    measured.take_all(Quiet())
    assert begun == ["warm up", "up/0"]
    assert measured.result().quick
    assert not Measuring(Counting(), asked(tmp_path / "whole")).result().quick


def test_what_is_left_is_the_mean_of_what_was_taken_for_each_that_is_not_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(measuring.time, "monotonic", lambda: now[0])

    def long(step: str) -> None:
        now[0] += 10 if step.startswith("up") else 20

    told: list[tuple[int, float | None]] = []

    class Hearing(Quiet):
        def at(self, done: int, of: int, step: str, left_s: float | None) -> None:
            assert of == 6, step
            told.append((done, left_s))

    Measuring(Counting(before=long), asked(tmp_path)).take_all(Hearing())
    assert told == [(0, None), (0, None), (1, 50.0), (2, 60.0), (3, pytest.approx(40.0)), (4, 30.0), (5, 14.0)]


@pytest.mark.parametrize("changed", ["machine", "program"])
def test_samples_of_another_machine_or_program_are_not_gone_on_with(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(tmp_path)
    if changed == "machine":
        other = replace(measuring.machine(), cores=4711)
        monkeypatch.setattr(measuring, "machine", lambda: other)
    else:
        monkeypatch.setattr(measuring, "__version__", "0.0.0")
    with pytest.raises(UsageError, match=f"{changed} was"):
        Measuring(Counting(), asked(tmp_path, resume=True))


def test_how_busy_it_was_is_kept_before_and_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = iter((1.5, 2.5))
    monkeypatch.setattr(measuring, "load", lambda: next(loads))
    begun = Measuring(Counting(), asked(tmp_path))
    begun.take_all(Quiet())
    (sitting,) = begun.result().sittings
    assert (sitting.load_before, sitting.load_after) == (1.5, 2.5)
    assert Measuring(Counting(), asked(tmp_path, resume=True)).result().sittings == (sitting,)


def test_a_sample_is_on_the_disk_before_the_next_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(journal.os, "fsync", lambda _: synced.append(len((tmp_path / SAMPLES).read_bytes())))
    taken: list[int] = []
    Measuring(Counting(before=lambda _: taken.append(len(synced))), asked(tmp_path)).take_all(Quiet())
    # The first line and that of the sitting come with the first sample.
    assert taken == [0, 0, 3, 4, 5, 6, 7]
    assert synced == sorted(set(synced))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no modes of POSIX")
def test_nobody_else_reads_what_was_measured(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with claimed(asked(tmp_path / "out")) as claim:
            Measuring(Counting(), asked(claim)).take_all(Quiet())
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "out", tmp_path / "out" / SAMPLES)]
    assert modes == [0o700, 0o600]


def test_a_place_that_can_hold_nothing_is_refused_with_one_that_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("out", "out-2", "out-3"):
        (tmp_path / name).mkdir()
    (tmp_path / "out" / "letter.txt").write_text("mine")
    with pytest.raises(UsageError) as refused:
        check(asked(tmp_path / "out"))
    assert "out-4" in refused.value.hint
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreError, match="nothing can be written"):
        check(asked(tmp_path / "file"))
    monkeypatch.setattr(place, "why_unfit", lambda *_, **__: "it is called AUX")
    with pytest.raises(UsageError, match="cannot hold a result: it is called AUX"):
        check(asked(tmp_path / "new"))


def test_nothing_asked_says_nothing_and_all_of_it_reaches_the_end() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    for of in range(1, 300):
        assert share(0, of).low == 0.0
        assert share(of, of).high == 1.0
    cell = median([1.0, 2.0, 9.0])
    assert (cell.value, cell.low, cell.high, cell.of) == (2.0, 1.0, 9.0, 3)
    assert median([4.0]) == Cell(value=4.0, of=1), "one sample has no spread"
    assert p_of(0.004) == "p = 0.004"


def test_a_figure_is_told_in_words_that_cannot_be_taken_for_another() -> None:
    column = Column(key="k", title="k", unit="s", digits=1)
    assert wording.formatted(Cell(value=None, of=0), column) == "not observed"
    assert wording.interval(Cell(value=1, low=0.5), column) == "from 0.5"
    assert wording.engine(ENGINE) == "rehearsal engine, no language model (1)"
    assert wording.engine(replace(ENGINE, kind="ollama")) == "Ollama 1"
    model = Model(name="m", digest="sha256:0123456789abcdef", parameter_size="0", quantization="Q4_0")
    assert wording.model(model) == "m, Q4_0, digest 0123456789ab"
    assert wording.model(replace(model, digest=None)).endswith("digest not told")


def test_where_and_when_it_was_measured_is_told_of_few_sittings_and_the_rest_are_counted(tmp_path: Path) -> None:
    sitting = Sitting(
        began_at="2026-11-28T08:00:00Z", ended_at="2026-11-28T09:00:00Z", taken=1, load_before=0.5, load_after=None
    )
    whole = Measuring(Counting(), asked(tmp_path)).result()
    machine = replace(whole.machine, memory_bytes=8 * 1024**3, cores=1)

    def said(count: int) -> dict[str, Any]:
        return dict(wording.facts_lines(replace(whole, machine=machine, sittings=(sitting,) * count)))

    assert "1 core, 8.0 GiB" in said(1)["Machine"]
    assert said(6)["When"].count("1 sample") == 6
    assert "more" not in said(6)["When"]
    assert said(8)["When"].count("1 sample") == 6
    assert said(8)["When"].endswith("and 2 more sittings")
    assert said(1)["Load average"] == "0.50 before"
    assert said(0)["Load average"] == "not told"
