"""`showcase bench scale`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from showcase.cli.bench.counts import Counts
from showcase.cli.bench.measured import measured_options

if TYPE_CHECKING:
    from showcase.cli.bench.measured import Measured


@click.command(
    short_help="How time, disk and memory grow with the rows.", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--rows", type=Counts(), default="1000,10000,100000", show_default=True, help="Rows of all users, a store each."
)
@click.option(
    "--users", type=Counts(), default="10,100,1000", show_default=True, help="Over how many users they are spread."
)
@click.option("--queries", type=click.IntRange(10, 10_000), default=100, show_default=True, help="Timed in each store.")
@measured_options("scale")
def scale(*, rows: tuple[int, ...], users: tuple[int, ...], queries: int, how: Measured) -> None:
    """Time of an add and of a query, disk, memory and recall@10 as a store grows, and how they grow.

    Our store in both layouts, Chroma's own client, and exact search over the user's rows. No model takes part: the
    vectors are made by a seed, of 384 dimensions, in clusters.

    \b
    Examples:
      showcase bench scale --quick
      showcase bench scale --rows 1000,10000 --users 10,100 --out scale
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.scale import measurement  # noqa: PLC0415 - `--help` measures nothing

    if how.quick:
        rows, users, queries = measurement.QUICK_ROWS, measurement.QUICK_USERS, min(queries, measurement.QUERIES)
    how.run(measurement.Scale(rows=rows, users=users, queries=queries))
