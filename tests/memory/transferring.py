"""Exports and imports as tests make them, without a command around."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kept_stores import OF_TWO

from showcase.memory import importing
from showcase.memory.backends.opening import look
from showcase.memory.collections import Collections
from showcase.memory.export_file import dump
from showcase.memory.history import HistoryEvent
from showcase.memory.import_file import parse

if TYPE_CHECKING:
    from showcase.memory.importing import Plan
    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StorePlace

EVENTS = (
    HistoryEvent(id="e1", memory_id=OF_TWO[0].memory_id, new_memory="I live in Turn", event="ADD", role="user"),
    HistoryEvent(
        id="e2", memory_id=OF_TWO[0].memory_id, old_memory="I live in Turn", new_memory="I live in Turin",
        event="UPDATE", created_at="2026-01-02T03:04:05+00:00", updated_at="2026-01-03T03:04:05+00:00",
    ),
)  # fmt: skip


def silent(*_: int) -> None:
    pass


def exported(place: StorePlace, user_id: str | None = None, *, vectors: bool = True) -> bytes:
    kept = look(place)
    with Collections(place, kept.layout) as rows:
        return dump(kept, rows, user_id=user_id, vectors=vectors, progress=silent)[1]


def brought(data: bytes, place: StorePlace, layout: Layout | None = None, *, replaces: bool = False) -> Plan:
    header, incoming = parse(data, name="file")
    kept = look(place, layout)
    with Collections(place, kept.layout) as rows:
        made_ = importing.plan(kept, rows, header, incoming, name="file", replaces=replaces)
        if made_.rows and not made_.embeds:
            importing.apply(kept, rows, made_, None, silent)
    return made_
