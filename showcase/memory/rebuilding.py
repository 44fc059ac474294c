"""Copies what stays of a store into fresh files, in which nothing of what goes ever was.

Rows are copied in the order in which they were stored, in pieces of one length: neither depends on what is left out.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory import conversion, index_room, raw_rows
from showcase.memory.chroma_client import ChromaClient, forget_opened
from showcase.memory.layouts import USER, is_a_users
from showcase.memory.store_files import DATABASE, HISTORY, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from showcase.memory.raw_rows import RawRow
    from showcase.settings.store_place import StorePlace

    Progress = Callable[[int, int], None]

_ENTITIES = "_entities"
"""How mem0 2.2.1 ends the name of the collection of what it found named in memories (`_entity_collection_name`)."""

_LINKED = "linked_memory_ids"

SEGMENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BESIDE = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Going(Fact):
    """What is left out.

    Attributes:
        user_id: Whose it is.
        ids: Of the rows.
        everything: Whether nothing of the user is to stay, their collection neither.
    """

    user_id: str
    ids: frozenset[str]
    everything: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt(Fact):
    """What was copied: how many rows, and a digest of all that they hold."""

    rows: int
    digest: str


def own_files(place: StorePlace) -> list[Path]:
    """Return what is Chroma's in its directory: the database, what SQLite keeps beside it, and all indexes."""
    found = [path for suffix in _BESIDE if (path := place.chroma / f"{DATABASE}{suffix}").is_file()]
    if place.chroma.is_dir():
        found += sorted(path for path in place.chroma.iterdir() if SEGMENT.fullmatch(path.name) and path.is_dir())
    return found


def history_files(place: StorePlace) -> list[Path]:
    """Return mem0's history, and what SQLite keeps beside it."""
    return [path for suffix in _BESIDE if (path := place.home / f"{HISTORY}{suffix}").is_file()]


def check_copyable(place: StorePlace) -> None:
    """Refuse a store of which something would not be copied.

    Raises:
        StoreError: It holds another database or tenant of Chroma's, or rows that name files.
    """
    asked = {
        "collections of another database or tenant": "SELECT 1 FROM collections c JOIN databases d ON d.id = "
        "c.database_id WHERE d.name != 'default_database' OR d.tenant_id != 'default_tenant' LIMIT 1",
        "rows with a URI": "SELECT 1 FROM embedding_metadata WHERE key = 'chroma:uri' LIMIT 1",
    }
    with reading(place.chroma / DATABASE) as database:
        for what, query in asked.items():
            try:
                found = database.execute(query).fetchone()
            except sqlite3.Error:
                continue  # laid out otherwise: Chroma itself says so when it opens it
            if found:
                raise StoreError(
                    f"the store {place.named} holds {what}, which would not be copied into fresh files",
                    hint="nothing was changed; to take the rows alone, the same command with --rows-only",
                )


def rows_that_stay(client: ChromaClient, going: Going) -> Iterator[tuple[str, list[RawRow]]]:
    """Yield the rows that stay, in pieces, each with the name of its collection."""
    unfinished = set(conversion.unfinished(client))
    for name, marks in client.marks().items():
        if name in unfinished:
            continue
        with client.translated():
            collection = client.opened().get_collection(name, embedding_function=None)
        stays = 0
        for piece in raw_rows.read(client, collection, raw_rows.ids(client, collection)):
            some = [kept for row in piece if (kept := _kept(row, name, going)) is not None]
            stays += len(some)
            if some:
                yield name, some
        if not stays and not (going.everything and is_a_users(name, marks) and marks.get(USER) == going.user_id):
            yield name, []


def _kept(row: RawRow, collection: str, going: Going) -> RawRow | None:
    """Return a row as it stays, None where it goes."""
    if row.memory_id in going.ids and row.beside.get(USER) == going.user_id:
        return None
    if not collection.endswith(_ENTITIES) or row.beside.get(USER) != going.user_id:
        return row
    linked = row.beside.get(_LINKED)
    links = [linked] if isinstance(linked, str) else list(linked or ())
    left = [each for each in links if each not in going.ids]
    if going.everything or (links and not left):
        return None
    return row if left == links else replace(row, beside={**row.beside, _LINKED: left})


def digest_of(client: ChromaClient, going: Going) -> Rebuilt:
    """Return how many rows stay, and a digest of their ids, texts, metadata and vectors, whatever their order."""
    digests: list[str] = []
    for name, piece in rows_that_stay(client, going):
        digests += [f"{name}\0{row.whole_digest}" for row in piece]
    return Rebuilt(rows=len(digests), digest=hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest())


def rebuild(place: StorePlace, fresh: StorePlace, going: Going, *, total: int, progress: Progress) -> Rebuilt:
    """Copy the rows that stay into a fresh store.

    Args:
        place: The store.
        fresh: Where the copy goes; nothing is there.
        going: What is left out.
        total: How many rows stay, for `progress`.
        progress: Is told how many rows of how many are copied.

    Raises:
        StoreError: The store cannot be read, or the copy not be written, as on a full disk.
    """
    digests: list[str] = []
    made: dict[str, Any] = {}
    try:
        with ChromaClient(place) as client, ChromaClient(fresh) as copy:
            marks = client.marks()
            for name, piece in rows_that_stay(client, going):
                if name not in made:
                    made[name] = _made(client, copy, name, marks[name])
                raw_rows.write(copy, made[name], piece)
                digests += [f"{name}\0{row.whole_digest}" for row in piece]
                progress(len(digests), total)
            if not made:
                with copy.translated():
                    copy.opened()  # a store in which nobody has anything is a store
    finally:
        forget_opened()
    _restore_functions(place.chroma / DATABASE, fresh.chroma / DATABASE)
    index_room.blank(fresh)  # of memory of this process, which knows what goes
    return Rebuilt(rows=len(digests), digest=hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest())


def _made(client: ChromaClient, copy: ChromaClient, name: str, marks: Mapping[str, Any]) -> Any:  # noqa: ANN401 - Chroma's own class
    with client.translated():
        whole = client.opened().get_collection(name, embedding_function=None).configuration_json
    # Chroma takes no function by its description; `_restore_functions` writes that down.
    configuration = {part: held for part, held in whole.items() if part != "embedding_function"}
    with copy.translated():
        return copy.opened().create_collection(
            name, embedding_function=None, metadata=dict(marks) or None, configuration=configuration
        )


def _restore_functions(old: Path, new: Path) -> None:
    """Let each collection name the function that it named before: one that is opened without any forgets it.

    Chroma 1.5.9 keeps it in the columns `config_json_str` and `schema_str` of its table `collections`.
    """
    with reading(old) as database:
        before = database.execute("SELECT name, config_json_str, schema_str FROM collections").fetchall()
    with closing(sqlite3.connect(new)) as database, database:
        for name, configuration, schema in before:
            row = database.execute("SELECT schema_str FROM collections WHERE name = ?", (name,)).fetchone()
            if row is None or schema is None or row[0] is None:
                continue
            after = json.dumps(_with_functions(json.loads(row[0]), json.loads(schema)), separators=(",", ":"))
            database.execute(
                "UPDATE collections SET config_json_str = ?, schema_str = ? WHERE name = ?",
                (configuration, after, name),
            )


def _with_functions(new: Any, old: Any) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(new, dict) or not isinstance(old, dict):
        return new
    found = {key: _with_functions(value, old.get(key)) for key, value in new.items()}
    if "space" in found and "embedding_function" in old:
        found["embedding_function"] = old["embedding_function"]
    elif "space" in found:
        found.pop("embedding_function", None)
    return found
