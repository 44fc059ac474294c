"""Rows of every odd kind that all engines hold, and a migration of them in this process."""

from __future__ import annotations

import math
import uuid
from array import array
from typing import TYPE_CHECKING, Any

from kept_stores import MODEL, vector

from showcase.memory import history
from showcase.memory.history import HistoryEvent
from showcase.memory.migration import copying, planning, sides
from showcase.memory.migration.interface import Carried
from showcase.memory.store_record import StoreRecord
from showcase.memory.stored import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moving_places import Somewhere

DIMENSIONS = 8
USERS = (
    "alice", "Alice", "*", "a b", " x ", "ключ", "O'Brien\"; DROP TABLE mem0; --", "100%_", "alice,bob", "{tag}", "a|b",
    "\u202eevil", "tab\tand\nline", "\U0001f600", "user-" + "0" * 32, "n" * 400, "null", "7",
)  # fmt: skip


def of(text: str, user_id: object = "alice", *, numbers: Sequence[float] | None = None, **beside: Any) -> Carried:
    """Return a row of mem0's with an id of its own; `user_id` None for nobody's."""
    name = {} if user_id is None else {"user_id": user_id}
    held = {"data": text, "hash": digest(text), "created_at": "2026-01-02T03:04:05.678901+00:00", **name, **beside}
    memory_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{user_id!r} {text}"))
    return Carried(
        memory_id=memory_id,
        beside=held,
        vector=array("f", vector(text, DIMENSIONS) if numbers is None else numbers).tobytes(),
    )


def rows(*, nobodys: bool) -> list[Carried]:
    """Return rows of all kinds; with `nobodys` those too that name no user."""
    tiny = 1e-42  # a number that single precision holds with fewer bits
    found = [of(f"I am {number}", user_id) for number, user_id in enumerate(USERS)]
    found += [
        of("plain", updated_at="2026-02-03T04:05:06+02:00", role="user", text_lemmatized="plain"),
        of("typed", showcase_source="typed", showcase_pinned=True, showcase_recalled=3),
        of("asked?", showcase_kind="question", showcase_recalled_at="2026-03-04T05:06:07.000001+00:00"),
        of("numbers", whole=1, one=1.0, truth=True, big=2**53 + 1, small=5e-324, tenth=0.1, zero=0, empty=""),
        of("lists", some=["a", "b"], counts=[1, 2], halves=[0.5, 1.0], truths=[True, False]),
        of("names", **{"with space": "x", "ключ": "y", "a.b": "z", "quote'\"": "w"}),
        of("\x1b[31mred\x1b[0m\r\n\u202e\u2028 '\"\\ {}", note="\t\x01\x7f"),
        of("bits", numbers=[-0.0, tiny, -tiny, 0.6, math.nextafter(0.8, 1), 0.0, 0.0, 1e-20]),
        of("no hash", hash=""),
        of("long " * 5000),
    ]
    return found + ([of("nobody's", None), of("a number's", 7)] if nobodys else [])


def record(there: Somewhere) -> StoreRecord:
    return StoreRecord(
        embed_model=MODEL, embed_digest="d" * 64, dimensions=DIMENSIONS, layout=there.layout,
        created_at="2026-01-01T00:00:00+00:00",
    )  # fmt: skip


def plant(there: Somewhere, some: Sequence[Carried], events: Sequence[HistoryEvent] = ()) -> None:
    """Fill a place; what came of it is for `raw` to tell."""
    with sides.opened(there.kept(), tell=print) as side:
        side.begin(record(there))
        side.put(some)
    history.keep(there.place, events)


def moved(source: Somewhere, target: Somewhere, **options: Any) -> tuple[planning.Plan, copying.Copied]:
    """Copy one place into another."""
    usual: dict[str, Any] = {"user_id": None, "embed_model": None, "replaces": False}
    with sides.opened(source.kept(), tell=print) as one, sides.opened(target.kept(), tell=print) as other:
        made = planning.plan(one, other, **{**usual, **options}, progress=lambda *_: None)
        return made, copying.copy(one, other, made, begun=lambda _: lambda *_: None)


def carried(there: Somewhere) -> dict[str, Carried]:
    """Return all rows of a place by their ids, as this program reads them."""
    with sides.opened(there.kept(), tell=print) as side:
        return {each.memory_id: each for page in side.pages(None) for each in page}


EVENTS = tuple(
    HistoryEvent(
        id=f"e{number}",
        memory_id=of("plain").memory_id,
        old_memory="x" if number else None,
        new_memory=f"plain {number}",
        event="UPDATE" if number else "ADD",
        created_at="2026-01-02T03:04:05+00:00",
        role="user",
    )
    for number in range(3)
)
