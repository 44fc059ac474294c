"""What Chroma's tables hold, in versions 0.4 to 1.5, by SQL alone."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.inspection.counting import Tally, tallies, waiting
from showcase.inspection.facts import Unseen
from showcase.inspection.header import NoDatabaseError, UnreadError
from showcase.inspection.held import Chroma, Collection, Folder, Migration, Segment
from showcase.inspection.limits import CHARACTERS, DOCUMENT_CHARACTERS, MOST_COLLECTIONS, MOST_SEGMENTS
from showcase.inspection.naming import configured, cut, whole
from showcase.inspection.questions import Reader, Schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from showcase.inspection.held import Queue

    _T = TypeVar("_T")

NEEDED = frozenset({"collections", "segments", "embeddings"})
"""Tables without which a database is no store of Chroma's that is known here."""

PARTS = ("sysdb", "metadb", "embeddings_queue")
VERSIONS = {
    (4, 3, 1): "0.4.24",
    (9, 4, 2): "0.5.23 and 0.6.3",
    (9, 5, 2): "1.0.20",
    (10, 6, 2): "1.5.9",
}
"""How far each version brings the tables of each part, read from stores that it made."""

VECTOR = "VECTOR"
_LATEST = (10, 6, 2)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OWN_VIRTUAL = "virtual table embedding_fulltext_search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """What lies in Chroma's directory.

    Attributes:
        sizes: Of each folder in it: bytes and files.
        with_ids: Those in which an index told its last write in a pickle.
        whole: Whether all of them were seen.
    """

    sizes: dict[str, tuple[int, int]]
    with_ids: frozenset[str]
    whole: bool


def chroma(reader: Reader, folders: Folders, unseen: list[Unseen]) -> Chroma:
    """Return what the tables hold; what could not be read of them is added to `unseen`.

    Raises:
        NoDatabaseError: It is no store of Chroma's.
        UnreadError: Its schema cannot be read.
    """
    schema = Schema(reader)
    if not schema.tables & NEEDED:
        has = ", ".join(sorted(schema.tables)[:5]) or "none"
        raise NoDatabaseError(f"it is an SQLite database without Chroma's tables; its own: {cut(has)}")
    return _Look(reader, schema, folders, unseen).look()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known of all collections: by their ids, by their segments', and what of each was counted."""

    configured: dict[object, tuple[str | None, str | None]]
    parts: dict[str, list[tuple[str, str, str]]]
    own: dict[tuple[str, str], str]
    counts: dict[str, Tally] | None
    waits: dict[str, int]


@dataclass(slots=True)
class _Look:
    reader: Reader
    schema: Schema
    folders: Folders
    unseen: list[Unseen]
    _segments: list[tuple[str, str, str, str]] | None = None
    _written: dict[str, int] | None = None

    def look(self) -> Chroma:
        migrations = self._try("Chroma's migrations", self._migrations)
        self._segments = self._try("segments", self._read_segments)
        self._written = self._try("how far the segments were written", self._read_written)
        counts = self._try("rows by user", lambda: tallies(self.reader, self.schema))
        queue, waits = self._queue()
        collections, count = self._try("collections", lambda: self._collections(counts, waits)) or (None, None)
        everybody = Tally()
        for tally in (counts or {}).values():
            everybody.merge(tally)
        known = {segment for segment, *_ in self._segments or ()}
        lost = sum(tally.rows for segment, tally in (counts or {}).items() if segment not in known)
        counted = counts is not None
        return Chroma(
            migrations=migrations,
            as_of=None if migrations is None else VERSIONS.get(_reach(migrations)),
            collections=collections,
            collection_count=count,
            users=everybody.listed() if counted else None,
            user_count=everybody.user_count if counted else None,
            rows=everybody.rows if counted else None,
            rows_without_user=everybody.users[None] if counted and not everybody.crowded else None,
            rows_without_collection=lost if counted and self._segments is not None else None,
            queue=queue,
            orphaned=self._orphaned(),
            strange=tuple(cut(each) for each in self.schema.strange if each != _OWN_VIRTUAL),
        )

    def _try(self, what: str, ask: Callable[[], _T]) -> _T | None:
        """Return what is found; where it cannot be, say so, and go on with the rest."""
        try:
            return ask()
        except UnreadError as error:
            self.unseen.append(Unseen(what=what, why=error.why, fix=error.fix))
            return None

    def _migrations(self) -> tuple[Migration, ...]:
        self.schema.need("migrations", "dir", "version")
        text = "SELECT substr(dir, 1, 200), version FROM migrations LIMIT 1000"
        reach: dict[str, int] = {}
        for part, version in self.reader.rows(text):
            reach[cut(part)] = max(reach.get(cut(part), 0), whole(version) or 0)
        return tuple(Migration(part=part, version=version) for part, version in sorted(reach.items()))

    def _read_segments(self) -> list[tuple[str, str, str, str]]:
        self.schema.need("segments", "id", "type", "scope", "collection")
        parts = ", ".join(f"substr({name}, 1, {CHARACTERS})" for name in ("id", "type", "scope", "collection"))
        rows = self.reader.rows(f"SELECT {parts} FROM segments LIMIT {MOST_SEGMENTS + 1}")  # noqa: S608 - own words
        if len(rows) > MOST_SEGMENTS:
            raise UnreadError(f"there are more than {MOST_SEGMENTS:,}")
        return [(cut(row[0]), cut(row[1]), cut(row[2]), cut(row[3])) for row in rows]

    def _read_written(self) -> dict[str, int]:
        self.schema.need("max_seq_id", "segment_id", "seq_id")
        text = f"SELECT substr(segment_id, 1, {CHARACTERS}), seq_id FROM max_seq_id LIMIT {MOST_SEGMENTS}"  # noqa: S608 - likewise
        found = ((cut(segment), whole(number)) for segment, number in self.reader.rows(text))
        return {segment: number for segment, number in found if number is not None}

    def _queue(self) -> tuple[Queue | None, dict[str, int]]:
        """Return the queue, and what waits for each segment of which it can be told."""
        of: defaultdict[str, dict[str, int]] = defaultdict(dict)
        if self._written is not None:
            for segment, _, _, collection in self._segments or ():
                if segment in self._written or segment not in self.folders.with_ids:
                    of[collection][segment] = self._written.get(segment, 0)
        found = self._try("Chroma's queue", lambda: waiting(self.reader, self.schema, of))
        return (None, {}) if found is None else (found.queue, found.of)

    def _collections(
        self, counts: dict[str, Tally] | None, waits: dict[str, int]
    ) -> tuple[tuple[Collection, ...], int]:
        columns = self.schema.need("collections", "id", "name", "dimension")
        rows = self.reader.rows(
            f"SELECT substr(id, 1, {CHARACTERS}), substr(name, 1, {CHARACTERS}), length(name), dimension "  # noqa: S608 - likewise
            f"FROM collections ORDER BY 2 LIMIT {MOST_COLLECTIONS + 1}"
        )
        count = len(rows)
        if count > MOST_COLLECTIONS:
            count, rows = self._count_collections(), rows[:MOST_COLLECTIONS]
        own = self._try("metadata of collections", self._metadata) or {}
        asked: list[str] = [name for name in ("config_json_str", "schema_str") if name in columns]
        told = self._try("configurations of collections", lambda: self._configured(rows, asked)) or {}
        parts: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for segment, sort, scope, collection in self._segments or ():
            parts[collection].append((segment, sort, scope))
        known = _Known(configured=told, parts=parts, own=own, counts=counts, waits=waits)
        return tuple(self._collection(row, known) for row in rows), count

    def _count_collections(self) -> int:
        rows = self.reader.rows(f"SELECT 1 FROM collections LIMIT {MOST_SEGMENTS}")  # noqa: S608 - likewise
        if len(rows) == MOST_SEGMENTS:
            raise UnreadError(f"there are {MOST_SEGMENTS:,} or more")
        return len(rows)

    def _collection(
        self,
        row: tuple[object, ...],
        known: _Known,
    ) -> Collection:
        name = cut(row[0])
        function, space = known.configured.get(row[0], (None, None))
        tally = Tally()
        for segment, _, _ in known.parts.get(name, ()):
            tally.merge((known.counts or {}).get(segment, Tally()))
        counted = known.counts is not None and self._segments is not None
        return Collection(
            id=name,
            name=cut(row[1], row[2]),
            dimension=whole(row[3]),
            rows=tally.rows if counted else None,
            users=tally.listed() if counted else None,
            user_count=tally.user_count if counted else None,
            user_id=known.own.get((name, "user_id")),
            space=known.own.get((name, "hnsw:space"), space),
            embedding_function=function,
            segments=tuple(self._segment(*part, waits=known.waits) for part in known.parts.get(name, ())),
        )

    def _configured(
        self, rows: list[tuple[Any, ...]], columns: list[str]
    ) -> dict[object, tuple[str | None, str | None]]:
        """Return function and space of each collection: one question each, for a configuration may be long."""
        found: dict[object, tuple[str | None, str | None]] = {}
        if not columns:
            return found
        parts = ", ".join(f"substr({name}, 1, {DOCUMENT_CHARACTERS + 1})" for name in columns)
        for name, *_ in rows:
            answer = self.reader.rows(f"SELECT {parts} FROM collections WHERE id = ? LIMIT 1", (name,))  # noqa: S608 - own words
            function = space = None
            for text in answer[0] if answer else ():
                one, other = configured(text)
                function, space = function or one, space or other
            found[name] = (function, space)
        return found

    def _segment(self, segment: str, sort: str, scope: str, *, waits: dict[str, int]) -> Segment:
        folder = segment in self.folders.sizes
        seen = folder or self.folders.whole
        return Segment(
            id=segment,
            scope=scope,
            type=sort,
            folder=folder if seen and scope == VECTOR else None,
            written_to=(self._written or {}).get(segment),
            waiting=waits.get(segment),
        )

    def _metadata(self) -> dict[tuple[str, str], str]:
        self.schema.need("collection_metadata", "collection_id", "key", "str_value")
        text = (
            f"SELECT substr(collection_id, 1, {CHARACTERS}), key, substr(str_value, 1, {CHARACTERS}), "  # noqa: S608 - own words
            "length(str_value) FROM collection_metadata "
            f"WHERE key IN ('user_id', 'hnsw:space') AND str_value IS NOT NULL LIMIT {MOST_SEGMENTS}"
        )
        return {(cut(owner), key): cut(value, length) for owner, key, value, length in self.reader.rows(text)}

    def _orphaned(self) -> tuple[Folder, ...] | None:
        if self._segments is None or not self.folders.whole:
            return None
        known = {segment for segment, *_ in self._segments}
        return tuple(
            Folder(name=name, size_bytes=size, files=files)
            for name, (size, files) in sorted(self.folders.sizes.items())
            if name not in known and _UUID.fullmatch(name)
        )


def _reach(migrations: tuple[Migration, ...]) -> tuple[int, int, int]:
    reach = {each.part: each.version for each in migrations}
    sysdb, metadb, queue = (reach.get(part, 0) for part in PARTS)
    return sysdb, metadb, queue


def is_newer(migrations: tuple[Migration, ...]) -> bool:
    """Return whether a part was brought further than any version that is known here brings it, or is a new one."""
    return any(each.part not in PARTS for each in migrations) or any(
        there > known for there, known in zip(_reach(migrations), _LATEST, strict=True)
    )
