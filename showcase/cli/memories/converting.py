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
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from showcase.cli.everyday import EngineAsked, Surroundings
    from showcase.memory.store_record import Layout
    from showcase.settings.store_address import StoreAddress
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
    from showcase.memory import moving  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.presence import check_there  # noqa: PLC0415 - likewise

    with surroundings(store) as around:
        _check_layout(around)
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
    from showcase.memory import reembedding  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.presence import check_there  # noqa: PLC0415 - likewise

    if asked.embed_model is None:
        raise UsageError(
            "say with which model to make the vectors", hint="showcase memories reembed --embed-model nomic-embed-text"
        )
    with surroundings(store) as around:
        _check_reembeds(around, asked.embed_model)
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


def _check_layout(around: Surroundings) -> None:
    """Refuse to lay out rows otherwise where mem0's provider has one collection for everybody.

    Raises:
        UsageError: The store has a URL.
    """
    place = around.kept.place
    if place.address is not None:
        raise UsageError(
            f"a store of {place.address.kind} has one collection for everybody, the layout shared, and no other",
            hint="for a collection a user, bring them into a directory: "
            f"{_exported(place.address, vectors=True)}; then: "
            "showcase memories import --store DIR --layout per-user memories.jsonl",
        )


def _check_reembeds(around: Surroundings, embed_model: str) -> None:
    """Refuse to make vectors anew in a table that others read and write meanwhile, and that takes one length.

    Raises:
        UsageError: The store has a URL.
    """
    place = around.kept.place
    if place.address is not None:
        beside = place.address.of_collection(f"{place.address.collection}_new"[:63])
        raise UsageError(
            f"the collection {place.address.collection} of {place.address} takes vectors of its own model alone, and "
            "is not made anew in place: others may be reading it",
            hint=f"bring the memories into another one: {_exported(place.address, vectors=False)}; then: showcase "
            f"memories import --store {quoted(beside)} --embed-model {quoted(embed_model)} memories.jsonl",
        )


def _exported(address: StoreAddress, *, vectors: bool) -> str:
    return f"showcase memories export{' --vectors' if vectors else ''} --store {quoted(address)} memories.jsonl"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
