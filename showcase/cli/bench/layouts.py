"""`showcase bench layouts`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from showcase.errors import UsageError


class Counts(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on, and not before
    """Numbers of rows with commas between them."""

    name = "ROWS,ROWS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:  # noqa: ANN401 - click's signature
        """Return the numbers."""
        if isinstance(value, tuple):
            return value
        try:
            counts = tuple(int(part.replace("_", "")) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of numbers such as 1000,100000", param, ctx)
        if not all(0 <= count <= 1_000_000 for count in counts):  # noqa: PLR2004 - what a laptop's disk holds in minutes
            self.fail("give 0 to 1,000,000 rows", param, ctx)
        return counts


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--foreign",
    type=Counts(),
    default="1000,10000",
    show_default=True,
    help="Rows of other users, one store for each number.",
)
@click.option("--queries", type=click.IntRange(3, 10_000), default=50, show_default=True, help="Timed in each store.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def layouts(*, foreign: tuple[int, ...], queries: int, as_json: bool) -> None:
    """What a query of one user costs among the rows of others, in one collection and in one a user.

    The vectors are random, of 384 dimensions; the user has 50 rows, the others up to 1,000 each.

    \b
    Examples:
      showcase bench layouts
      showcase bench layouts --foreign 1000,100000
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.layouts import measure  # noqa: PLC0415 - `--help` measures nothing
    from showcase.cli.bench.asking import Counter  # noqa: PLC0415 - likewise
    from showcase.cli.everyday import surroundings  # noqa: PLC0415 - likewise
    from showcase.documents.leftovers import temporary  # noqa: PLC0415 - likewise

    if len(set(foreign)) != len(foreign):
        raise UsageError("a number of rows is there twice", hint="--foreign 1000,10000")
    counter = Counter("storing")
    with temporary("showcase-bench-") as directory, surroundings(directory / "store"):
        costs = measure(
            foreign,
            queries=queries,
            on_progress=lambda layout, done, of: counter.show(f"{layout}, {done:,} of {of:,} rows"),
        )
    counter.end()
    if as_json:
        click.echo(json.dumps([asdict(cost) for cost in costs], indent=2))
        return
    click.echo(f"One query of a user with {costs[0].own} rows, {queries} of each in turn: median (least to most)")
    click.echo(f"{'layout':10}{'foreign rows':>14}{'filled in':>12}   {'one query':>10}")
    for cost in costs:
        spread = f"({cost.least_ms:.1f} to {cost.most_ms:.1f})"
        click.echo(f"{cost.layout:10}{cost.foreign:>14,}{cost.fill_s:>10.1f} s   {cost.median_ms:>7.1f} ms {spread}")
    for layout in dict.fromkeys(cost.layout for cost in costs):
        times = [cost for cost in costs if cost.layout == layout]
        few, many = min(times, key=lambda cost: cost.foreign), max(times, key=lambda cost: cost.foreign)
        if many.foreign > few.foreign:
            click.echo(
                f"{layout}: among {many.foreign:,} rows {many.median_ms / few.median_ms:.2f} times as long as among "
                f"{few.foreign:,}"
            )
