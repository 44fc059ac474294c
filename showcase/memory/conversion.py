"""The switch from a store's old collections to new ones: decided by one file, and finished by whoever opens it next.

The new collections are made beside the old under names that no layout knows. Then the decision is written, at once or
not at all; only after it are the old ones dropped and the new ones given their names. A process that is killed leaves
the old store before the decision, and after it the new one, which `finish` brings to its end: each of its steps finds
what is left to do.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory import store_record
from showcase.memory.chroma_client import ChromaClient
from showcase.memory.decision_file import DecisionFile
from showcase.memory.operations import recording
from showcase.memory.same_store import alone
from showcase.memory.store_files import DATABASE, reading
from showcase.memory.store_record import DECISION, StoreRecord
from showcase.shell import here
from showcase.shell.advice import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

_SEGMENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OURS = re.compile(r"new-(?:mem0|user-[0-9a-f]{32})")

NEW = "new-"
"""How a collection is named while it is made: neither layout takes it for one of its own."""

MARK = "showcase_conversion"
"""Beside a collection that this program makes for a conversion: the name that it is to have. A name that begins so is
anybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Fact):
    """What is to become of a store.

    Attributes:
        record: What the store says of itself then.
        drop: Ids of the collections that go.
        indexes: Names of their directories of vectors, which Chroma leaves behind.
        rename: Ids of those that come, with their names.
    """

    record: StoreRecord
    drop: tuple[str, ...]
    indexes: tuple[str, ...]
    rename: dict[str, str]


FILE = DecisionFile(
    format="local-memory-showcase conversion", version=1, decides=Decision, what="a conversion of the store"
)


def path_of(place: StorePlace) -> Path:
    """Return where the decision lies."""
    return place.home / DECISION


def decide(place: StorePlace, decision: Decision) -> None:
    """Write the decision and carry it out. Until it is written whole, the store is the old one.

    Raises:
        StoreError: It cannot be written, or the store cannot be used.
    """
    try:
        place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{place.home} cannot be made: {error.strerror or error}", hint=f"see who may: {here().who_may(place.root)}"
        ) from error
    FILE.write(path_of(place), decision)
    _finish(place)


def unfinished(client: ChromaClient) -> tuple[str, ...]:
    """Return the names of the collections that a conversion made which was not decided."""
    return tuple(name for name, marks in client.marks().items() if is_ours(name, marks))


def is_ours(name: str, marks: Mapping[str, Any]) -> bool:
    """Tell whether a collection was made by this program for a conversion."""
    return _OURS.fullmatch(name) is not None and name == f"{NEW}{marks.get(MARK)}"


def check_free(client: ChromaClient, final: Collection[str], replaced: Collection[str]) -> None:
    """Refuse a conversion that would need a name which a collection has that is not of this layout.

    Args:
        client: The store.
        final: Names that the new collections are to have.
        replaced: Names of the collections that go.

    Raises:
        StoreError: There is such a one. Nothing was changed.
    """
    for name, marks in client.marks().items():
        made = name.startswith(NEW) and name.removeprefix(NEW) in final and not is_ours(name, marks)
        if made or (name in final and name not in replaced):
            raise StoreError(
                f"the store {client.place.named} cannot be converted: it has a collection {printable(name)} that is "
                "not of its layout, and whose name is needed",
                hint=f"see what is in it: showcase inspect {quoted(client.place.named)}; nothing was changed",
            )


def indexes_of(place: StorePlace, collections: Collection[str]) -> tuple[str, ...]:
    """Return the directories of vectors of collections, by their ids; none where the database does not say.

    Source: the table `segments` of chromadb 1.5.9, and `PersistentLocalHnswSegment`, whose directory has its id.
    """
    with suppress(sqlite3.Error, OSError), reading(place.chroma / DATABASE) as database:
        rows = database.execute("SELECT id, collection FROM segments WHERE scope = 'VECTOR'").fetchall()
        return tuple(str(each) for each, collection in rows if collection in collections)
    return ()


def finish(place: StorePlace) -> bool:
    """Carry out what another process decided, where one did; tell whether anything was.

    Raises:
        StoreError: The decision cannot be read, or the store cannot be used.
    """
    was_any = _finish(place)
    if was_any:
        recording.finished(place, {"MOVE", "REEMBED"})
    return was_any


def _finish(place: StorePlace) -> bool:
    if decided(place) is None:
        return False
    FILE.check_own((place.root, place.chroma, place.home), place.root)
    with alone(place):
        decision = decided(place)  # another process may have finished it meanwhile
        if decision is not None:
            _carry_out(place, decision)
    return True


def _carry_out(place: StorePlace, decision: Decision) -> None:
    with ChromaClient(place) as client:
        gone = set(decision.drop)
        for name in [name for name, each in client.names().items() if each in gone]:
            client.drop(name)
        for name, each in client.names().items():
            final = decision.rename.get(each, name)
            if name != final:
                client.rename(name, final)
    for each in decision.indexes:
        if _SEGMENT.fullmatch(each):
            shutil.rmtree(place.chroma / each, ignore_errors=True)
    store_record.write(place, decision.record)
    path_of(place).unlink(missing_ok=True)


def decided(place: StorePlace) -> Decision | None:
    """Return what was decided and is not carried out yet, None where nothing is.

    Raises:
        StoreError: It cannot be read, or another user wrote it.
    """
    return FILE.read(path_of(place), place.root)
