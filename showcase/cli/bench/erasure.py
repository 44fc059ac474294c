"""`showcase bench erasure`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from showcase.cli.bench.counts import Counts
from showcase.cli.bench.measured import measured_options

if TYPE_CHECKING:
    from showcase.cli.bench.measured import Measured

_FEWEST = 10


@click.command(
    short_help="What stays after each way of deleting.", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--rows",
    multiple=True,
    type=click.IntRange(_FEWEST, 100_000),
    help="Rows of a store, half of them the user's who is forgotten; may be given several times.  [default: 50, 2000]",
)
@click.option(
    "--scaling",
    type=Counts(),
    metavar="ROWS,ROWS",
    help="How long each part of our erasing takes in stores of so many rows, of which a tenth goes; with --rows both.",
)
@measured_options("erasure")
def erasure(*, rows: tuple[int, ...], scaling: tuple[int, ...] | None, how: Measured) -> None:
    """What stays in which files after each way of deleting: mem0's, Chroma's, its vacuum, and ours.

    The stores are made here, of two users, with texts, ids and vectors by a seed; each way works on a copy of its own,
    and one scanner looks through every byte afterwards. Where it does not find what is planted for it, or did not find
    what was there before, it says inconclusive. Vectors come into Chroma's index from 1,000 rows on.

    \b
    Examples:
      showcase bench erasure
      showcase bench erasure --rows 50 --out erasure
      showcase bench erasure --scaling 100,1000,10000
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.erasure import measurement  # noqa: PLC0415 - `--help` measures nothing
    from showcase.cli.bench.asking import server  # noqa: PLC0415 - likewise
    from showcase.cli.everyday_options import EngineAsked  # noqa: PLC0415 - likewise
    from showcase.documents.leftovers import temporary  # noqa: PLC0415 - likewise
    from showcase.settings import SESSION_TIMEOUT_S  # noqa: PLC0415 - likewise

    built_in = measurement.QUICK_ROWS if how.quick else measurement.ROWS
    sizes = scaling or ()
    rows = rows or (() if sizes else built_in)
    measurement.check(rows, sizes)
    asked = EngineAsked(engine="rehearsal", ollama_host=None, embed_model=None, session_timeout_s=SESSION_TIMEOUT_S)
    with server(asked, chats=False) as opened, temporary("showcase-bench-") as directory:
        how.run(measurement.Erasure(directory=directory, server=opened, engine=None, rows=rows, sizes=sizes))
