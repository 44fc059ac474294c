"""What a scan has to know before anything is removed: all that goes in words and numbers, and all that stays."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from showcase.erasure import typed
from showcase.erasure.subject import Subject, folded
from showcase.evidence.fact import Fact
from showcase.memory import history, raw_rows
from showcase.memory.chroma_client import ChromaClient, forget_opened
from showcase.memory.left_on_disk import typed_lines
from showcase.memory.rebuilding import Going, rows_that_stay
from showcase.memory.store_files import DATABASE, reading
from showcase.memory.stored import OF_MEM0, OWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from showcase.memory.raw_rows import RawRow
    from showcase.settings.store_place import StorePlace

_SAYS_NOTHING = (OF_MEM0 | OWN | {"role", "actor_id", "agent_id", "run_id"}) - {"data", "hash"}
"""What lies beside a row and is no text of it: times, and who. Both are anybody's."""

_SHORTEST = 8
_OF_NOBODY = (
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL",
    "SELECT * FROM migrations",
    "SELECT * FROM tenants",
    "SELECT * FROM databases",
    "SELECT * FROM segments",
    "SELECT * FROM segment_metadata",
    "SELECT * FROM embeddings_queue_config",
    "SELECT name, schema_str, config_json_str FROM collections",
)
"""What a store of Chroma's holds that no memory is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered(Fact):
    """What was gathered.

    Attributes:
        subject: For the scan.
        going: For the copy.
        stay: How many rows stay.
        found: How many of those that were asked for are there.
        remnants: Ids of memories of which the history alone tells, which go with everything.
        known: Ids of memories that stay, be it in the history alone, and users who have any: the log of operations goes
            on to tell of them.
    """

    subject: Subject
    going: Going
    stay: int
    found: int
    remnants: frozenset[str]
    known: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone(Fact):
    """A row that was taken out before, and of which somebody still knows what it held: texts, and its vector."""

    memory_id: str
    texts: tuple[str, ...]
    vector: bytes | None = field(default=None, repr=False)


def gather(
    place: StorePlace,
    user_id: str,
    ids: Sequence[str],
    *,
    everything: bool,
    traces: bool = False,
    gone: Sequence[Gone] = (),
) -> Gathered:
    """Return what goes and what stays, by what the store holds.

    Args:
        place: The store.
        user_id: Whose memories go.
        ids: Which.
        everything: Whether they are all, and with them goes what the history tells of memories that no row is left of:
            it names no user, and what was deleted before is all that it can be.
        traces: Whether that goes in any case.
        gone: Rows that were taken out before.

    Raises:
        StoreError: The store cannot be read.
    """
    going = Going(user_id=user_id, ids=frozenset(ids), everything=everything)
    rows: list[RawRow] = []
    kept: list[str] = []
    kept_vectors: set[bytes] = set()
    live: set[str] = set()
    users: set[str] = set() if everything else {user_id}
    stay = 0
    try:
        with ChromaClient(place) as client:
            for name in client.names():
                with client.translated():
                    collection = client.opened().get_collection(name, embedding_function=None)
                for piece in raw_rows.read(client, collection, list(ids)):
                    rows += [row for row in piece if row.beside.get("user_id") == user_id]
            for name, some in rows_that_stay(client, going):
                kept.append(name)
                for row in some:
                    stay += 1
                    live.add(row.memory_id)
                    users |= {held for held in [row.beside.get("user_id")] if isinstance(held, str)}
                    kept += [each for value in row.beside.values() for each in strings(value)]
                    kept += [row.document] if row.document else []
                    kept_vectors.add(_single(row))
    finally:
        forget_opened()
    events = history.everything(place)
    left = {each.memory_id for each in events} - live - going.ids
    remnants = frozenset(left) if everything or traces else frozenset()
    texts = [text for row in rows for text in texts_of(row)]
    texts += [text for each in gone for text in each.texts]
    vectors = [_single(row) for row in rows]
    vectors += [each.vector for each in gone if each.vector is not None]
    vectors += _queued(place, {*ids, *remnants} - {row.memory_id for row in rows})
    for each in events:
        said = [text for text in (each.old_memory, each.new_memory) if text]
        if each.memory_id in going.ids or each.memory_id in remnants:
            texts += said
        else:
            kept += said
    own = typed_lines(place, user_id)
    for path in sorted(own.parent.glob("*.history")) if own.parent.is_dir() else ():
        if path != own and path.is_file() and not path.is_symlink():
            kept.append(typed.said_in(path.read_bytes()))  # what others typed is theirs
    subject = Subject(
        texts=tuple(dict.fromkeys(texts)),
        # Another program may have given a row of its own the same id, and that stays.
        ids=tuple(dict.fromkeys(each for each in (*ids, *sorted(remnants)) if each not in live)),
        vectors=tuple(dict.fromkeys(vectors)),
        kept=tuple(dict.fromkeys(kept)),
        kept_vectors=frozenset(kept_vectors),
        plain=tuple(plain_words(place)),
    )
    found = {row.memory_id for row in rows} | {each.memory_id for each in gone}
    return Gathered(
        subject=subject,
        going=going,
        stay=stay,
        found=len(found),
        remnants=remnants,
        known=(frozenset(live | left - remnants), frozenset(users)),
    )


def gone_of(row: RawRow) -> Gone:
    """Return what has to be known of a row when it is gone."""
    return Gone(memory_id=row.memory_id, texts=tuple(texts_of(row)), vector=_single(row))


def _queued(place: StorePlace, ids: Collection[str]) -> list[bytes]:
    """Return the vectors of rows that are gone, as the queue of Chroma's writes holds them until it is cleared."""
    with reading(place.chroma / DATABASE) as database:
        try:
            rows = database.execute("SELECT id, vector FROM embeddings_queue WHERE encoding = 'FLOAT32'").fetchall()
        except sqlite3.Error:
            return []
    return [bytes(vector) for memory_id, vector in rows if memory_id in ids and isinstance(vector, bytes)]


def _single(row: RawRow) -> bytes:
    """Return a vector as Chroma keeps it: it hands numbers of double precision out."""
    return bytes(row.vector.astype("<f4").tobytes())


def strings(value: object) -> Iterator[str]:
    """Yield the texts of a value of what lies beside a row, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from strings(each)


def texts_of(row: RawRow) -> list[str]:
    """Return every text of a row: the memory, what mem0 made of its words, its hash, what else lies beside it."""
    found = [each for name, value in row.beside.items() if name not in _SAYS_NOTHING for each in strings(value)]
    memory = str(row.beside.get("data") or "")
    return [each for each in (*found, row.document or "") if len(each) >= _SHORTEST or (each == memory and each)]


def who_holds(place: StorePlace, going: Going, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return users and ids of the rows that stay and hold one of these texts; nothing of what is typed or noted.

    Raises:
        StoreError: The store cannot be read.
    """
    wanted = [folded(text) for text in texts]
    found: list[tuple[str, str]] = []
    try:
        with ChromaClient(place) as client:
            for _, some in rows_that_stay(client, going):
                for row in some:
                    said = [folded(each) for value in row.beside.values() for each in strings(value)]
                    if any(text in each for text in wanted for each in said):
                        found.append((str(row.beside.get("user_id")), row.memory_id))
    finally:
        forget_opened()
    return found


def goes(gathered: Gathered, table: str, row: dict[str, object]) -> bool:
    """Tell whether a row of mem0's own database goes.

    The messages are the last ten of a user, whole, as mem0 shows them to the model that extracts: which memory came of
    which, nobody can tell.
    """
    going = gathered.going
    if "memory_id" in row:
        memory_id = str(row["memory_id"])
        return memory_id in going.ids or memory_id in gathered.remnants
    if table == "messages":
        return of_user(row, going.user_id)
    said = folded(" ".join(str(value) for value in row.values() if isinstance(value, str)))
    return any(folded(text) in said for text in gathered.subject.texts)


def of_user(row: Mapping[str, object], user_id: str) -> bool:
    """Tell whether a row of mem0's table `messages` is of a user's conversations."""
    return f"user_id={_escaped(user_id)}" in str(row.get("session_scope", "")).split("&")


def _escaped(user_id: str) -> str:
    """Return a user id as mem0 2.2.1 writes it into a scope (`_escape_scope_value`)."""
    return user_id.replace("%", "%25").replace("&", "%26").replace("=", "%3D")


def plain_words(place: StorePlace) -> Iterator[str]:
    """Yield the words that the store holds without any memory; nothing where its database cannot be read."""
    try:
        with reading(place.chroma / DATABASE) as database:
            for query in _OF_NOBODY:
                with suppress(sqlite3.Error):  # laid out otherwise
                    rows = database.execute(query).fetchall()
                    yield from (value for row in rows for value in row if isinstance(value, str))
    except (sqlite3.Error, OSError):
        return
