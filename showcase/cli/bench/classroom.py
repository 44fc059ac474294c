"""`showcase bench class`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from showcase.cli.bench.counts import Counts
from showcase.cli.bench.measured import measured_options
from showcase.cli.everyday_options import embedding_options
from showcase.cli.store_named import allow_option, check_allowed, server_option

if TYPE_CHECKING:
    from showcase.cli.bench.measured import Measured
    from showcase.cli.everyday_options import EngineAsked
    from showcase.settings.store_address import StoreAddress


@click.command(
    "class",
    short_help="Many people at once on one store.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@server_option
@allow_option
@embedding_options
@click.option(
    "--users", type=Counts(), default="1,5,10,20", show_default=True, help="Participants at once, a class each."
)
@click.option(
    "--memories", type=click.IntRange(1, 1000), default=10, show_default=True, help="That each participant plants."
)
@click.option(
    "--searches", type=click.IntRange(1, 10_000), default=30, show_default=True, help="That each participant makes."
)
@measured_options("class")
def classroom(
    *,
    store: StoreAddress | None,
    asked: EngineAsked,
    users: tuple[int, ...],
    memories: int,
    searches: int,
    how: Measured,
) -> None:
    """Participants at once on one store, each a process with stock mem0: what they wait, and whose memories they see.

    Every planted memory is looked for at the end, by a reader without mem0 too. The class has a collection of its
    own, which is taken away afterwards; nothing that is kept there is touched. A process takes some 200 MiB. What
    classes of 200 and 10,000 ask of a store is calculated from it, and called so.

    \b
    Examples:
      showcase bench class --engine rehearsal --quick
      showcase bench class --store postgresql://teacher@127.0.0.1/school --users 5,20
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.classroom import measurement  # noqa: PLC0415 - `--help` measures nothing
    from showcase.cli.bench.asking import server  # noqa: PLC0415 - likewise
    from showcase.cli.bench.measured import engine_used  # noqa: PLC0415 - likewise
    from showcase.settings import store_secret  # noqa: PLC0415 - likewise

    secret = None
    if store is not None:
        check_allowed(store)
        secret = store_secret.find(os.environ)
    if how.quick:
        users, searches = measurement.QUICK_USERS, min(searches, measurement.QUICK_SEARCHES)
    with server(asked, chats=False) as opened:
        how.run(
            measurement.Classroom(
                address=store,
                secret=secret,
                server=opened,
                engine=engine_used(opened),
                users=users,
                memories=memories,
                searches=searches,
            )
        )
