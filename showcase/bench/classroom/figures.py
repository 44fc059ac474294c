"""What is shown of classes: how long each participant waited, whose memories they saw, and larger ones on paper."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.bench.results.intervals import SPREAD, median, p95, share
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Plot, Point, Row, Section, Series, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.classroom.sample import Taught

PAPER = (200, 10_000)
"""Sizes of classes that were not held."""

PAUSE_S = 30.0
"""Seconds between two questions of one person, who reads an answer and thinks."""

TOLD = 100
"""Memories of a person on paper: a course of some days."""

FULL = 0.7
"""Share of what the store can do from which on waiting grows without bound for small bursts: the mean wait of a queue
is 1/(1 - share) times the service (M/M/1; L. Kleinrock, Queueing Systems, volume 1, 1975), 3.3 times here."""

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A class on paper.

    Attributes:
        size: Persons.
        asked_s: Questions a second of all of them.
        used: The share of what was measured that this is.
        rows: Memories of all of them.
        size_bytes: What those take, None where the engine does not tell.
    """

    size: int
    asked_s: float
    used: float
    rows: int
    size_bytes: float | None


def on_paper(taught: Taught, size: int) -> Paper | None:
    """Return what a class of `size` asks of the store, by what a class got of it; None where that got nothing."""
    done = sum(len(each.search_ms) for each in taught.participants)
    if not done or not taught.asking_s:
        return None
    asked_s = size / PAUSE_S
    planted = taught.whole + taught.lost
    row = None if taught.grown_bytes is None or not planted else taught.grown_bytes / planted
    rows = size * TOLD
    return Paper(
        size=size,
        asked_s=asked_s,
        used=asked_s / (done / taught.asking_s),
        rows=rows,
        size_bytes=None if row is None else row * rows,
    )


def sections(arm: str, samples: Sequence[Taught]) -> tuple[Section, ...]:
    """Return all figures of the samples that there are."""
    return (_waiting(arm, samples), _keeping(arm, samples), _paper(arm, samples))


def _waiting(arm: str, samples: Sequence[Taught]) -> Section:
    columns = (
        Column(key="at_once", title="processes at once", unit="processes"),
        Column(key="opened", title="opening the store", unit="s", digits=2),
        Column(key="add", title="add", unit="ms", digits=1),
        Column(key="add95", title="add, 95th percentile", unit="ms", digits=1),
        Column(key="search", title="search", unit="ms", digits=1),
        Column(key="search95", title="search, 95th percentile", unit="ms", digits=1),
        Column(key="embedding", title="of both, waiting for the model server", unit="ms", digits=1),
        Column(key="adds", title="adds a second, all together", digits=1),
        Column(key="searches", title="searches a second, all together", digits=1),
        Column(key="memory", title="memory of a participant", unit="MiB"),
    )
    return Section(
        key="waiting",
        title="What each participant waits",
        text=(
            (
                "Every participant is a process of its own with stock mem0: all plant at once, then all ask at once, "
                "nobody pauses. So a class of twenty does what some hundreds do who read and think in between."
            ),
        ),
        tables=(
            Table(
                key="waiting",
                title="Time of an operation by the size of the class",
                columns=columns,
                rows=tuple(Row(arm=arm, group=_called(each), cells=_waited(each)) for each in samples),
                interval=SPREAD,
            ),
        ),
        plots=_plots(arm, samples),
    )


def _waited(each: Taught) -> dict[str, Cell]:
    adds = [took for one in each.participants for took in one.add_ms]
    searches = [took for one in each.participants for took in one.search_ms]
    return {
        "at_once": Cell(value=each.at_once, of=each.size),
        "opened": median(one.opened_s for one in each.participants if not one.fault),
        "add": median(adds),
        "add95": p95(adds),
        "search": median(searches),
        "search95": p95(searches),
        "embedding": median(took for one in each.participants for took in one.embed_ms),
        "adds": Cell(value=len(adds) / each.planting_s, of=len(adds)) if adds and each.planting_s else UNOBSERVED,
        "searches": (
            Cell(value=len(searches) / each.asking_s, of=len(searches)) if searches and each.asking_s else UNOBSERVED
        ),
        "memory": median(one.memory_bytes / _MEBIBYTE for one in each.participants if not one.fault),
    }


def _keeping(arm: str, samples: Sequence[Taught]) -> Section:
    columns = (
        Column(key="planted", title="planted", unit="rows"),
        Column(key="whole", title="there as planted", unit="share", digits=1),
        Column(key="own", title="in their owner's list", unit="share", digits=1),
        Column(key="found", title="found by its question", unit="share", digits=1),
        Column(key="foreign", title="rows of others that somebody got", unit="rows"),
        Column(key="strange", title="rows that nobody planted", unit="rows"),
        Column(key="failed", title="participants that failed", unit="processes"),
        Column(key="row", title="disk a row", unit="KiB", digits=1),
    )
    foreign = sum(each.foreign for each in samples)
    got = sum(len(one.search_ms) for each in samples for one in each.participants)
    faults = [fault for each in samples for fault in each.faults]
    return Section(
        key="keeping",
        title="Whether every memory is there, and its owner's alone",
        text=(
            "Nothing was asked." if not got else f"In {got:,} searches and all lists, {foreign:,} rows were another's.",
            *(("What ended participants early: " + "; ".join(dict.fromkeys(faults[:3])),) if faults else ()),
        ),
        tables=(
            Table(
                key="keeping",
                title="Every planted memory, looked for at the end",
                columns=columns,
                rows=tuple(Row(arm=arm, group=_called(each), cells=_kept(each)) for each in samples),
                interval="95 % Wilson interval",
                notes=(
                    "Planted is what its participant was told is stored; one that failed may have planted less.",
                    (
                        "A reader without mem0 and without a filter looked for every row; lists and searches are "
                        "mem0's own answers to each participant."
                    ),
                    "Found by its question says more of the embedding model than of the store.",
                ),
            ),
        ),
    )


def _kept(each: Taught) -> dict[str, Cell]:
    planted = each.whole + each.lost
    asked = sum(len(one.search_ms) for one in each.participants)
    grown = each.grown_bytes
    return {
        "planted": Cell(value=planted),
        "whole": share(each.whole, planted),
        "own": share(sum(one.own for one in each.participants), planted),
        "found": share(sum(one.found for one in each.participants), asked),
        "foreign": Cell(value=each.foreign, of=asked) if asked else UNOBSERVED,
        "strange": Cell(value=each.strange),
        "failed": Cell(value=len(each.faults), of=each.size),
        "row": UNOBSERVED if grown is None or not planted else Cell(value=grown / planted / 1024, of=planted),
    }


def _paper(arm: str, samples: Sequence[Taught]) -> Section:
    largest = max(samples, key=lambda it: it.size, default=None)
    found = [] if largest is None else [paper for size in PAPER if (paper := on_paper(largest, size)) is not None]
    return Section(
        key="calculated",
        title="Larger classes, on paper",
        text=(
            (
                f"None of these classes was held. Each person asks once in {PAUSE_S:g} s and has {TOLD} memories. What "
                "the store can do is what it did for the largest class here, on a machine that it shared with that "
                f"class; past {FULL:.0%} of it small bursts make everybody wait: it takes another machine, or several."
            ),
            (
                "It is assumed that an operation costs as much with the rows of all as with those of the class here. "
                "`showcase bench scale` and `showcase bench stores` measure how far that holds."
            ),
        ),
        tables=(
            Table(
                key="calculated",
                title="Calculated, not measured: what a class asks of the store",
                columns=(
                    Column(key="asked", title="questions a second", digits=1),
                    Column(key="used", title="share of what this machine did", unit="share"),
                    Column(key="fits", title=f"below {FULL:.0%} of it"),
                    Column(key="rows", title="memories", unit="rows"),
                    Column(key="size", title="disk", unit="MiB"),
                ),
                rows=tuple(
                    Row(
                        arm=arm,
                        group=f"{each.size:,} persons",
                        cells={
                            "asked": Cell(value=each.asked_s),
                            "used": Cell(value=each.used),
                            "fits": Cell(value=each.used < FULL),
                            "rows": Cell(value=each.rows),
                            "size": UNOBSERVED if each.size_bytes is None else Cell(value=each.size_bytes / _MEBIBYTE),
                        },
                    )
                    for each in found
                ),
            ),
        ),
    )


def _plots(arm: str, samples: Sequence[Taught]) -> tuple[Plot, ...]:
    lines = []
    for name, of in (("search", "search_ms"), ("add", "add_ms")):
        points = []
        for each in samples:
            took = [ms for one in each.participants for ms in getattr(one, of)]
            if took:
                points.append(Point(x=each.size, y=statistics.median(took), low=min(took), high=max(took)))
        if points:
            lines.append(Series(arm=f"{arm}, {name}", points=tuple(points)))
    if len(samples) < 2 or not lines:  # noqa: PLR2004 - one size is no line
        return ()
    return (
        Plot(
            key="waiting",
            title="Time of an operation as the class grows",
            x_title="processes at once",
            y_title="median, ms",
            y_scale="log",
            series=tuple(lines),
        ),
    )


def _called(each: Taught) -> str:
    return f"{each.size} at once" if each.size > 1 else "1 alone"
