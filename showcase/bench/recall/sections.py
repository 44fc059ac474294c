"""The figures of all arms as tables and a plot: a pure function of the set and of the passes that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from showcase.bench.recall import figures
from showcase.bench.recall.arms import ARMS
from showcase.bench.recall.asked import AT_MOST, KINDS
from showcase.bench.recall.costs import cost, determinism, isolation
from showcase.bench.recall.figures import BOOTSTRAP, Judged, percent
from showcase.bench.recall.restraint import abstention, staleness
from showcase.bench.results.intervals import P_DIGITS, WILSON, share, share_of
from showcase.bench.results.result import Cell, Column, Plot, Point, Row, Section, Series, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.bench.recall.asked import RecallSet
    from showcase.bench.recall.taking import Pass

EXACT = "exact-cosine"


class Seen(NamedTuple):
    """What there is of an arm: its passes by their number, and the first of them beside the questions."""

    arm: str
    passes: Mapping[int, Pass]
    judged: tuple[Judged, ...]

    @property
    def skipped(self) -> str:
        """Why it was not measured; empty where it was, or was not yet."""
        return next((each.skipped for each in self.passes.values() if each.skipped), "")


def sections(some: RecallSet, arms: Sequence[str], samples: Mapping[str, Pass]) -> tuple[Section, ...]:
    """Return the figures.

    Args:
        some: The set.
        arms: Those that were planned.
        samples: Passes, under `1/ARM` and `2/ARM`.
    """
    seen = []
    for arm in arms:
        passes = {number: samples[f"{number}/{arm}"] for number in (1, 2) if f"{number}/{arm}" in samples}
        first = passes[min(passes)].answered if passes else ()
        seen.append(Seen(arm, passes, figures.judged(some, first)))
    found: tuple[Section, ...] = (_retrieval(some, seen), _kinds(some, seen), _tests(seen), abstention(seen))
    if any(each.stale for each in some.asked):
        found = (*found, staleness(seen, made=some.origin == "made"))
    return (*found, isolation(seen), cost(some, seen), determinism(seen))


def _answerable(each: Seen) -> list[Judged]:
    return [one for one in each.judged if one.right]


def _retrieval(some: RecallSet, seen: Sequence[Seen]) -> Section:
    rows = []
    for each in seen:
        ours = _answerable(each)
        cells = {
            f"recall{k}": figures.mean([figures.recall(one.answer.rows, one.right, k) for one in ours])
            for k in (1, 5, 10)
        }
        cells["mrr"] = figures.mean([figures.reciprocal_rank(one.answer.rows, one.right) for one in ours])
        if each.skipped:
            cells["recall1"] = Cell(value=None, of=0, note=each.skipped)
        rows.append(Row(arm=each.arm, cells=cells))
    complete = [
        Row(
            arm=each.arm,
            cells={
                "complete": share_of(one.complete for one in _answerable(each)),
                "prompt": share_of(one.answer.shown_right == len(one.right) for one in _answerable(each)),
                "precision": _precision(each),
            },
        )
        for each in seen
    ]
    curves = tuple(
        Series(
            arm=each.arm,
            points=tuple(
                Point(x=k, y=sum(figures.recall(one.answer.rows, one.right, k) for one in ours) / len(ours))
                for k in range(1, AT_MOST + 1)
            ),
        )
        for each in seen
        if (ours := _answerable(each))
    )
    return Section(
        key="retrieval",
        title="Are the rows found that a question needs?",
        text=(
            (
                f"Of the {sum(bool(each.right) for each in some.asked)} questions that have an answer. recall@k is "
                "the share of the rows a question needs that are among the first k, MRR the mean of 1 / the place "
                "of the first of them. A question that needs two rows reaches recall@1 of 50 % at most."
            ),
            _of_the_widest(some),
        ),
        tables=(
            Table(
                key="recall",
                title="Recall and mean reciprocal rank",
                columns=(
                    percent("recall1", "recall@1"),
                    percent("recall5", "recall@5"),
                    percent("recall10", "recall@10"),
                    Column(key="mrr", title="MRR", digits=3),
                ),
                rows=tuple(rows),
                interval=BOOTSTRAP,
                notes=tuple(f"{each.arm} was not measured: {each.skipped}." for each in seen if each.skipped),
            ),
            Table(
                key="complete",
                title="All that a question needs, among the first five rows and in the prompt",
                columns=(
                    percent("complete", "all needed rows in the first 5"),
                    percent("prompt", "all needed rows in the prompt"),
                    percent("precision", "rows of the prompt that are needed"),
                ),
                rows=tuple(complete),
                interval=f"{WILSON}; rows of one prompt are not independent, so that the last column's is too narrow",
                notes=("The prompt of history and everything holds all their rows, that of another arm the first 5.",),
            ),
        ),
        plots=(
            Plot(
                key="recall-at-k",
                title="Recall by the number of rows taken",
                x_title="rows taken, k",
                y_title="recall@k, 0 to 1",
                series=curves,
            ),
        ),
    )


def _of_the_widest(some: RecallSet) -> str:
    smallest = min(len(each) for each in some.of_user.values())
    told = f"{AT_MOST} rows are {some.widest:.0%} of the {smallest} rows of the smallest store of a user"
    if some.trustworthy:
        return f"{told}: below the fifth from which on returning much would be finding much."
    return f"{told}: a fifth or more, so that recall@10 says little; an arm that returns much finds much."


def _precision(each: Seen) -> Cell:
    return share(
        sum(one.answer.shown_right for one in each.judged),
        sum(one.answer.shown for one in each.judged),
    )


def _kinds(some: RecallSet, seen: Sequence[Seen]) -> Section:
    kinds = list(dict.fromkeys(each.kind for each in some.asked if each.right))
    rows = [
        Row(
            arm=each.arm,
            group=KINDS.get(kind, kind),
            cells={
                "recall5": figures.mean([figures.recall(one.answer.rows, one.right, 5) for one in ours]),
                "complete": Cell(value=sum(one.complete for one in ours) if ours else None, of=len(ours)),
            },
        )
        for kind in kinds
        for each in seen
        for ours in ([one for one in _answerable(each) if one.asked.kind == kind],)
    ]
    return Section(
        key="kinds",
        title="By the kind of question",
        tables=(
            Table(
                key="by-kind",
                title="recall@5, and how many questions have all they need among the first five",
                columns=(
                    percent("recall5", "recall@5"),
                    Column(key="complete", title="all needed rows in the first 5", unit="questions"),
                ),
                rows=tuple(rows),
                interval=BOOTSTRAP,
            ),
        ),
    )


def _tests(seen: Sequence[Seen]) -> Section:
    exact = next((each for each in seen if each.arm == EXACT and each.judged), None)
    pairs = {
        each.arm: figures.against(each.judged, exact.judged)
        for each in seen
        if exact is not None and each.judged and each.arm != EXACT
    }
    p_values = figures.tests(pairs)
    rows = [
        Row(
            arm=arm,
            cells={
                "one": Cell(value=one, of=of),
                "other": Cell(value=other, of=of),
                "p": Cell(value=p_values[arm][0], of=of),
                "holm": Cell(value=p_values[arm][1], of=of),
            },
        )
        for arm, (of, one, other) in pairs.items()
    ]
    return Section(
        key="tests",
        title="Is the difference to exact search more than chance?",
        text=(
            (
                f"Each arm against {EXACT} on the same questions: complete among the first five by the one alone, "
                f"or by the other alone. McNemar's exact test, two-sided, and corrected for the {len(pairs)} tests "
                "after Holm."
            ),
        ),
        tables=(
            Table(
                key="against-exact",
                title=f"{ARMS[EXACT].capitalize()}, against the others",
                columns=(
                    Column(key="one", title="complete with this arm alone", unit="questions"),
                    Column(key="other", title=f"complete with {EXACT} alone", unit="questions"),
                    Column(key="p", title="McNemar's p", digits=P_DIGITS),
                    Column(key="holm", title="the same after Holm", digits=P_DIGITS),
                ),
                rows=tuple(rows),
            ),
        ),
    )
