"""Converts a store from one layout to the other without loss. mem0's history goes by ids, which stay."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory import conversion, raw_rows
from showcase.memory.collections import Collections
from showcase.memory.conversion import MARK, NEW, Decision, indexes_of
from showcase.memory.layouts import USER, collection_name
from showcase.memory.operations import recording
from showcase.memory.same_store import again, alone
from showcase.memory.store_record import Layout, StoreRecord
from showcase.memory.store_state import holders
from showcase.memory.stored import now
from showcase.shell.advice import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from showcase.memory.backends.opening import Kept
    from showcase.memory.raw_rows import RawRow
    from showcase.settings.store_place import StorePlace

    Progress = Callable[[int, int], None]

PASSES = 5
"""How often what others wrote meanwhile is copied after, before somebody is said to write all the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Fact):
    """What a conversion came to."""

    rows: int
    users: int
    before: Layout
    after: Layout


def move(kept: Kept, layout: Layout, *, embed_model: str | None, progress: Progress) -> Moved:
    """Convert a store; ended at any moment, it is the old one or the new one, whole.

    Args:
        kept: The store.
        layout: What it is to have.
        embed_model: Which model made its vectors, for a store that does not say; not looked at for one that does.
        progress: Is told how many rows of how many are copied.

    Raises:
        StoreError: Another process holds the store, rows name no user, or it cannot be used.
    """
    again(kept.place, kept.record, kept.layout)
    with ExitStack() as held:
        counted, decision = _copied(kept, layout, embed_model, progress, held)
        if decision is not None:
            again(kept.place, kept.record, kept.layout)
            check_alone(kept.place)
            there = partial(ids_of, kept.place, kept.layout)
            with recording.operation(kept.place, "MOVE", None, (), there=there, count=counted.rows):
                conversion.decide(kept.place, decision)
    return counted


def _copied(
    kept: Kept, layout: Layout, embed_model: str | None, progress: Progress, held: ExitStack
) -> tuple[Moved, Decision | None]:
    """Copy all rows beside the old ones; return what is to be decided, None where nothing is.

    From the last look at the rows on `held` has the store's lock.
    """
    with Collections(kept.place, kept.layout) as rows:
        record = _record(kept, rows, embed_model)
        users = rows.users()
        counted = Moved(
            rows=sum(users.values()), users=len(users.keys() - {None}), before=kept.layout, after=layout
        )  # fmt: skip
        if layout == kept.layout:
            return counted, None
        if None in users:
            raise StoreError(
                f"{users[None]} of the memories in {kept.place.named} name no user, and would belong to nobody's "
                "collection",
                hint=f"see them: showcase memories list --store {quoted(kept.place.named)} --json",
            )
        check_alone(kept.place)
        old_names = [each.name for each in rows.all()]
        conversion.check_free(rows, {collection_name(layout, str(each)) for each in users}, old_names)
        drop_unfinished(rows)
        copied: dict[str, str] = {}
        made: dict[str, Any] = {}

        def copy() -> bool:
            return _copy_what_differs(rows, layout, copied, made, lambda done: progress(done, counted.rows))

        copy()  # what takes its time, while others may write
        held.enter_context(alone(kept.place))
        until_alike(kept.place, copy)
        conversion.check_free(rows, made, old_names)
        old = tuple(str(each.id) for each in rows.all())
        new = {str(each.id): name for name, each in made.items()}
    return counted, Decision(
        record=replace(record, layout=layout), drop=old, indexes=indexes_of(kept.place, old), rename=new
    )


def until_alike(place: StorePlace, copy: Callable[[], bool]) -> None:
    """Copy until nothing differs any more, while the store's lock keeps others of this program from writing.

    Raises:
        StoreError: Another program writes all the time.
    """
    for _ in range(PASSES):
        if not copy():
            return
    raise still_written(place)


def check_alone(place: StorePlace) -> None:
    """Refuse where another process has the store open: what it wrote after the switch would be lost.

    Raises:
        StoreError: One has.
    """
    others = holders(place.chroma)
    if others:
        named = ", ".join(f"{name} (pid {pid})" for pid, name in others[:3])
        raise StoreError(
            f"the store {place.named} is held by another process: {named}",
            hint="end what has it open, such as a chat, then the same command again",
        )


def ids_of(place: StorePlace, layout: Layout) -> list[str]:
    """Return the ids of all rows of a store that nobody of this process has open."""
    with Collections(place, layout) as rows:
        return rows.ids()


def drop_unfinished(rows: Collections) -> None:
    """Remove what a conversion left that was ended before it was decided."""
    for name in conversion.unfinished(rows):
        rows.drop(name)


def forget_copies(rows: Collections, ids: Sequence[str]) -> None:
    """Take rows out of what an unfinished conversion copied of them: there they would outlive what was forgotten."""
    for name in conversion.unfinished(rows):
        with rows.translated():
            collection = rows.opened().get_collection(name, embedding_function=None)
            there = collection.get(ids=list(ids), include=[])["ids"]
            if there:
                collection.delete(ids=there)


def still_written(place: StorePlace) -> StoreError:
    """Return what is said where a copy never becomes like what is copied."""
    return StoreError(
        f"the store {place.named} is written to all the time: it cannot be converted meanwhile",
        hint="end what writes to it, then the same command again",
    )


def _record(kept: Kept, rows: Collections, embed_model: str | None) -> StoreRecord:
    if kept.record is not None:
        return kept.record
    if embed_model is None:
        raise StoreError(
            f"the store {kept.place.named} does not say which embedding model made it, and has to from now on",
            hint="name it, with the same command: --embed-model NAME",
        )
    return StoreRecord(
        embed_model=embed_model,
        embed_digest=None,
        dimensions=rows.dimensions() or 0,
        layout=kept.layout,
        created_at=now(),
    )


def _copy_what_differs(
    rows: Collections, layout: Layout, copied: dict[str, str], made: dict[str, Any], progress: Callable[[int], None]
) -> bool:
    """Copy rows that are not copied as they are now; take out the copies of those that are gone. Tell whether any."""
    differs, there = False, set[str]()
    for piece in _pieces(rows):
        twice = next((row.memory_id for row in piece if row.memory_id in there), None)
        if twice is not None:
            raise StoreError(
                f"the id {printable(twice)} is there for two users, and one collection for all has each id once",
                hint="export the memories of one of them, forget that one, then the same command again: "
                f"showcase memories export --store {quoted(rows.place.named)} --user-id USER --vectors FILE",
            )
        there |= {row.memory_id for row in piece}
        changed = [row for row in piece if copied.get(row.memory_id) != row.whole_digest]
        differs = differs or bool(changed)
        if any(not isinstance(row.beside.get(USER), str) for row in piece):  # written since they were counted
            raise still_written(rows.place)
        for user_id in dict.fromkeys(str(row.beside.get(USER)) for row in changed):
            _write(rows, layout, made, user_id, [row for row in changed if row.beside.get(USER) == user_id])
        copied |= {row.memory_id: row.whole_digest for row in changed}
        progress(len(copied))
    gone = [each for each in copied if each not in there]
    for collection in made.values() if gone else ():
        with rows.translated():
            collection.delete(ids=gone)
    for each in gone:
        del copied[each]
    return differs or bool(gone)


def _pieces(rows: Collections) -> Iterator[list[RawRow]]:
    for collection in rows.all():
        yield from raw_rows.read(rows, collection, raw_rows.ids(rows, collection))


def _write(rows: Collections, layout: Layout, made: dict[str, Any], user_id: str, some: list[RawRow]) -> None:
    name = collection_name(layout, user_id)
    if name not in made:
        marks = {MARK: name, **({} if layout == "shared" else {USER: user_id})}
        with rows.translated():
            made[name] = rows.opened().create_collection(f"{NEW}{name}", embedding_function=None, metadata=marks)
    raw_rows.write(rows, made[name], some)
