"""What became of facts that a chat model extracted memories from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.bench.answers.judging import used
from showcase.bench.results.intervals import SPREAD, WILSON, median, share_of
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Row, Section, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.bench.answers.samples import Answered

_KEPT = (
    Column(key="survived", title="facts that a memory holds", unit="share"),
    Column(key="none", title="facts that left no memory", unit="share"),
    Column(key="holding", title="memories that hold a fact", unit="share"),
    Column(key="failed", title="replies that mem0 failed over", unit="share"),
    Column(key="whole", title="prompts read whole", unit="share"),
)
_MADE = (
    Column(key="rows", title="memories of a person"),
    Column(key="store_s", title="a fact", unit="s", digits=1),
)


def sections(taken: Mapping[str, Sequence[Answered]]) -> tuple[Section, ...]:
    """Return the figures, by who extracted; nothing where nobody did."""
    if not any(taken.values()):
        return ()
    return (
        Section(
            key="extracting",
            title="What became of the facts",
            text=(
                (
                    "A memory holds a fact where it has two words of it that say something, or all where there are "
                    "fewer: what it means by them is not judged."
                ),
                *(_told(name, samples) for name, samples in taken.items() if samples),
            ),
            tables=(
                Table(
                    key="kept",
                    title="Facts and memories",
                    columns=_KEPT,
                    rows=tuple(Row(arm=name, cells=_kept(samples)) for name, samples in taken.items()),
                    interval=WILSON,
                ),
                Table(
                    key="made",
                    title="How many memories are made, and how long that takes",
                    columns=_MADE,
                    rows=tuple(Row(arm=name, cells=_made(samples)) for name, samples in taken.items()),
                    interval=SPREAD,
                ),
            ),
        ),
    )


def _told(name: str, samples: Sequence[Answered]) -> str:
    facts = sum(len(each.extractions) for each in samples)
    rows = sum(len(each.rows) for each in samples)
    memories = f"{rows} {'memory' if rows == 1 else 'memories'}"
    return f"{name}: {facts} facts, {memories}; {sum(_survived(samples))} facts survived."


def _survived(samples: Sequence[Answered]) -> list[bool]:
    return [any(used((each.fact,), row) for row in sample.rows) for sample in samples for each in sample.extractions]


def _kept(samples: Sequence[Answered]) -> dict[str, Cell]:
    each = [extraction for sample in samples for extraction in sample.extractions]
    outcomes = [one.outcome for one in each if one.outcome is not None]
    return {
        "survived": share_of(_survived(samples)),
        "none": share_of(not one.added for one in each),
        "holding": share_of(
            bool(used([one.fact for one in sample.extractions], row)) for sample in samples for row in sample.rows
        ),
        "failed": share_of(bool(one.failed) for one in each),
        "whole": share_of(outcome == "whole" for outcome in outcomes) if outcomes else UNOBSERVED,
    }


def _made(samples: Sequence[Answered]) -> dict[str, Cell]:
    return {
        "rows": median(float(len(sample.rows)) for sample in samples),
        "store_s": median(one.store_s for sample in samples for one in sample.extractions),
    }
