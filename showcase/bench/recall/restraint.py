"""Whether an arm holds back: where there is no answer, and with what is no longer true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.bench.recall import figures
from showcase.bench.results.intervals import WILSON, share
from showcase.bench.results.result import Cell, Column, Row, Section, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.recall.sections import Seen

_PERCENT = 1


def abstention(seen: Sequence[Seen]) -> Section:
    """Return how well each arm tells that there is no answer."""
    rows = []
    for each in seen:
        found = figures.abstention(each.judged)
        of = found.asked
        rows.append(
            Row(
                arm=each.arm,
                cells={
                    "precision": share(found.rightly, found.abstained),
                    "recall": share(found.rightly, found.unanswerable),
                    "kept": share(of - found.unanswerable - (found.abstained - found.rightly), of - found.unanswerable),
                    "auroc": Cell(value=found.auroc, of=of),
                    "one": Cell(value=found.thresholds[0], of=of),
                    "other": Cell(value=found.thresholds[1], of=of),
                },
            )
        )
    return Section(
        key="abstention",
        title="Is it told that there is no answer?",
        text=(
            (
                "An arm abstains where it returns no row, or where its best score lies below a threshold. The "
                "questions are in two halves, by a hash of their ids; each half is judged by the threshold that "
                "the other half alone decides (Youden's index). An arm without a score never abstains otherwise."
            ),
        ),
        tables=(
            Table(
                key="abstention",
                title="Abstaining from what was never told, or by somebody else",
                columns=(
                    Column(key="precision", title="precision", unit="share", digits=_PERCENT),
                    Column(key="recall", title="recall", unit="share", digits=_PERCENT),
                    Column(key="kept", title="of the others not refused", unit="share", digits=_PERCENT),
                    Column(key="auroc", title="AUROC", digits=3),
                    Column(key="one", title="threshold of half 0", digits=3),
                    Column(key="other", title="of half 1", digits=3),
                ),
                rows=tuple(rows),
                interval=WILSON,
                notes=("mem0 and Chroma are held against the cosine of the nearest row, BM25 against its own score.",),
            ),
        ),
    )


def _notes(*, made: bool) -> tuple[str, ...]:
    if not made:
        return ()
    return (
        (
            "Of each person one old row is shorter than the new one, and one is longer: BM25 puts the shorter of two "
            "first that have the same words of the question, and so 50 % is what words alone give."
        ),
    )


def staleness(seen: Sequence[Seen], *, made: bool) -> Section:
    """Return what each arm makes of a value that has changed.

    Args:
        seen: What there is of each arm.
        made: Whether the rows are ours, so that their lengths are known.
    """
    rows = []
    for each in seen:
        ours = [one for one in each.judged if one.stale]
        above = sum(one.stale_above for one in ours)
        both = sum(bool(one.stale & set(one.answer.rows[:5])) for one in ours)
        rows.append(Row(arm=each.arm, cells={"above": share(above, len(ours)), "shown": share(both, len(ours))}))
    return Section(
        key="staleness",
        title="What is ranked after an update?",
        text=("Of the questions about what has changed. Both rows are kept: a store without extraction forgets none.",),
        tables=(
            Table(
                key="staleness",
                title="The value that was right once",
                columns=(
                    Column(key="above", title="stale above the new", unit="share", digits=_PERCENT),
                    Column(key="shown", title="stale in the first 5", unit="share", digits=_PERCENT),
                ),
                rows=tuple(rows),
                interval=WILSON,
                notes=(
                    "An arm that finds neither has none above the other: read it beside recall.",
                    *_notes(made=made),
                ),
            ),
        ),
    )
