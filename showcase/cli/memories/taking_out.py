"""Rows taken out as mem0 does it: what would go is shown, somebody is asked, and it is said what stays on disk."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.memories.there import agreed_to, print_json
from showcase.cli.words import fitted, one_line, printable
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.cli.everyday import Surroundings
    from showcase.erasure.beside_server import Beside
    from showcase.memory.stored import Found, Stored
    from showcase.settings.store_address import StoreAddress
    from showcase.stores.interface import Rows

_LISTED = 50


def counted(some: Sequence[Stored]) -> str:
    """Return how a question names them."""
    return "this memory" if len(some) == 1 else f"these {len(some):,} memories"


def as_documents(some: Sequence[Stored], near: Sequence[Found]) -> list[dict[str, object]]:
    """Return rows as a document of JSON holds them, with the cosine of those that were searched for."""
    cosines = {each.row.memory_id: each.cosine for each in near}
    return [{**asdict(row), "cosine": cosines.get(row.memory_id)} for row in some]


def take_out(
    around: Surroundings,
    rows: Rows,
    user_id: str,
    some: Sequence[Stored],
    *,
    near: Sequence[Found],
    dry_run: bool,
    agreed: bool,
    as_json: bool,
) -> None:
    """Show rows, ask, take them out, and say where their bytes stay."""
    from showcase.memory import history, moving  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.collections import Collections  # noqa: PLC0415 - likewise
    from showcase.memory.left_on_disk import left_on_disk, of_typed  # noqa: PLC0415 - likewise

    place = around.kept.place
    if not as_json or not (agreed or dry_run):
        show(user_id, some, near)
    done = False
    if some and not dry_run and agreed_to(f"Forget {counted(some)} of {printable(user_id)}?", agreed=agreed):
        rows.delete(user_id, [row.memory_id for row in some])
        if isinstance(rows, Collections):
            moving.forget_copies(rows, [row.memory_id for row in some])
        history.note_deleted(place, some)
        done = True
    if place.address is not None:
        tell_of_server(place.address, user_id, some, near, done=done, dry_run=dry_run, as_json=as_json)
        return
    left = left_on_disk(place, user_id, [row.text for row in some])
    stays = [str(path) for path in left.files]
    typed = None if left.typed is None else str(left.typed)
    if as_json:
        document = {"store": str(place.named), "user_id": user_id, "forgotten": done, "dry_run": dry_run}
        print_json({**document, "memories": as_documents(some, near), "bytes_stay_in": stays, "typed_in_chats": typed})
        return
    if done:
        click.echo(f"forgot {len(some):,}; no search and no list returns them")
        click.echo("their bytes stay on disk until something else is written over them, in:")
        click.echo("\n".join(f"  {printable(path)}" for path in stays))
        click.echo(f"to erase them there too: {traces_command(around, user_id)}")
        if typed is not None:
            click.echo(printable(of_typed(typed)))
    elif some:
        click.echo("nothing was forgotten")


def tell_of_server(
    address: StoreAddress,
    user_id: str,
    some: Sequence[Stored],
    near: Sequence[Found],
    *,
    done: bool,
    dry_run: bool,
    as_json: bool,
    beside: Beside | None = None,
) -> None:
    """Say what became of rows on a server, and where their bytes stay that nobody sees from here."""
    from showcase.stores.what_stays import way_out, what_stays  # noqa: PLC0415 - only where one is used

    stays, command = what_stays(address), way_out(address)
    if as_json:
        document = {"store": str(address), "user_id": user_id, "forgotten": done, "dry_run": dry_run}
        left = {"bytes_stay_in": list(stays), "on_the_server": command}
        local = {"beside": None if beside is None else asdict(beside)}
        print_json({**document, "memories": as_documents(some, near), **left, **local})
        return
    if not done:
        click.echo("nothing was forgotten")
        return
    click.echo(f"forgot {len(some):,}; no search and no list returns them")
    if beside is not None:
        click.echo(f"gone from this machine too: {beside.said}")
    else:
        click.echo("mem0's history on this machine keeps their text, as it always does")
    click.echo(f"what {printable(address.where)} keeps is not looked through, and no certificate is made of it:")
    click.echo("\n".join(f"  {each}" for each in stays))
    if command is not None:
        click.echo(f"whoever looks after it: {printable(command)}")


def traces_command(around: Surroundings, user_id: str) -> str:
    """Return the command that erases what is left of rows that are gone."""
    return f"showcase memories forget --store {quoted(around.kept.place.named)} --user-id {quoted(user_id)} --traces"


def show(user_id: str, some: Sequence[Stored], near: Sequence[Found]) -> None:
    """Show what would go."""
    from showcase.cli.memories.lines import id_length, listed, marks, table, text  # noqa: PLC0415 - heavy

    if not some:
        click.echo(fitted(f"there is no such memory of {printable(user_id)}: nothing to forget"))
        return
    shown = some[:_LISTED]
    if near:
        length = id_length(shown)
        cells = [
            (f"{each.cosine:.3f}", one_line(each.row.memory_id[:length]), marks(each.row), text(each.row))
            for each in near[:_LISTED]
        ]
        lines = table(("cosine", "id", "", "memory"), cells)
    else:
        lines = listed(shown, numbered=False)
    click.echo("\n".join(lines))
    if len(some) > len(shown):
        click.echo(f"  and {len(some) - len(shown):,} more")
