"""`memories pin` and `unpin`: what its user holds important."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import store_option, user_option
from showcase.cli.memories.there import json_option, print_json, store_there
from showcase.cli.words import SHOWN, one_line

if TYPE_CHECKING:
    from showcase.settings.store_place import StoreNamed


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@user_option
@store_option
@json_option
def pin(*, ids: tuple[str, ...], user_id: str, store: StoreNamed | None, as_json: bool) -> None:
    """Pin memories: they count as important in a ranking, and `expire` leaves them."""
    _set(ids, user_id, store, as_json=as_json, pinned=True)


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@user_option
@store_option
@json_option
def unpin(*, ids: tuple[str, ...], user_id: str, store: StoreNamed | None, as_json: bool) -> None:
    """Take the pin off memories."""
    _set(ids, user_id, store, as_json=as_json, pinned=False)


def _set(ids: tuple[str, ...], user_id: str, store: StoreNamed | None, *, as_json: bool, pinned: bool) -> None:
    from showcase.memory.row_ids import resolve  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.stored import PINNED  # noqa: PLC0415 - likewise

    with store_there(store, user_id) as (_, rows):
        some = resolve(rows, user_id, ids)
        rows.note(user_id, {row.memory_id: {PINNED: True if pinned else None} for row in some})
        after = rows.get(user_id, [row.memory_id for row in some])
    if as_json:
        print_json({"user_id": user_id, "memories": [asdict(row) for row in after]})
        return
    for row in after:
        click.echo(f"{'pinned' if row.pinned else 'not pinned'} {one_line(row.memory_id[:8])}  {_text(row.text)}")


def _text(text: str) -> str:
    return one_line(text, SHOWN)
