"""`memories move` and `reembed`: a store becomes another one, whole, or stays as it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import embedding_options, server, store_option, surroundings
from showcase.cli.memories.there import json_option, print_json, progress
from showcase.cli.nearest import Nearest
from showcase.cli.words import fitted, printable
from showcase.errors import UsageError

if TYPE_CHECKING:
    from showcase.cli.everyday import EngineAsked
    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StoreNamed


@click.command()
@click.option("--layout", required=True, type=Nearest(["shared", "per-user"]), help="What the store is to have.")
@click.option("--embed-model", metavar="NAME", help="Which model made it, for a store that does not say.")
@store_option
@json_option
def move(*, layout: Layout, embed_model: str | None, store: StoreNamed | None, as_json: bool) -> None:
    """Convert a store: one collection for everybody, as mem0 has it, or one a user.

    With one a user, nobody's rows are there to be found by another, and a search does not get slower with them.
    Nothing is lost, and no model is asked. Ended at any moment, the store is the old one or the new one.

    \b
    Examples:
      showcase memories move --layout per-user
      showcase memories move --layout shared --store showcase-output
    """  # noqa: D301 - click reads the backspace
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
