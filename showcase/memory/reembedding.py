"""Makes all vectors of a store anew with another embedding model; what was made is kept where that is cut off."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory import conversion, raw_rows, store_record
from showcase.memory.collections import Collections
from showcase.memory.conversion import MARK, NEW, Decision, indexes_of
from showcase.memory.layouts import USER
from showcase.memory.moving import check_alone, drop_unfinished, ids_of, still_written, until_alike
from showcase.memory.operations import recording
from showcase.memory.same_store import again, alone
from showcase.shell.advice import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.evidence import Model
    from showcase.memory.backends.opening import Kept
    from showcase.memory.moving import Progress
    from showcase.memory.raw_rows import RawRow

    Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]

BATCH = 64
"""Texts a request: what is lost where one is cut off, and what a server on a processor answers within seconds."""

MODEL = "showcase_embed_model"
DIGEST = "showcase_embed_digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reembedded(Fact):
    """What it came to: how many rows there are, and of how many the vector was there already from an earlier try."""

    rows: int
    resumed: int


def reembed(kept: Kept, model: Model, embed: Embed, *, progress: Progress) -> Reembedded:
    """Make all vectors with `model`; the old ones stay in force until all are there.

    Args:
        kept: The store.
        model: The embedding model, of which the dimension is known.
        embed: Returns the vectors of texts by that model.
        progress: Is told how many rows of how many have their vector.

    Raises:
        StoreError: Another process holds the store, a row has no text, or the store cannot be used.
        EngineError: The model server is at fault; what it made is kept.
    """
    again(kept.place, kept.record, kept.layout)
    with ExitStack() as held:
        done, decision = _embedded(kept, model, embed, progress, held)
        again(kept.place, kept.record, kept.layout)
        check_alone(kept.place)
        there = partial(ids_of, kept.place, kept.layout)
        with recording.operation(kept.place, "REEMBED", None, (), there=there, count=done.rows):
            conversion.decide(kept.place, decision)
    return done


def _embedded(
    kept: Kept, model: Model, embed: Embed, progress: Progress, held: ExitStack
) -> tuple[Reembedded, Decision]:
    """Make all vectors beside the old ones; return what is to be decided.

    From the last look at the rows on `held` has the store's lock.
    """
    with Collections(kept.place, kept.layout) as rows:
        check_alone(kept.place)
        old = rows.all()
        names = {each.name for each in old}
        conversion.check_free(rows, names, names)
        made = {each.name: _begun(rows, each, model) for each in old}
        if {f"{NEW}{name}" for name in names} != set(conversion.unfinished(rows)):
            drop_unfinished(rows)  # of a move, or of users that are gone
            made = {each.name: _begun(rows, each, model) for each in old}
        total = sum(len(raw_rows.ids(rows, each)) for each in old)
        resumed = _shared(rows, old, made)

        def make() -> bool:
            return _embed_what_differs(rows, old, made, embed, lambda done: progress(done, total))

        make()  # what takes its time, while others may write
        held.enter_context(alone(kept.place))
        until_alike(kept.place, make)
        _check_same_collections(rows, names)
        drop = tuple(str(each.id) for each in old)
        rename = {str(each.id): name for name, each in made.items()}
    record = store_record.made_by(model, layout=kept.layout)
    if kept.record is not None:
        record = replace(record, created_at=kept.record.created_at)
    decision = Decision(record=record, drop=drop, indexes=indexes_of(kept.place, drop), rename=rename)
    return Reembedded(rows=total, resumed=resumed), decision


def _check_same_collections(rows: Collections, names: set[str]) -> None:
    """Refuse where a user began meanwhile whose collection nobody looked at: it would keep the old model's vectors."""
    if {each.name for each in rows.all()} != names:
        raise still_written(rows.place)


def _begun(rows: Collections, old: Any, model: Model) -> Any:  # noqa: ANN401 - Chroma's own class
    """Return the collection that takes the place of another: the one that an earlier try began with this model."""
    name = f"{NEW}{old.name}"
    marks = {MARK: old.name, MODEL: model.name, DIGEST: model.digest or ""}
    with rows.translated():
        if name in rows.names():
            there = rows.opened().get_collection(name, embedding_function=None)
            if {key: (there.metadata or {}).get(key) for key in marks} == marks:
                return there
            rows.drop(name)
        user = {} if USER not in (old.metadata or {}) else {USER: old.metadata[USER]}
        return rows.opened().create_collection(name, embedding_function=None, metadata={**user, **marks})


def _shared(rows: Collections, old: Sequence[Any], made: dict[str, Any]) -> int:
    """Return how many rows have their new vector already."""
    return sum(len(set(raw_rows.ids(rows, each)) & set(raw_rows.ids(rows, made[each.name]))) for each in old)


def _embed_what_differs(
    rows: Collections, old: Sequence[Any], made: dict[str, Any], embed: Embed, progress: Callable[[int], None]
) -> bool:
    """Make what is not there as it is now; take out what is gone. Tell whether anything was to do."""
    differs, done = False, 0
    for each in old:
        new = made[each.name]
        wanted = raw_rows.ids(rows, each)
        gone = list(set(raw_rows.ids(rows, new)) - set(wanted))
        if gone:
            differs = True
            with rows.translated():
                new.delete(ids=gone)
        for piece in raw_rows.read(rows, each, wanted, vectors=False):
            have = {row.memory_id: row for part in raw_rows.read(rows, new, _ids(piece), vectors=False) for row in part}
            changed = [row for row in piece if row.memory_id not in have or have[row.memory_id].digest != row.digest]
            differs = differs or bool(changed)
            done += len(piece) - len(changed)
            progress(done)
            for begin in range(0, len(changed), BATCH):
                some = changed[begin : begin + BATCH]
                raw_rows.write(rows, new, _anew(rows, some, embed))
                done += len(some)
                progress(done)
    return differs


def _anew(rows: Collections, some: Sequence[RawRow], embed: Embed) -> list[RawRow]:
    texts = [row.beside.get("data") for row in some]
    for row, text in zip(some, texts, strict=True):
        if not isinstance(text, str) or not text.strip():
            raise StoreError(
                f"the memory {printable(row.memory_id)} has no text, of which a vector could be made",
                hint=f"take it out: showcase memories forget --store {quoted(rows.place.named)} --user-id "
                f"{quoted(row.beside.get(USER))} {quoted(row.memory_id)}",
            )
    vectors = embed([str(text) for text in texts])
    return [
        replace(row, vector=np.asarray(vector, dtype=np.float32)) for row, vector in zip(some, vectors, strict=True)
    ]


def _ids(piece: Sequence[RawRow]) -> list[str]:
    return [row.memory_id for row in piece]
