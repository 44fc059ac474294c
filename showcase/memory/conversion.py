"""The switch from a store's old collections to new ones: decided by one file, and finished by whoever opens it next.

The new collections are made beside the old under names that no layout knows. Then the decision is written, at once or
not at all; only after it are the old ones dropped and the new ones given their names. A process that is killed leaves
the old store before the decision, and after it the new one, which `finish` brings to its end: each of its steps finds
what is left to do.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import stat
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from showcase.documents import regular_file, strict_json
from showcase.documents.destination import Destination, UnwritableError
from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory import store_record
from showcase.memory.chroma_client import ChromaClient
from showcase.memory.same_store import alone
from showcase.memory.store_files import DATABASE, reading
from showcase.memory.store_record import DECISION, StoreRecord
from showcase.shell import here
from showcase.shell.advice import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

FORMAT = "local-memory-showcase conversion"
VERSION = 1
_SEGMENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OURS = re.compile(r"new-(?:mem0|user-[0-9a-f]{32})")
_MOST_BYTES = 64 * 1024 * 1024

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


def path_of(place: StorePlace) -> Path:
    """Return where the decision lies."""
    return place.home / DECISION


def decide(place: StorePlace, decision: Decision) -> None:
    """Write the decision and carry it out. Until it is written whole, the store is the old one.

    Raises:
        StoreError: It cannot be written, or the store cannot be used.
    """
    document = {"format": FORMAT, "version": VERSION, **asdict(decision)}
    try:
        place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        destination = Destination(path_of(place))
        try:
            destination.write(json.dumps(document).encode() + b"\n")
        finally:
            destination.close()
    except UnwritableError as error:
        raise StoreError(error.message, hint=error.hint) from error
    finish(place)


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
                f"the store {client.place.root} cannot be converted: it has a collection {printable(name)} that is not "
                "of its layout, and whose name is needed",
                hint=f"see what is in it: showcase inspect {quoted(client.place.root)}; nothing was changed",
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
    """Carry out what was decided, where something was; tell whether anything was.

    Raises:
        StoreError: The decision cannot be read, or the store cannot be used.
    """
    if decided(place) is None:
        return False
    _check_own(place)
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


def _check_own(place: StorePlace) -> None:
    """Refuse to drop and to remove what lies elsewhere, or is somebody else's, by a decision that was put there."""
    for directory in (place.root, place.chroma, place.home):
        try:
            seen = directory.lstat()
            if not stat.S_ISDIR(seen.st_mode):
                raise NotADirectoryError(None, "it is no directory of its own")
            regular_file.check_own(seen)
        except OSError as error:  # noqa: PERF203 - three of them
            raise StoreError(
                f"a conversion of the store {place.root} is unfinished, and is not finished here: {directory}: "
                f"{error.strerror or error}",
                hint=f"see whose it is: {here().who_may(directory)}",
            ) from error


def decided(place: StorePlace) -> Decision | None:
    """Return what was decided and is not carried out yet, None where nothing is.

    Raises:
        StoreError: It cannot be read, or another user wrote it.
    """
    path = path_of(place)
    try:
        data = regular_file.read(path, limit=_MOST_BYTES, own=True)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read: {error.strerror or error}", hint=f"see why: {here().who_may(path)}"
        ) from error
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - heavy

    try:
        document = strict_json.parse(data)
        if not isinstance(document, dict) or (document.pop("format", 0), document.pop("version", 0)) != (
            FORMAT,
            VERSION,
        ):
            raise ValueError("it is no conversion that this version knows")  # noqa: TRY301 - one place says what it is not
        return TypeAdapter(Decision).validate_json(json.dumps(document))
    except (ValidationError, ValueError) as error:
        raise StoreError(
            f"the store {place.root} was being converted, and {path} does not say to what",
            hint="convert it with the version of this program that began it; or, if nobody did, "
            f"{here().move(path, f'{path}-aside')}",
        ) from error
