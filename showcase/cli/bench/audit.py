"""`showcase bench audit`: what watching catches and what it costs."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.audit import CatchRate, ConnectCost, RunCost, StartCost
    from showcase.bench.flow import Comparison
    from showcase.bench.watchers import WatchCost


@click.command()
@click.option("--planted", type=click.IntRange(1, 500), default=40, show_default=True, help="Connections a lifetime.")
@click.option("--connects", type=click.IntRange(100, 4000), default=2000, show_default=True, help="Connects to time.")
@click.option(
    "--pairs", type=click.IntRange(0, 50), default=5, show_default=True, help="Pairs of whole runs; 0 for none."
)
@click.option(
    "--seconds", type=click.FloatRange(0, 60), default=5, show_default=True, help="How long each watcher is timed."
)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def audit(planted: int, connects: int, pairs: int, seconds: float, *, as_json: bool) -> None:
    """Catch rate by lifetime of a connection, time added to a connect, to a start and to a whole run.

    Also what the watchers use while they watch, and a whole run against the same calls in three bare processes.

    A psutil loop of 50 ms, a loop of lsof and strace are measured beside our witnesses, where they are there.

    \b
    Examples:
      showcase bench audit
      showcase bench audit --planted 100 --pairs 0
    """  # noqa: D301 - click reads the backspace
    from showcase.bench import audit as measure  # noqa: PLC0415 - `--help` measures nothing
    from showcase.bench.flow import compare  # noqa: PLC0415 - likewise
    from showcase.bench.watchers import watch_costs  # noqa: PLC0415 - likewise
    from showcase.cli.bench.asking import Counter  # noqa: PLC0415 - likewise

    counter = Counter("measuring")
    counter.show("which connections are caught")
    rates = measure.catch_rates(planted)
    counter.show("what is added to a connect")
    costs = measure.connect_costs(connects)
    counter.show("what is added to a start")
    start = measure.start_cost(11)
    counter.show("what the watchers use")
    watching = watch_costs(seconds) if seconds else []
    counter.show(f"{pairs} pairs of whole runs, watched and not")
    run = measure.run_cost(pairs) if pairs else None
    counter.show(f"{pairs} pairs of whole runs and bare ones")
    flow = compare(pairs) if pairs else None
    counter.end()
    if as_json:
        click.echo(json.dumps(_document(rates, costs, start, run) | _of_watching(watching, flow), indent=2))
        return
    _print_rates(rates)
    _print_costs(costs)
    if start is not None:
        sealed = "" if start.sealed_ms is None else f", sealed {start.sealed_ms:.0f} ms"
        click.echo(
            f"\nA process that does nothing: bare {start.bare_ms:.0f} ms, watched {start.watched_ms:.0f} ms{sealed}"
        )
    _print_watching(watching)
    if run is not None and flow is not None:
        click.echo(f"\nWhole runs, medians of {pairs} pairs with the least and the most, in turn:")
        click.echo(f"watched / unwatched, time                  {_spread(run.ratios)}")
        click.echo(f"watched / unwatched, processor time        {_spread(run.cpu_ratios)}")
        click.echo(f"showcase / the same calls bare, time       {_spread(flow.ratios)}")


def _document(
    rates: list[CatchRate], costs: list[ConnectCost], start: StartCost | None, run: RunCost | None
) -> dict[str, Any]:
    return {
        "catch_rates": [asdict(rate) for rate in rates],
        "connect_costs": [asdict(cost) for cost in costs],
        "start_cost": None if start is None else asdict(start),
        "run_cost": None if run is None else {**asdict(run), "ratio": run.ratio, "cpu_ratio": run.cpu_ratio},
    }


def _of_watching(watching: list[WatchCost], flow: Comparison | None) -> dict[str, Any]:
    return {
        "watch_costs": [asdict(cost) for cost in watching],
        "flow": None if flow is None else {**asdict(flow), "ratio": flow.ratio},
    }


def _print_rates(rates: list[CatchRate]) -> None:
    names = list(rates[0].caught)
    click.echo(f"Connections caught, of {rates[0].planted}, by how long each lived")
    click.echo(f"{'lifetime':>9}  " + "  ".join(f"{name:>11}" for name in names))
    for rate in rates:
        cells = "  ".join(f"{rate.caught[name]:>11}" for name in names)
        click.echo(f"{rate.lifetime_ms:>6} ms  {cells}")


def _print_costs(costs: list[ConnectCost]) -> None:
    click.echo(f"\n{'one connect, watched by':24}{'median':>10}{'p99':>10}")
    for cost in costs:
        click.echo(f"{cost.watched_by:24}{cost.median_us:>7.0f} µs{cost.p99_us:>7.0f} µs")


def _print_watching(costs: list[WatchCost]) -> None:
    if not costs:
        return
    rates = sorted({cost.connections_a_second for cost in costs})
    head = "".join(f"{f'{rate:,}/s' if rate else 'idle':>10}" for rate in rates)
    click.echo("\nProcessor time of the watchers, of one processor, beyond the program's own")
    click.echo(f"{'watched by':26}{head}")
    for name in dict.fromkeys(cost.watched_by for cost in costs):
        shares = {cost.connections_a_second: cost.share for cost in costs if cost.watched_by == name}
        click.echo(f"{name:26}" + "".join(f"{shares[rate]:>10.1%}" for rate in rates))


def _spread(ratios: Sequence[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
