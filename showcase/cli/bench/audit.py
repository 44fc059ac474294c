"""`showcase bench audit`: what watching catches and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from showcase.cli.bench.measured import measured_options

if TYPE_CHECKING:
    from showcase.cli.bench.measured import Measured


@click.command(
    short_help="What watching catches, and what it costs.", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("--planted", type=click.IntRange(1, 500), default=40, show_default=True, help="Connections a lifetime.")
@click.option(
    "--connects", type=click.IntRange(100, 4000), default=2000, show_default=True, help="Connects of a round."
)
@click.option("--rounds", type=click.IntRange(1, 50), default=3, show_default=True, help="Rounds of connects.")
@click.option(
    "--pairs", type=click.IntRange(0, 50), default=5, show_default=True, help="Pairs of whole runs; 0 for none."
)
@click.option(
    "--seconds", type=click.FloatRange(0, 60), default=5, show_default=True, help="How long each watcher is timed."
)
@measured_options("audit")
def audit(*, planted: int, connects: int, rounds: int, pairs: int, seconds: float, how: Measured) -> None:
    """Catch rate by lifetime of a connection, time added to a connect, to a start and to a whole run.

    Also what the watchers use while they watch, and a whole run against the same calls in three bare processes.

    A psutil loop of 50 ms, a loop of lsof and strace are measured beside our witnesses, where they are there; what is
    not there is called skipped. A glance (--quick) leaves whole runs out.

    \b
    Examples:
      showcase bench audit --quick
      showcase bench audit --planted 100 --pairs 0 --out audit
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.audit.measurement import Audit  # noqa: PLC0415 - `--help` measures nothing
    from showcase.bench.audit.plan import Plan, missing  # noqa: PLC0415 - likewise

    plan = Plan(
        planted=planted, connects=connects, rounds=rounds, seconds=float(seconds), pairs=pairs, missing=missing()
    )
    how.run(Audit(plan.quick() if how.quick else plan))
