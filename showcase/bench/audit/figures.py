"""What is shown of the samples: what is caught, and what watching adds to a connect, a start, a program and a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.bench.audit.plan import (
    CONNECTING,
    FLOWING,
    LIFETIMES_MS,
    LOOKING,
    NOBODY,
    RATES,
    RUNNING,
    STARTING,
    WATCHING,
)
from showcase.bench.results.intervals import SPREAD, WILSON, median, share
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Plot, Point, Row, Section, Series, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.bench.audit.plan import Plan
    from showcase.bench.audit.sample import Connects, Spent, Taken

_OTHERS = tuple(who for who in WATCHING if who != NOBODY)


def sections(plan: Plan, samples: Mapping[str, Taken]) -> tuple[Section, ...]:
    """Return all figures of the samples that there are."""
    spent = {step: each.spent for step, each in samples.items() if each.spent is not None}
    connects = {step: each.connects for step, each in samples.items() if each.connects is not None}
    return (
        _caught(plan, samples),
        _connects(plan, connects),
        _starts(plan, spent),
        _watching(plan, spent),
        _runs(plan, spent),
    )


def _caught(plan: Plan, samples: Mapping[str, Taken]) -> Section:
    cells: dict[str, dict[int, Cell]] = {arm: {} for arm in plan.there(LOOKING)}
    for lifetime in LIFETIMES_MS:
        taken = samples.get(f"caught/{lifetime}")
        seen = None if taken is None else taken.caught
        for arm, row in cells.items():
            row[lifetime] = UNOBSERVED if seen is None else share(seen.by.get(arm, 0), seen.planted)
    return Section(
        key="caught",
        title="What is caught",
        text=("Connections to listeners of their own, planted by one process under all watchers at once.",),
        tables=(
            Table(
                key="caught",
                title="Connections caught, by how long each lived",
                columns=tuple(
                    Column(key=f"ms_{lifetime}", title=f"{lifetime} ms", unit="share") for lifetime in LIFETIMES_MS
                ),
                rows=_rows("ms", cells),
                interval=WILSON,
                notes=plan.skipped(LOOKING),
            ),
        ),
        plots=_plot(
            Plot(
                key="caught-by-lifetime",
                title="Connections caught, by how long each lived",
                x_title="lifetime of a connection, ms",
                y_title="share that was caught",
                series=_series(cells),
            )
        ),
    )


def _connects(plan: Plan, taken: Mapping[str, Connects]) -> Section:
    rows = []
    for way in plan.there(CONNECTING):
        rounds = [(taken.get(step), taken.get(alone)) for step, alone in _pairs("connect", way, NOBODY, plan.rounds)]
        mine = [each for each, _ in rounds if each is not None]
        cells = {"median": median([each.median_us for each in mine]), "p99": median([each.p99_us for each in mine])}
        cells["ratio"] = median([each.median_us / alone.median_us for each, alone in rounds if each and alone])
        rows.append(Row(arm=way, cells=cells))
    return Section(
        key="connect",
        title="What is added to a connect",
        text=(f"Rounds of {plan.connects:,} connects to a listener on loopback, each way once a round.",),
        tables=(
            Table(
                key="connect",
                title="Time of one connect, medians of the rounds",
                columns=(
                    Column(key="median", title="median", unit="µs", digits=0),
                    Column(key="p99", title="99th percentile", unit="µs", digits=0),
                    Column(key="ratio", title="times the median unwatched", digits=2),
                ),
                rows=tuple(rows),
                interval=SPREAD,
                notes=plan.skipped(CONNECTING),
            ),
        ),
    )


def _starts(plan: Plan, spent: Mapping[str, Spent]) -> Section:
    rows = []
    for way in plan.there(STARTING):
        pairs = _both(spent, _pairs("start", way, "bare", plan.starts))
        mine = [each.seconds * 1000 for step, each in spent.items() if step.startswith(f"start/{way}/")]
        cells = {"ms": median(mine), "ratio": median([each.seconds / bare.seconds for each, bare in pairs])}
        rows.append(Row(arm=way, cells=cells))
    return Section(
        key="start",
        title="What is added to a start",
        text=("A Python that does nothing is started and ends, each way in turn.",),
        tables=(
            Table(
                key="start",
                title="Time of a process that does nothing, median",
                columns=(
                    Column(key="ms", title="time", unit="ms", digits=0),
                    Column(key="ratio", title="times that of a bare one", digits=2),
                ),
                rows=tuple(rows),
                interval=SPREAD,
                notes=plan.skipped(STARTING),
            ),
        ),
    )


def _watching(plan: Plan, spent: Mapping[str, Spent]) -> Section:
    title = "What the watchers use"
    if not plan.seconds:
        return Section(key="watch", title=title, text=("Skipped: --seconds 0 asks for no time to watch in.",))
    cells: dict[str, dict[int, Cell]] = {who: {} for who in plan.there(_OTHERS)}
    for rate in RATES:
        alone = spent.get(f"watch/{rate}/{NOBODY}")
        for who, row in cells.items():
            mine = spent.get(f"watch/{rate}/{who}")
            if mine is None or alone is None:
                row[rate] = UNOBSERVED
            else:
                row[rate] = Cell(value=max(0.0, (mine.cpu_s - alone.cpu_s) / plan.seconds), of=1)
    return Section(
        key="watch",
        title=title,
        text=(
            (
                f"A program connects at each rate for {plan.seconds:g} s under each watcher; what it and this program "
                "use while nobody watches is taken off."
            ),
            "Less than the start of a watcher, some tens of ms of those seconds, is not told from nothing.",
        ),
        tables=(
            Table(
                key="watch",
                title="Processor time of the watchers, of one core, beyond the program's own",
                columns=tuple(
                    Column(key=f"rate_{rate}", title=f"{rate:,} connects/s" if rate else "idle", unit="share", digits=1)
                    for rate in RATES
                ),
                rows=_rows("rate", cells),
                notes=plan.skipped(_OTHERS),
            ),
        ),
        plots=_plot(
            Plot(
                key="watch-by-rate",
                title="Processor time of the watchers, by how often the program connects",
                x_title="connects a second",
                y_title="share of one core",
                series=_series(cells),
            )
        ),
    )


def _runs(plan: Plan, spent: Mapping[str, Spent]) -> Section:
    title = "What is added to a whole run"
    if not plan.pairs:
        return Section(key="runs", title=title, text=("Skipped: no pairs of whole runs were asked for (--pairs).",))
    return Section(
        key="runs",
        title=title,
        text=("On the rehearsal engine, in turn. A ratio is of the two of a pair: the machine's mood touches both.",),
        tables=(
            _compared(plan, spent, "run", RUNNING, title="Whole runs, watched by every witness and by none"),
            _compared(plan, spent, "flow", FLOWING[::-1], title="A whole run, and the same calls of mem0 bare"),
        ),
    )


def _compared(plan: Plan, spent: Mapping[str, Spent], kind: str, arms: tuple[str, str], *, title: str) -> Table:
    """Return both arms of the pairs, of which the second does less: ratios are to it."""
    less = arms[1]
    rows = []
    for arm in arms:
        pairs = _both(spent, _pairs(kind, arm, less, plan.pairs))
        mine = [each for step, each in spent.items() if step.startswith(f"{kind}/{arm}/")]
        cells = {
            "seconds": median([each.seconds for each in mine]),
            "cpu": median([each.cpu_s for each in mine]),
            "ratio": median([one.seconds / other.seconds for one, other in pairs]),
            "cpu_ratio": median([one.cpu_s / other.cpu_s for one, other in pairs if other.cpu_s]),
        }
        rows.append(Row(arm=arm, cells=cells))
    return Table(
        key=kind,
        title=title,
        columns=(
            Column(key="seconds", title="time", unit="s", digits=2),
            Column(key="cpu", title="processor time", unit="s", digits=2),
            Column(key="ratio", title=f"time, times {less}", digits=2),
            Column(key="cpu_ratio", title=f"processor time, times {less}", digits=2),
        ),
        rows=tuple(rows),
        interval=SPREAD,
    )


def _pairs(kind: str, arm: str, other: str, count: int) -> list[tuple[str, str]]:
    return [(f"{kind}/{arm}/{number}", f"{kind}/{other}/{number}") for number in range(count)]


def _both(spent: Mapping[str, Spent], steps: Sequence[tuple[str, str]]) -> list[tuple[Spent, Spent]]:
    """Return the pairs of which both were taken."""
    return [(spent[one], spent[other]) for one, other in steps if one in spent and other in spent]


def _rows(measured: str, cells: Mapping[str, Mapping[int, Cell]]) -> tuple[Row, ...]:
    """Return the rows of what was measured at several numbers, such as lifetimes or rates."""
    return tuple(
        Row(arm=arm, cells={f"{measured}_{number}": cell for number, cell in row.items()}) for arm, row in cells.items()
    )


def _series(cells: Mapping[str, Mapping[int, Cell]]) -> tuple[Series, ...]:
    found = []
    for arm, row in cells.items():
        points = tuple(
            Point(x=x, y=float(cell.value), low=cell.low, high=cell.high)
            for x, cell in sorted(row.items())
            if isinstance(cell.value, (int, float))
        )
        if points:
            found.append(Series(arm=arm, points=points))
    return tuple(found)


def _plot(plot: Plot) -> tuple[Plot, ...]:
    return (plot,) if plot.series else ()
