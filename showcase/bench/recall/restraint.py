"""Whether an arm holds back: where there is no answer, and with what is no longer true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.bench.recall import figures
from showcase.bench.recall.figures import percent
from showcase.bench.results.intervals import WILSON, share, share_of
from showcase.bench.results.result import Cell, Column, Row, Section, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.recall.sections import Seen


_BY_WORDS_ALONE = (
    "Of each person one old row is shorter than the new one, and one is longer: BM25 puts the shorter of two first "
    "that have the same words of the question, and so 50 % is what words alone give."
)


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
                title="Precision and recall of abstaining from what was never told, or told by somebody else",
                columns=(
                    percent("precision", "abstentions that are right"),
                    percent("recall", "unanswerable questions refused"),
                    percent("kept", "answerable questions not refused"),
                    Column(key="auroc", title="AUROC", digits=3),
                    Column(key="one", title="threshold by the first half", digits=3),
                    Column(key="other", title="threshold by the second half", digits=3),
                ),
                rows=tuple(rows),
                interval=WILSON,
                notes=("mem0 and Chroma are held against the cosine of the nearest row, BM25 against its own score.",),
            ),
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
        cells = {
            "above": share_of(one.stale_above for one in ours),
            "shown": share_of(bool(one.stale & set(one.answer.rows[:5])) for one in ours),
        }
        rows.append(Row(arm=each.arm, cells=cells))
    return Section(
        key="staleness",
        title="What is ranked after an update?",
        text=("Of the questions about what has changed. Both rows are kept: a store without extraction forgets none.",),
        tables=(
            Table(
                key="staleness",
                title="The value that was right once",
                columns=(
                    percent("above", "old value ranked above the new one"),
                    percent("shown", "old value in the first 5"),
                ),
                rows=tuple(rows),
                interval=WILSON,
                notes=(
                    "An arm that finds neither has none above the other: read it beside recall.",
                    *([_BY_WORDS_ALONE] if made else []),
                ),
            ),
        ),
    )
