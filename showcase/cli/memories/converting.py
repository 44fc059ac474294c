"""`memories move` and `reembed`: a store becomes another one, whole, or stays as it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import embedding_options, server, store_option, surroundings
from showcase.cli.memories.there import dry_run_option, json_option, print_json, progress
from showcase.cli.nearest import Nearest
from showcase.cli.store_named import StoreType
from showcase.cli.words import fitted, printable
from showcase.errors import UsageError

if TYPE_CHECKING:
    from showcase.cli.everyday import EngineAsked
    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StoreNamed


@click.command()
@click.option(
    "--to",
    type=StoreType(),
    metavar="DIR|URL",
    help="Copy the memories into this store, and compare both. The store that they come from stays as it is.",
)
@click.option(
    "--layout",
    type=Nearest(["shared", "per-user"]),
    help="What the store is to have; with --to, the store that is begun there.",
)
@click.option("--user-id", metavar="USER", help="With --to: whose memories alone.  [default: everybody's]")
@click.option("--replace", "replaces", is_flag=True, help="With --to: replace what is there with another content.")
@click.option("--embed-model", metavar="NAME", help="Which model made it, for a store that does not say.")
@dry_run_option
@store_option
@json_option
def move(
    *,
    to: StoreNamed | None,
    layout: Layout | None,
    user_id: str | None,
    replaces: bool,
    embed_model: str | None,
    dry_run: bool,
    store: StoreNamed | None,
    as_json: bool,
) -> None:
    """Copy memories into another store (--to), or convert a store to another layout (--layout).

    With --to, ids, times, metadata, vectors, pins, recall counts and mem0's history go along, to any engine, and both
    stores are then read and compared to the last bit. What the other engine cannot hold is told before anything is
    written. Where it is cut off, the same command goes on. The password of its server: SHOWCASE_STORE_SECRET_TO.

    With --layout alone the store itself becomes one collection for everybody, as mem0 has it, or one a user: nobody's
    rows are there to be found by another, and a search does not get slower with them. Ended at any moment, the store
    is the old one or the new one. No model is asked by either.

    \b
    Examples:
      showcase memories move --to postgresql://me@127.0.0.1/memories --dry-run
      showcase memories move --to new-store --layout per-user
      showcase memories move --store qdrant:old --to new-store
      showcase memories move --layout per-user
    """  # noqa: D301 - click reads the backspace
    if to is not None:
        from showcase.cli.memories.moving import copy_to  # noqa: PLC0415 - `--help` must not wait

        copy_to(
            to,
            store=store,
            layout=layout,
            user_id=user_id,
            embed_model=embed_model,
            replaces=replaces,
            dry_run=dry_run,
            as_json=as_json,
        )
        return
    if layout is None:
        raise UsageError(
            "say where to: --to DIR|URL for another store, or --layout for another layout of this one",
            hint="showcase memories move --to DIR",
        )
    if user_id is not None or replaces or dry_run:
        raise UsageError(
            "a store is converted whole: --user-id, --replace and --dry-run go with --to alone",
            hint="leave them out; or copy into another store: showcase memories move --to DIR",
        )
    _convert(layout, embed_model=embed_model, store=store, as_json=as_json)


def _convert(layout: Layout, *, embed_model: str | None, store: StoreNamed | None, as_json: bool) -> None:
    from showcase.memory import in_place, moving  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.presence import check_there  # noqa: PLC0415 - likewise

    with surroundings(store) as around:
        in_place.check_layout(around.kept.place)
        check_there(around.kept)
        moved = moving.move(around.kept, layout, embed_model=embed_model, progress=progress("copied"))
        if as_json:
            print_json({"store": str(around.kept.place.named), **asdict(moved)})
            return
        what = f"{_counted(moved.rows, 'memory', 'memories')} of {_counted(moved.users, 'user', 'users')}"
        place = around.kept.place.named
        if moved.before == moved.after:
            said = f"{place} has the layout {layout} already, with {what}"
        else:
            said = f"{place} has the layout {layout} now: {what}, with ids, times, metadata, vectors and history"
        click.echo(fitted(printable(said)))


@click.command()
@store_option
@embedding_options
@json_option
def reembed(*, store: StoreNamed | None, asked: EngineAsked, as_json: bool) -> None:
    """Make all vectors of a store anew with another embedding model, --embed-model.

    The old ones stay in force until all new ones are there. Where it is cut off, the same command goes on.

    \b
    Examples:
      showcase memories reembed --embed-model nomic-embed-text
      showcase memories reembed --embed-model rehearsal-embed --engine rehearsal
    """  # noqa: D301 - click reads the backspace
    from showcase.memory import in_place, reembedding  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.presence import check_there  # noqa: PLC0415 - likewise

    if asked.embed_model is None:
        raise UsageError(
            "say with which model to make the vectors", hint="showcase memories reembed --embed-model nomic-embed-text"
        )
    with surroundings(store) as around:
        in_place.check_vectors(around.kept.place, asked.embed_model)
        check_there(around.kept)
        with server(around, asked, chats=False) as there:
            gate, model = there.gate, there.embed_model
            done = reembedding.reembed(
                around.kept,
                model,
                lambda texts: gate.embed_all(model.name, texts),
                progress=progress("embedded"),
            )
        if as_json:
            print_json({"store": str(around.kept.place.named), "embed_model": model.name, **asdict(done)})
            return
        resumed = f", {done.resumed:,} of them on an earlier try" if done.resumed else ""
        rows = _counted(done.rows, "memory has", "memories have")
        click.echo(fitted(printable(f"{rows} new vectors of {model.name} in {around.kept.place.named}{resumed}")))


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
