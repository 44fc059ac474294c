"""What is shown of the samples: costs by size, how they grow, and what that gives past what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.bench.results.intervals import SPREAD, median, p95
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Plot, Point, Row, Section, Series, Table
from showcase.bench.scale.arms import ARMS
from showcase.bench.scale.growth import Seen, calculated, fit
from showcase.bench.scale.sample import Scaled
from showcase.bench.scale.worker import ASKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.scale.growth import Growth

PAST = (1_000_000, 10_000_000)
"""Rows that no store here had."""

_MEBIBYTE = 1024 * 1024
_COLUMNS = (
    Column(key="bulk", title="add, in bulk", unit="ms", digits=2),
    Column(key="single", title="add, one row", unit="ms", digits=1),
    Column(key="first", title="first query", unit="ms", digits=0),
    Column(key="opening", title="first query of another user", unit="ms", digits=1),
    Column(key="query", title="query", unit="ms", digits=2),
    Column(key="p95", title="query, 95th percentile", unit="ms", digits=2),
    Column(key="disk", title="disk", unit="MiB", digits=1),
    Column(key="memory", title="memory of the process", unit="MiB", digits=0),
    Column(key="held", title="memory of the store", unit="MiB", digits=1),
    Column(key="recall", title="recall@10", unit="share", digits=1),
    Column(key="foreign", title="rows of other users", unit="rows"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """One of those that grow."""

    key: str
    title: str
    unit: str
    digits: int
    of: Callable[[Scaled], float | None]


_GROWING = (
    _Figure(key="query", title="time of a query", unit="ms", digits=1, of=lambda it: _middle(it.query_ms)),
    _Figure(key="bulk", title="time of a row in bulk", unit="ms", digits=2, of=lambda it: it.bulk_ms),
    _Figure(key="single", title="time of one row", unit="ms", digits=1, of=lambda it: _middle(it.single_ms)),
    _Figure(key="disk", title="disk", unit="MiB", digits=0, of=lambda it: it.disk_bytes / _MEBIBYTE),
    _Figure(key="held", title="memory of the store", unit="MiB", digits=0, of=lambda it: it.held_bytes / _MEBIBYTE),
)
_RECALL = _Figure(
    key="recall", title="recall@10", unit="share", digits=1, of=lambda it: sum(it.recall) / max(1, len(it.recall))
)


def sections(samples: Sequence[Scaled]) -> tuple[Section, ...]:
    """Return all figures of the samples that there are."""
    return (_costs(samples), _growth(samples), _past(samples))


def _costs(samples: Sequence[Scaled]) -> Section:
    tables = [
        Table(
            key=f"rows-{rows}",
            title=f"Stores of {rows:,} rows",
            columns=_COLUMNS,
            rows=tuple(_row(each) for each in samples if each.rows == rows),
            interval=SPREAD,
            notes=(
                "Memory is what a fresh process holds after its queries, its libraries included.",
                "Exact search stores no text, so its disk is that of vectors and ids alone.",
            ),
        )
        for rows in sorted({each.rows for each in samples})
    ]
    foreign = sum(each.foreign for each in samples)
    told = (
        "Nothing was measured."
        if not samples
        else f"Of {sum(each.returned for each in samples):,} rows that were returned {foreign:,} were another user's."
    )
    return Section(
        key="costs",
        title="What each store costs",
        text=(
            (
                "Each store is made anew, in a process of its own: rows of one user after the other, 1,000 at once, "
                "then single ones. A second process opens it and asks."
            ),
            "The vectors are of unit length and lie in clusters; all users speak of the same topics.",
            told,
        ),
        tables=tuple(tables),
        plots=(*_plots(samples, _GROWING[0]), *_plots(samples, _GROWING[3], one=True), *_of_recall(samples)),
    )


def _row(each: Scaled) -> Row:
    recalled = _RECALL.of(each) if each.recall else None
    return Row(
        arm=each.arm,
        group=f"{each.users:,} users of {each.own:,}",
        cells={
            "bulk": Cell(value=each.bulk_ms, of=each.bulked),
            "single": median(each.single_ms),
            "first": Cell(value=each.first_ms, of=1),
            "opening": Cell(value=each.opening_ms, of=0 if each.opening_ms is None else min(ASKING, each.users) - 1),
            "query": median(each.query_ms),
            "p95": p95(each.query_ms),
            "disk": Cell(value=each.disk_bytes / _MEBIBYTE),
            "memory": Cell(value=each.memory_bytes / _MEBIBYTE),
            "held": Cell(value=each.held_bytes / _MEBIBYTE),
            "recall": Cell(value=recalled, low=min(each.recall, default=None), high=max(each.recall, default=None))
            if each.recall
            else UNOBSERVED,
            "foreign": Cell(value=each.foreign, of=each.returned),
        },
    )


def _growth(samples: Sequence[Scaled]) -> Section:
    rows = []
    for figure in _GROWING:
        for arm in ARMS:
            found = fit(_seen(samples, arm, figure))
            rows.append(Row(arm=arm, group=figure.title, cells=_slope(found)))
    return Section(
        key="growth",
        title="How it grows",
        text=(
            (
                "A figure that grows as rows to the power of the slope is a straight line on logarithmic axes: 0 is "
                "no growth, 1 is growth in proportion. The slope is the least squares of the logarithms, one for all "
                "numbers of users, each of which has a height of its own."
            ),
            (
                "A power is a description, not a law: a fixed cost hides the growth of small stores, and then the "
                "slope between the two greatest sizes is the steeper one."
            ),
        ),
        tables=(
            Table(
                key="growth",
                title="Fitted growth with the number of rows",
                columns=(
                    Column(key="slope", title="slope", digits=2),
                    Column(key="r2", title="R²", digits=3),
                    Column(key="last", title="slope between the two greatest sizes", digits=2),
                ),
                rows=tuple(rows),
                interval="95 % interval of the slope, by Student's t",
                notes=("No slope: it was not measured at two sizes. No interval: too few sizes for one.",),
            ),
        ),
    )


def _slope(found: Growth | None) -> dict[str, Cell]:
    if found is None:
        return dict.fromkeys(("slope", "r2", "last"), UNOBSERVED)
    return {
        "slope": Cell(value=found.slope, low=found.low, high=found.high, of=found.points),
        "r2": Cell(value=found.r2, of=found.points),
        "last": Cell(value=found.last),
    }


def _past(samples: Sequence[Scaled]) -> Section:
    columns, rows = [], []
    for figure in _GROWING:
        for count in PAST:
            title = f"{figure.title}, {count // 1_000_000} M rows"
            columns.append(Column(key=f"{figure.key}-{count}", title=title, unit=figure.unit, digits=figure.digits))
    for users in sorted({each.users for each in samples}):
        for arm in ARMS:
            cells = {
                f"{figure.key}-{count}": _paper(_seen(samples, arm, figure), users, count)
                for figure in _GROWING
                for count in PAST
            }
            rows.append(Row(arm=arm, group=f"{users:,} users", cells=cells))
    return Section(
        key="calculated",
        title="Past this machine, on paper",
        text=(
            (
                "None of these stores was made. Each figure is that of the greatest store that was measured with as "
                "many users, continued by the slope above."
            ),
        ),
        tables=(
            Table(
                key="calculated",
                title="Calculated, not measured: larger stores",
                columns=tuple(columns),
                rows=tuple(rows),
                interval="calculated by the least and the greatest of: the ends of the slope's interval, the slope "
                "between the two greatest sizes",
                notes=(
                    "A store that no longer fits into memory is slower than any line from smaller ones says.",
                    "Nothing is calculated from so few sizes that the slope has no interval.",
                ),
            ),
        ),
    )


def _paper(seen: Sequence[Seen], users: int, count: int) -> Cell:
    growth, last = fit(seen), _greatest(seen, users)
    if growth is None or growth.low is None or last is None or last.rows >= count:
        return UNOBSERVED
    value, low, high = calculated(growth, last, count)
    return Cell(value=value, low=low, high=high, of=growth.points)


def _plots(samples: Sequence[Scaled], figure: _Figure, *, one: bool = False) -> list[Plot]:
    """Return a plot for each number of users that was measured at two sizes, or for the one with the most sizes."""
    sizes = {users: len({it.rows for it in samples if it.users == users}) for users in {it.users for it in samples}}
    there = [users for users in sorted(sizes) if sizes[users] > 1]
    if one:
        there = [max(there, key=lambda users: (sizes[users], -users))] if there else []
    return [
        Plot(
            key=f"{figure.key}-{users}",
            title=f"{figure.title[0].upper()}{figure.title[1:]}, {users:,} users",
            x_title="rows of all users",
            y_title=f"{figure.title}, {figure.unit}",
            x_scale="log",
            y_scale="log",
            series=tuple(each for arm in ARMS for each in _lines(_seen(samples, arm, figure), arm, users)),
            notes=("What is dashed is calculated, not measured.",),
        )
        for users in there
    ]


def _lines(seen: Sequence[Seen], arm: str, users: int) -> list[Series]:
    own = [Point(x=each.rows, y=each.value) for each in seen if each.users == users and each.value > 0]
    found = [Series(arm=arm, points=tuple(own))] if own else []
    paper = [(count, _paper(seen, users, count)) for count in PAST]
    points = [
        Point(x=count, y=cell.value, low=cell.low, high=cell.high)
        for count, cell in paper
        if isinstance(cell.value, float)
    ]
    return [*found, Series(arm=arm, points=tuple(points), measured=False)] if points else found


def _of_recall(samples: Sequence[Scaled]) -> list[Plot]:
    by_users = [
        (users, [each for each in samples if each.users == users and each.recall])
        for users in sorted({each.users for each in samples})
    ]
    return [
        Plot(
            key=f"recall-{users}",
            title=f"recall@10 against exact search, {users:,} users",
            x_title="rows of all users",
            y_title="share of the ten nearest that was found",
            x_scale="log",
            series=tuple(
                Series(arm=arm, points=tuple(Point(x=each.rows, y=each.value) for each in seen))
                for arm in ARMS
                if (seen := _seen(some, arm, _RECALL))
            ),
        )
        for users, some in by_users
        if len({each.rows for each in some}) > 1
    ][:1]


def _seen(samples: Sequence[Scaled], arm: str, figure: _Figure) -> list[Seen]:
    return [
        Seen(rows=each.rows, users=each.users, value=value)
        for each in samples
        if each.arm == arm and (value := figure.of(each)) is not None
    ]


def _greatest(seen: Sequence[Seen], users: int) -> Seen | None:
    return max((each for each in seen if each.users == users and each.value > 0), key=lambda it: it.rows, default=None)


def _middle(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
