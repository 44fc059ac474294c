"""What a migration would do, found out before anything is written: what is missing, what is in the way, what fits."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.engines.model_names import same
from showcase.errors import StoreError, UsageError
from showcase.evidence.fact import Fact
from showcase.memory.distances import UNIT_TOLERANCE
from showcase.memory.migration.comparing import differences, likeness
from showcase.memory.migration.events import events_of, in_the_way, known_to
from showcase.memory.store_record import StoreRecord
from showcase.memory.stored import now
from showcase.shell.advice import printable, quoted
from showcase.stores.unfit_rows import ROUNDING, why_no_place, why_unfit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.memory.backends.opening import Kept
    from showcase.memory.migration.interface import Carried, Key, Side

    Progress = Callable[[int, int], None]

_NAMED = 5
"""Rows that a refusal names one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Fact):
    """What a migration would do.

    Attributes:
        rows: How many rows the source has.
        users: How many each user has, in the order of their first; under None those that name nobody.
        new: How many are not there.
        replaced: How many are there with another content.
        behind: How many are there, and were recalled in the source since; they get its counts.
        same: How many are there to the last bit, or as their engine rounds them.
        used: How many are there, and were recalled since; they are left.
        record: What the target says of itself after.
        user_id: Whose rows alone; None for everybody's.
        replaces: Whether a row of another content may be replaced.
    """

    rows: int
    users: dict[str | None, int]
    new: int
    replaced: int
    behind: int
    same: int
    used: int
    record: StoreRecord
    user_id: str | None
    replaces: bool


def plan(
    source: Side,
    target: Side,
    *,
    user_id: str | None,
    embed_model: str | None,
    replaces: bool,
    progress: Progress,
) -> Plan:
    """Compare two stores row by row, and return what a migration would do; nothing is written.

    Args:
        source: Where the rows are.
        target: Where they are to be.
        user_id: Whose rows alone; None for everybody's.
        embed_model: Which model made the vectors, for a store that does not say.
        replaces: Whether a row that is there may be replaced by one of another content.
        progress: Is told how many rows of how many were looked at.

    Raises:
        UsageError: Rows cannot be held there, or are there with another content; which, and why.
        StoreError: The two stores have vectors of different models, or one cannot be read.
    """
    total = source.count(user_id)
    if not total:
        whose = "no memory" if user_id is None else f"no memory of {printable(user_id[:60])}"
        raise UsageError(
            f"the store {source.kept.place.named} holds {whose}: there is nothing to copy",
            hint=f"see whose there are: showcase memories list --store {quoted(source.kept.place.named)}",
        )
    record = _record(source, target, embed_model)
    counted: Counter[str] = Counter()
    users: Counter[str | None] = Counter()
    refused: list[tuple[Carried, str]] = []
    seen: set[Key] = set()
    done = 0
    for page in source.pages(user_id):
        there = target.there(page)
        happened, known = events_of(source, page), known_to(target, page)
        for row in page:
            key = target.key(row)
            users[row.stored.user_id] += 1
            like = likeness(row, there.get(key), rounds=target.rounds)
            counted[like] += 1
            why = unfit(row, target, record)
            if key in seen:
                why = "another user has a memory of that id, and it holds each id once"
            elif like == "anothers":
                why = "its id is there, as that of another user's memory"
            elif like == "other" and not replaces:
                differ = printable(", ".join(differences(row, there[key]))[:80])
                why = f"it is there with another content ({differ}); to replace it: --replace"
            elif in_the_way(happened.get(row.memory_id, ()), known.get(row.memory_id, ())):
                why = "an event of its history is there with another content"
            seen.add(key)
            if why is not None:
                refused.append((row, why))
        done += len(page)
        progress(done, max(total, done))
    if refused:
        raise refusal(source.kept, target.kept, refused)
    return Plan(
        rows=done,
        users=dict(users),
        new=counted["new"],
        replaced=counted["other"],
        behind=counted["behind"],
        same=counted["same"] + counted["rounded"],
        used=counted["used"],
        record=record,
        user_id=user_id,
        replaces=replaces,
    )


def unfit(row: Carried, target: Side, record: StoreRecord) -> str | None:
    """Return why a store cannot hold a row as it is, None where it can."""
    kept = target.kept
    address = kept.place.address
    if row.vector is None:
        return "it has no vector"
    numbers = array("f", row.vector)
    if len(numbers) != record.dimensions:
        return f"its vector has {len(numbers)} numbers, those of the store have {record.dimensions}"
    if not all(map(math.isfinite, numbers)):
        return "its vector holds what is no number"
    length = math.hypot(*numbers)
    if abs(length - 1) > UNIT_TOLERANCE:
        return f"its vector has length {length:.3g} instead of 1: no cosine could be told there"
    if target.rounds and abs(length - 1) > ROUNDING:
        return f"its vector has length {length:.7g}, and the engine there brings each to 1"
    if address is not None and row.document is not None:
        return "Chroma keeps a document of its own beside it, for which other engines have no place"
    if kept.layout == "per-user" and row.stored.user_id is None:
        return "it names no user, and would belong to nobody's collection"
    return why_unfit(None if address is None else address.kind, row.memory_id, row.beside)


def refusal(source: Kept, target: Kept, refused: Sequence[tuple[Carried, str]]) -> UsageError:
    """Return what a person is told of rows that cannot be copied."""
    lines = [f"{printable(row.memory_id[:60])} of {_whose(row)}: {why}" for row, why in sorted(refused, key=_by_reason)]
    more = f"\n  and {len(lines) - _NAMED:,} more" if len(lines) > _NAMED else ""
    named = "".join(f"\n  {line}" for line in lines[:_NAMED])
    many = "1 memory" if len(lines) == 1 else f"{len(lines):,} memories"
    return UsageError(
        f"{many} of {source.place.named} cannot be copied into {target.place.named} as they are:{named}{more}",
        hint="nothing was written; see one whole: showcase memories show --store "
        f"{quoted(source.place.named)} --user-id USER ID; choose an engine that holds it, take it out, or copy the "
        "memories of one user alone: --user-id USER",
    )


def _by_reason(refused: tuple[Carried, str]) -> tuple[str, str]:
    return refused[1], refused[0].memory_id


def _whose(row: Carried) -> str:
    user_id = row.stored.user_id
    return "nobody" if user_id is None else printable(user_id[:60])


def _record(source: Side, target: Side, embed_model: str | None) -> StoreRecord:
    """Return what the target is to say of itself.

    Raises:
        StoreError: One of the two does not say which model made its vectors, or it is not the same.
    """
    made = source.kept.record or _named(source, embed_model)
    there, place = target.kept.record, target.kept.place
    has = target.dimensions()
    if there is None and not target.is_empty():
        there = replace(_named(target, embed_model), layout=target.kept.layout)
    after = there or replace(made, layout=target.kept.layout, created_at=now())
    why = None if place.address is None else why_no_place(place.address.kind, made.dimensions)
    if why is not None:
        raise UsageError(
            f"{place.named} cannot hold these memories: {why}", hint="choose another engine: --to DIR, --to qdrant:DIR"
        )
    digests = {after.embed_digest, made.embed_digest} - {None, ""}
    if (
        not same(after.embed_model, made.embed_model)
        or {after.dimensions, made.dimensions, has or made.dimensions} != {made.dimensions}
        or len(digests) > 1
    ):
        raise _other_model(source.kept, made, target.kept, after, has)
    return replace(after, embed_digest=after.embed_digest or made.embed_digest)


def _named(side: Side, embed_model: str | None) -> StoreRecord:
    place = side.kept.place
    if embed_model is None:
        raise StoreError(
            f"the store {place.named} does not say which embedding model made it, and a copy has to",
            hint="name it, with the same command: --embed-model NAME",
        )
    return StoreRecord(
        embed_model=embed_model,
        embed_digest=None,
        dimensions=side.dimensions() or 0,
        layout=side.kept.layout,
        created_at=now(),
    )


def _other_model(source: Kept, made: StoreRecord, target: Kept, there: StoreRecord, has: int | None) -> StoreError:
    its = f"{printable(there.embed_model)} ({has or there.dimensions} numbers)"
    digests = "" if there.embed_digest in (None, made.embed_digest) else f", digest {str(there.embed_digest)[:12]}"
    named = quoted(source.place.named)
    anew = (
        f"make those of the first anew: showcase memories reembed --store {named} --embed-model "
        f"{quoted(there.embed_model)}"
        if source.place.address is None
        else f"have an import make them anew: showcase memories export --store {named} memories.jsonl; then: showcase "
        f"memories import --store {quoted(target.place.named)} memories.jsonl"
    )
    return StoreError(
        f"the vectors of {source.place.named} are of {printable(made.embed_model)} ({made.dimensions} numbers), those "
        f"of {target.place.named} of {its}{digests}: they have nothing to do with each other",
        hint=f"{anew}; or name another target, such as --to DIR",
    )
