"""`memories list`, `show` and `history`: they ask no model."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import maybe_user_option, store_option, user_option
from showcase.cli.memories.there import json_option, print_json, store_there
from showcase.cli.words import fitted, one_line, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.cli.everyday import Surroundings
    from showcase.memory.history import HistoryEvent
    from showcase.memory.stored import Stored
    from showcase.settings.store_place import StoreNamed
    from showcase.stores.interface import Rows


@click.command("list")
@maybe_user_option
@store_option
@json_option
def list_(*, user_id: str | None, store: StoreNamed | None, as_json: bool) -> None:
    """List the memories of a user; without --user-id, who has how many.

    \b
    Examples:
      showcase memories list
      showcase memories list --user-id alice --store showcase-output
    """  # noqa: D301 - click reads the backspace
    with store_there(store, user_id, looks=True) as (around, rows):
        if user_id is None:
            _users(around, rows, as_json=as_json)
            return
        some = tuple(rows.rows(user_id))
        rows.same.reading("LIST", user_id, count=len(some))
        if as_json:
            print_json({**_of_store(around), "user_id": user_id, "memories": [asdict(row) for row in some]})
            return
        from showcase.cli.memories.lines import listed  # noqa: PLC0415 - heavy

        many = "1 memory" if len(some) == 1 else f"{len(some):,} memories"
        click.echo(fitted(printable(f"{user_id}: {many} in {around.kept.place.named} ({_made_by(around)})")))
        click.echo("\n".join(listed(some)))


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@user_option
@store_option
@json_option
def show(*, ids: tuple[str, ...], user_id: str, store: StoreNamed | None, as_json: bool) -> None:
    """Show all of a memory: its whole text, its times, and what lies beside it.

    ID is one of `memories list`, or the beginning of one.
    """
    from showcase.memory.row_ids import resolve  # noqa: PLC0415 - `--help` must not wait

    with store_there(store, user_id, looks=True) as (around, rows):
        some = resolve(rows, user_id, ids)
        rows.same.reading("SHOW", user_id, [row.memory_id for row in some])
        if as_json:
            print_json({**_of_store(around), "user_id": user_id, "memories": [asdict(row) for row in some]})
            return
        for row in some:
            click.echo("\n".join(_shown(row)))


@click.command()
@click.argument("memory_id", metavar="ID")
@user_option
@store_option
@json_option
def history(*, memory_id: str, user_id: str, store: StoreNamed | None, as_json: bool) -> None:
    """Tell what became of a memory, as mem0's history has it.

    The history keeps the text of what was deleted, and names no user: one that is gone is told of whoever asks.
    """
    with store_there(store, looks=True) as (around, rows):
        whole, row = _named(around, rows, user_id, memory_id)
        from showcase.memory.history import events, last_life  # noqa: PLC0415 - `--help` must not wait

        some = events(around.kept.place, [whole]).get(whole, ())
        rows.same.reading("HISTORY", user_id, [whole])
        some = some if row is None else last_life(some)
        if as_json:
            document = {"memory_id": whole, "memory": None if row is None else asdict(row)}
            print_json({**_of_store(around), **document, "events": [asdict(event) for event in some]})
            return
        for line in _told(whole, row, some):
            click.echo(line)


def _users(around: Surroundings, rows: Rows, *, as_json: bool) -> None:
    from showcase.cli.memories.lines import table  # noqa: PLC0415 - heavy

    users = dict(sorted(rows.users().items(), key=lambda each: (each[0] is None, each[0] or "")))
    rows.same.reading("LIST", None, count=sum(users.values()))
    if as_json:
        counted = [{"user_id": user_id, "memories": count} for user_id, count in users.items()]
        print_json({**_of_store(around), "users": counted})
        return
    click.echo(fitted(printable(f"{around.kept.place.named} ({_made_by(around)})")))
    named = [(f"{count:,}", "(names nobody)" if each is None else one_line(each)) for each, count in users.items()]
    click.echo("\n".join(table(("memories", "user"), named)) if named else "  no memories")


def _named(
    around: Surroundings, rows: Rows, user_id: str, memory_id: str
) -> tuple[str, Stored | None]:  # fmt: skip
    """Return the id that was meant and its row; None where it is gone, and then nobody knows whose it was."""
    from showcase.errors import UsageError  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.history import known  # noqa: PLC0415 - likewise
    from showcase.memory.row_ids import SHORTEST, check_known, resolve  # noqa: PLC0415 - likewise

    try:
        row = resolve(rows, user_id, [memory_id])[0]
    except UsageError:
        noted = known(around.kept.place, memory_id) if len(memory_id) >= SHORTEST else ()
        gone = [each for each in noted if each not in rows.anybodys(noted)]
        if len(gone) == 1:
            return gone[0], None
        check_known(rows, user_id)
        raise
    return row.memory_id, row


def _told(memory_id: str, row: Stored | None, some: Sequence[HistoryEvent]) -> list[str]:
    from showcase.cli.memories.lines import when  # noqa: PLC0415 - heavy

    lines = [f"{printable(memory_id)}{'' if row else ' is gone; the history does not say whose it was'}"]
    for event in some:
        at = when(event.updated_at or event.created_at)
        old = "" if event.old_memory is None else f"  was: {one_line(event.old_memory)}"
        new = "" if event.new_memory is None else f"  {one_line(event.new_memory)}"
        lines.append(f"  {at}  {printable(event.event):<6}{new}{old}")
    if not some:
        at = "-" if row is None else when(row.created_at)
        lines.append(f"  no history: nothing noted it; stored {at}, changed {when(row.updated_at) if row else '-'}")
    return lines


def _shown(row: Stored) -> list[str]:
    from showcase.cli.memories.lines import whole  # noqa: PLC0415 - heavy
    from showcase.inspection.wording import counted  # noqa: PLC0415 - likewise

    used = (
        "never"
        if not row.recalled
        else f"in {counted(row.recalled, 'prompt')}, last {printable(row.recalled_at or '-')}"
    )
    lines = [
        printable(row.memory_id),
        *whole(row),
        f"  user      {printable(row.user_id or '-')}",
        f"  stored    {printable(row.created_at or '-')}",
        f"  changed   {printable(row.updated_at or '-')}",
        f"  by        {row.source}",
        f"  recalled  {used}",
    ]
    lines += ["  pinned"] if row.pinned else []
    lines += ["  only asks: it is never given to a model as a fact"] if row.question else []
    lines += [f"  {one_line(name)} = {one_line(repr(value))}" for name, value in sorted(row.metadata.items())]
    return lines


def _of_store(around: Surroundings) -> dict[str, object]:
    kept = around.kept
    return {
        "store": str(kept.place.named),
        "layout": kept.layout,
        "embed_model": kept.record.embed_model if kept.record else None,
    }


def _made_by(around: Surroundings) -> str:
    record = around.kept.record
    return f"{around.kept.layout}, vectors of {record.embed_model if record else 'a model that it does not name'}"
