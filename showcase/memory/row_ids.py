"""Rows by what a person types of their ids: all of one, or a beginning that no other has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.shell.advice import near, printable, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.memory.stored import Stored
    from showcase.stores.interface import Rows

SHORTEST = 6
"""Characters of an id that have to be given: 6 hexadecimal digits are one of 16.8 million."""


def resolve(rows: Rows, user_id: str, given: Sequence[str]) -> tuple[Stored, ...]:
    """Return the rows of a user that were named, each once, in the order given.

    Raises:
        UsageError: A beginning is too short, or belongs to none or to several.
    """
    whole = {row.memory_id: row for row in rows.get(user_id, list(given))}
    everything: list[Stored] | None = None
    found: dict[str, Stored] = {}
    for each in given:
        if each in whole:
            found[each] = whole[each]
            continue
        if len(each) < SHORTEST:
            raise UsageError(
                f"{printable(each)!r} is too short for an id: at least {SHORTEST} characters of it are needed",
                hint=f"see the ids: {_list(rows, user_id)}",
            )
        if everything is None:
            everything = list(rows.rows(user_id))
        some = [row for row in everything if row.memory_id.startswith(each.lower()) or row.memory_id.startswith(each)]
        if not some:
            known = [row.memory_id[: len(each)] for row in everything]
            raise UsageError(
                f"{user_id} has no memory {printable(each)[:80]}{near(each, known)}",
                hint=f"see which there are: {_list(rows, user_id)}",
            )
        if len(some) > 1:
            raise UsageError(
                f"{len(some)} memories of {user_id} have an id that begins with {printable(each)}",
                hint="give more of it: " + ", ".join(row.memory_id for row in some[:5]),
            )
        found[some[0].memory_id] = some[0]
    return tuple(found.values())


def check_known(rows: Rows, user_id: str) -> None:
    """Refuse a user who has no memory here.

    Raises:
        UsageError: They have none; a near name is said.
    """
    if rows.count(user_id):
        return
    there = [each for each in rows.users() if each is not None]
    few = f": it has those of {', '.join(printable(each) for each in there[:5])}" if 0 < len(there) <= 5 else ""  # noqa: PLR2004 - a line
    raise UsageError(
        f"the store {rows.place.named} has no memory of {user_id}{near(user_id, there) or few}",
        hint=f"see who has some: showcase memories list --store {quoted(rows.place.named)}",
    )


def check_new_user(rows: Rows, user_id: str) -> None:
    """Refuse a user who has no memory yet and could not be told from one who has.

    Raises:
        UsageError: They could not.
    """
    from showcase.memory.user_ids import check_user_id  # noqa: PLC0415 - only for a write

    if not rows.count(user_id):
        check_user_id(user_id, others=[each for each in rows.users() if each is not None])


def _list(rows: Rows, user_id: str) -> str:
    return f"showcase memories list --store {quoted(rows.place.named)} --user-id {quoted(user_id)}"
