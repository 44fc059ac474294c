"""`showcase bench stores`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from showcase.cli.bench.counts import Counts
from showcase.cli.bench.measured import measured_options

if TYPE_CHECKING:
    from showcase.cli.bench.measured import Measured


@click.command(
    short_help="What each store keeps apart, loses, leaves and costs.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--only",
    multiple=True,
    metavar="STORE",
    help="One of the stores, such as 'postgresql' or 'chroma server'; may be given several times.  [default: all]",
)
@click.option("--foreign", type=Counts(), default="1000,30000", show_default=True, help="Rows of others, a store each.")
@measured_options("stores")
def stores(*, only: tuple[str, ...], foreign: tuple[int, ...], how: Measured) -> None:
    """Stock mem0 on every store that it can use here, probe by probe, and our own reading of the same rows.

    Chroma embedded and as a server, PostgreSQL with pgvector, Qdrant's local mode, Milvus Lite and Redis Stack, each
    made anew for each probe and started by this command on a free port of loopback: what a second process recalls, what
    bob and odd user ids read, whether a reader that stays open sees another's write, what four writers lose, what stock
    delete_all leaves on the disk, and what an add and a search cost and return among the rows of others. A store that
    cannot be had here is a row that says why. A glance is of Chroma and PostgreSQL, unless others are named.

    \b
    Examples:
      showcase bench stores
      showcase bench stores --only postgresql --only chroma --foreign 1000 --out few
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.stores import measurement  # noqa: PLC0415 - `--help` measures nothing
    from showcase.bench.stores.engines import ENGINES  # noqa: PLC0415 - likewise
    from showcase.cli.bench.asking import server  # noqa: PLC0415 - likewise
    from showcase.cli.bench.measured import engine_used  # noqa: PLC0415 - likewise
    from showcase.cli.everyday_options import EngineAsked  # noqa: PLC0415 - likewise
    from showcase.settings import SESSION_TIMEOUT_S  # noqa: PLC0415 - likewise

    names = only or (measurement.QUICK_NAMES if how.quick else tuple(each.name for each in ENGINES))
    measurement.check(names, foreign)
    asked = EngineAsked(engine="rehearsal", ollama_host=None, embed_model=None, session_timeout_s=SESSION_TIMEOUT_S)
    with server(asked, chats=False) as opened:
        how.run(
            measurement.Stores(
                server=opened,
                engine=engine_used(opened),
                names=names,
                foreign=measurement.QUICK_FOREIGN if how.quick else foreign,
                each=measurement.QUICK_EACH if how.quick else measurement.EACH,
                look_s=measurement.QUICK_LOOK_S if how.quick else measurement.LOOK_S,
            )
        )
