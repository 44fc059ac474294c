"""What was seen, in the words that the terminal and the page share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.inspection.facts import Database, Files, Inspection, Remembered
    from showcase.inspection.held import Chroma, Collection, History, Segment

_STEP = 1024
_LEAST_HOLES = 64 * _STEP
"""A short file may lie in its directory's own block, and takes nothing."""

NOT_SEEN = "not seen"
NOBODY = "(no user)"


def counted(number: int, noun: str) -> str:
    """Return `1 row`, `2 rows`, `10,000 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(count: int) -> str:
    """Return bytes in the largest unit of 1024 that leaves at least one."""
    amount, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < _STEP:
            break
        amount, unit = amount / _STEP, larger
    return f"{amount:,.0f} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"


def headline(found: Inspection) -> str:
    """Return the whole in one line."""
    held = found.chroma
    if held is None or held.rows is None:
        return "Rows: not counted to the end"
    users = "users that were not counted apart" if held.user_count is None else counted(held.user_count, "user")
    count = held.collection_count
    collections = "collections that were not read" if count is None else counted(count, "collection")
    return f"{counted(held.rows, 'row')} of {users}, in {collections}"


def model(remembered: Remembered | None, otherwise: str) -> str:
    """Return which embedding model filled the store."""
    if remembered is None:
        return otherwise
    parts = [remembered.embed_model]
    parts += [] if remembered.dimensions is None else [f"{remembered.dimensions:,} dimensions"]
    parts += [] if remembered.embed_digest is None else [f"digest {remembered.embed_digest}"]
    parts += [f"layout {remembered.layout}", f"since {remembered.created_at}"]
    return ", ".join(parts)


def versions(held: Chroma | None) -> str:
    """Return which Chroma brought the tables so far."""
    if held is None or held.migrations is None:
        return NOT_SEEN
    reach = ", ".join(f"{each.part} {each.version}" for each in held.migrations) or "none"
    as_of = f"as Chroma {held.as_of} makes them" if held.as_of else "as none of the versions known here makes them"
    return f"{as_of} ({reach})"


def database(facts: Database | None) -> str:
    """Return a database as a file."""
    if facts is None:
        return NOT_SEEN
    parts = [facts.path, length(facts.size_bytes, facts.disk_bytes)]
    if facts.page_bytes is not None:
        pages = "pages not told" if facts.pages is None else counted(facts.pages, "page")
        parts.append(f"{pages} of {facts.page_bytes:,} B, {facts.free_pages or 0:,} free")
    if facts.written_by is not None:
        parts.append(f"written by SQLite {facts.written_by}")
    parts.append("not read" if facts.read is None else "read in a copy" if facts.read == "copy" else "read in place")
    return ", ".join(parts)


def writes(facts: Database | None) -> str:
    """Return what of a database's writes is not settled."""
    if facts is None:
        return NOT_SEEN
    kinds = {None: "written in a way that is not told", "journal": "rollback journal"}
    parts = [kinds.get(facts.log, "write-ahead log (WAL)")]
    if facts.wal_bytes:
        parts.append(f"{size(facts.wal_bytes)} of WAL, {counted(facts.wal_frames, 'page')}")
    if facts.journal_bytes:
        parts.append(f"{size(facts.journal_bytes)} of journal")
    cut_off = {True: "a write that was cut off", False: "no unfinished write"}
    parts.append("whether one is unfinished: not seen" if facts.unfinished is None else cut_off[facts.unfinished])
    return ", ".join(parts)


def length(size_bytes: int, disk_bytes: int | None) -> str:
    """Return how long a file is, and what it takes on the disk where that is less than half of it."""
    holes = disk_bytes is not None and size_bytes > max(2 * disk_bytes, _LEAST_HOLES)
    return size(size_bytes) + (f" ({size(disk_bytes or 0)} on the disk)" if holes else "")


def files(seen: Files) -> str:
    """Return how many files there are."""
    most = "" if seen.whole else "at least "
    return f"{most}{counted(seen.count, 'file')}, {length(seen.size_bytes, seen.disk_bytes)}"


def collection(seen: Collection) -> str:
    """Return a collection without its name."""
    dimension = "no vectors yet" if seen.dimension is None else counted(seen.dimension, "dimension")
    rows = "rows not counted" if seen.rows is None else counted(seen.rows, "row")
    users = "" if seen.user_count is None or not seen.rows else f" of {counted(seen.user_count, 'user')}"
    parts = [dimension, seen.space or "distance not told", f"{rows}{users}"]
    parts.append(f"embedding function: {seen.embedding_function or 'not told'}")
    parts += [] if seen.user_id is None else [f"of the user {seen.user_id} alone"]
    return ", ".join(parts)


def segment(seen: Segment) -> str:
    """Return what is told of a part of a collection."""
    what = {"VECTOR": "vectors", "METADATA": "rows"}.get(seen.scope, seen.scope)
    waiting = "waiting writes not told" if seen.waiting is None else f"{counted(seen.waiting, 'write')} waiting"
    folder = "" if seen.folder is None else ", folder there" if seen.folder else ", folder not written yet"
    return f"{what}: {waiting}{folder} ({seen.id})"


def queue(held: Chroma | None) -> str:
    """Return what is in Chroma's queue."""
    if held is None or held.queue is None:
        return NOT_SEEN
    found = held.queue
    span = "" if found.first is None or found.last is None else f", number {found.first:,} to {found.last:,}"
    return f"{counted(found.rows, 'write')}{span}"


def orphaned(held: Chroma | None) -> str:
    """Return the folders of no segment."""
    if held is None or held.orphaned is None:
        return NOT_SEEN
    if not held.orphaned:
        return "none"
    return ", ".join(f"{each.name} ({counted(each.files, 'file')}, {size(each.size_bytes)})" for each in held.orphaned)


def history(found: Inspection) -> str:
    """Return how much mem0's history holds."""
    if found.history_database is None and found.history is None:
        missed = any("history" in each.what for each in found.unseen)
        return NOT_SEEN if missed else "none here"
    return changes(found.history)


def changes(told: History | None) -> str:
    """Return how many changes and messages a history holds."""
    if told is None or told.rows is None:
        return NOT_SEEN
    kinds = ", ".join(f"{name} {number:,}" for name, number in sorted((told.events or {}).items()))
    messages = "" if told.messages is None else f", {counted(told.messages, 'message')}"
    return f"{counted(told.rows, 'change')}{f' ({kinds})' if kinds else ''}{messages}"
