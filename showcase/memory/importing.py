"""Brings an export into a store: what is to become of each row is decided first, and nothing is written before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from showcase.engines.model_names import same
from showcase.errors import ShowcaseError, UsageError
from showcase.evidence.fact import Fact
from showcase.memory import history, store_record
from showcase.memory.import_file import Incoming
from showcase.memory.same_store import again
from showcase.memory.store_record import StoreRecord
from showcase.memory.stored import now, to_metadata
from showcase.memory.user_ids import check_user_id
from showcase.shell.advice import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import Model
    from showcase.memory.backends.opening import Kept
    from showcase.memory.export_file import Header
    from showcase.memory.moving import Progress
    from showcase.memory.reembedding import Embed
    from showcase.memory.stored import Stored
    from showcase.stores.interface import Rows

BATCH = 64
"""Texts a request, as `reembedding` has it."""

_AT_ONCE = 500
"""Rows that are written between two words of progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Fact):
    """What an import would do.

    Attributes:
        new: Rows whose id is not there.
        replaced: Rows whose id is there with another content.
        same: How many are there as they are.
        embeds: Why vectors have to be made; empty where those of the file fit.
        record: What the store says of itself after, where the vectors of the file are taken.
    """

    new: tuple[Incoming, ...]
    replaced: tuple[Incoming, ...]
    same: int
    embeds: str
    record: StoreRecord | None

    @property
    def rows(self) -> tuple[Incoming, ...]:
        """All rows that are written."""
        return (*self.new, *self.replaced)


def plan(kept: Kept, rows: Rows, header: Header, incoming: Sequence[Incoming], *, name: str, replaces: bool) -> Plan:
    """Return what an import would do, and write nothing.

    Args:
        kept: The store.
        rows: Its rows.
        header: Of the export.
        incoming: Its rows.
        name: What to call the file.
        replaces: Whether a row that is there may be replaced by one of another content.

    Raises:
        UsageError: A user cannot be told from another, or an id is there with another content or is another user's.
    """
    users = {each for each in rows.users() if each is not None}
    _check_users(incoming, users, name)
    there = rows.anybodys([each.row.memory_id for each in incoming])
    new, replaced, same_rows = [], [], 0
    for each in incoming:
        old = there.get(each.row.memory_id)
        if old is None:
            new.append(each)
        elif old.user_id != each.row.user_id:
            raise UsageError(
                f"{name}, line {each.line}: the id {printable(each.row.memory_id)} is that of a memory of "
                f"{printable(str(old.user_id))} here",
                hint="nothing was written; take the line out, and one from 'rows' in the first line",
            )
        elif _content(old) == _content(each.row):
            same_rows += 1
        elif replaces:
            replaced.append(each)
        else:
            raise UsageError(
                f"{name}, line {each.line}: the memory {printable(each.row.memory_id)} is there with another content",
                hint="nothing was written; to replace what is there: the same command with --replace",
            )
    written = (*new, *replaced)
    embeds, record = _vectors(kept, header, written, is_empty=not users and not rows.dimensions())
    return Plan(new=tuple(new), replaced=tuple(replaced), same=same_rows, embeds=embeds, record=record)


def with_vectors(made: Plan, embed: Embed, progress: Progress) -> Plan:
    """Return the plan with vectors made anew for all its rows; nothing is written."""
    from array import array  # noqa: PLC0415 - only here

    done: dict[int, Incoming] = {}
    rows = made.rows
    for begin in range(0, len(rows), BATCH):
        piece = rows[begin : begin + BATCH]
        vectors = embed([each.row.text for each in piece])
        for each, vector in zip(piece, vectors, strict=True):
            done[each.line] = replace(each, vector=array("f", vector))
        progress(len(done), len(rows))
    return replace(
        made,
        new=tuple(done[each.line] for each in made.new),
        replaced=tuple(done[each.line] for each in made.replaced),
    )


def apply(kept: Kept, rows: Rows, made: Plan, model: Model | None, progress: Progress) -> None:
    """Write what was planned; a second try writes what a first one that was ended did not.

    Args:
        kept: The store.
        rows: Its rows.
        made: The plan, each row with its vector.
        model: The model that made the vectors; None where those of the file are taken.
        progress: Is told how many rows of how many are written.

    Raises:
        StoreError: Another model made the store, it was converted since it was looked at, or it cannot be written.
    """
    # A file that is piped in, and vectors that are made anew, take a while.
    there = again(kept.place, kept.record, kept.layout)
    record = made.record or there
    if model is not None and there is not None:
        record = store_record.check_model(there, model, kept.place)
    elif model is not None:
        record = store_record.made_by(model, layout=kept.layout)
    rows.same.made_by = record
    rows.same.check()
    if record is not None and there is None:
        store_record.begin(kept.place, record)
    elif record is not None and model is not None and record != there:
        store_record.write(kept.place, record)
    written = 0
    users = dict.fromkeys(str(each.row.user_id) for each in made.rows)
    for user_id in users:
        mine = [each for each in made.rows if each.row.user_id == user_id]
        for begin in range(0, len(mine), _AT_ONCE):
            piece = mine[begin : begin + _AT_ONCE]
            events = [event for each in piece for event in each.history]
            rows.put(
                user_id,
                {each.row.memory_id: (to_metadata(each.row), each.vector or ()) for each in piece},
                event="IMPORT",
                # First: a row that is there already brings no history when the same file is read again.
                first=partial(history.keep, kept.place, events),
            )
            written += len(piece)
            progress(written, len(made.rows))


def _check_users(incoming: Sequence[Incoming], there: set[str], name: str) -> None:
    seen = set(there)
    for each in incoming:
        user_id = str(each.row.user_id)
        if user_id in seen:
            continue
        try:
            check_user_id(user_id, others=seen)
        except ShowcaseError as error:
            raise UsageError(f"{name}, line {each.line}: {error.message}", hint="nothing was written") from error
        seen.add(user_id)


def _content(row: Stored) -> Stored:
    """Return a row without what using it leaves on it, and without who brought it."""
    return replace(row, recalled=0, recalled_at=None, source="unknown")


def _vectors(
    kept: Kept, header: Header, written: Sequence[Incoming], *, is_empty: bool
) -> tuple[str, StoreRecord | None]:
    """Return why vectors have to be made anew, and the record that a store gets with those of the file."""
    if not written:
        return "", None
    if not header.vectors or header.embed_model is None or header.dimensions is None:
        return (
            "the file brings no vectors" if not header.vectors else "the file does not say which model made them",
            None,
        )
    record = kept.record
    if record is None:
        if not is_empty:
            return "the store does not say which model made its own", None
        return "", StoreRecord(
            embed_model=header.embed_model,
            embed_digest=header.embed_digest,
            dimensions=header.dimensions,
            layout=kept.layout,
            created_at=now(),
        )
    others = record.embed_digest and header.embed_digest and record.embed_digest != header.embed_digest
    if not same(record.embed_model, header.embed_model) or others or record.dimensions != header.dimensions:
        return f"those of the file are of {printable(header.embed_model)}, the store's of {record.embed_model}", None
    return "", None
