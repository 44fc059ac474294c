"""What of a store deserves a look, in sentences: each from the facts, and none where nothing was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.inspection.chroma import is_newer
from showcase.inspection.wording import counted, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.inspection.facts import Database, Inspection
    from showcase.inspection.held import Chroma, Collection

EVERYBODY = "*"
"""As a user's id in mem0 2.2 it matches every user: its Chroma adapter drops the filter."""

_HOLES = 4
"""Times as long as what it takes on the disk, a file is told to have holes."""

_LEAST_HOLE_BYTES = 1024 * 1024


def remarks(found: Inspection) -> tuple[str, ...]:
    """Return what is to be said of a store."""
    said: list[str] = []
    for database in (found.database, found.history_database):
        if database is not None:
            said += _of_database(database)
    if found.chroma is not None:
        said += _of_chroma(found.chroma)
        said += _of_model(found, found.chroma)
    if found.history is not None and found.history.rows:
        changes = counted(found.history.rows, "change")
        said.append(f"mem0's history keeps the text of {changes}, of what was deleted too")
    said += _of_files(found)
    return tuple(said)


def _of_database(database: Database) -> Iterator[str]:
    if database.unfinished:
        then = "; what is told here is what will be there then" if database.read == "copy" else ""
        yield (
            f"{database.path} holds an unfinished write of a process that was ended, "
            f"which the next that opens it undoes{then}"
        )
    elif database.journal_bytes and database.unfinished is False:
        yield f"{database.path} has a journal beside it: a process is writing, or keeps its journal"
    if database.wal_frames:
        yield f"not moved into {database.path} yet: {counted(database.wal_frames, 'page')} of its write-ahead log"
    if database.free_pages:
        yield f"{counted(database.free_pages, 'free page')} of {database.path} may still hold what was deleted"
    settled = not database.journal_bytes and not database.wal_bytes
    told = (database.page_bytes or 0) * (database.pages or 0)
    if settled and told > database.size_bytes:
        yield f"{database.path} is shorter than its header says: it was cut"
    on_disk = database.disk_bytes
    if on_disk is not None and database.size_bytes > max(on_disk * _HOLES, _LEAST_HOLE_BYTES):
        yield f"{database.path} has holes: {size(database.size_bytes)} long, {size(on_disk)} on the disk"


def _of_chroma(held: Chroma) -> Iterator[str]:
    if held.migrations is not None and is_newer(held.migrations):
        yield "its tables were brought further than those of Chroma 1.5.9: what is told may not be all"
    if held.strange:
        shown = ", ".join(held.strange[:5]) + (" and others" if len(held.strange) > 5 else "")  # noqa: PLR2004 - a line
        yield f"its database has what Chroma does not make, and nothing of that is run here: {shown}"
    if held.orphaned:
        taken = size(sum(folder.size_bytes for folder in held.orphaned))
        folders = counted(len(held.orphaned), "folder")
        yield f"{folders} of no segment, {taken}: vectors of collections that were deleted"
    if held.rows_without_collection:
        yield f"{counted(held.rows_without_collection, 'row')} of no collection: nothing finds them, and they are kept"
    if held.rows_without_user:
        yield f"{counted(held.rows_without_user, 'row')} of no user"
    if any(user.user_id == EVERYBODY for user in held.users or ()):
        yield f"there are rows of the user {EVERYBODY!r}, with which mem0 finds the rows of every user"
    for collection in held.collections or ():
        yield from _of_collection(collection)


def _of_collection(collection: Collection) -> Iterator[str]:
    if collection.user_id is not None and collection.users is not None:
        others = sum(user.rows for user in collection.users if user.user_id != collection.user_id)
        if others:
            yield f"the collection {collection.name} is of one user alone, and holds {counted(others, 'row')} of others"
    for segment in collection.segments:
        if segment.waiting and segment.scope == "METADATA":
            yield f"not in the rows of {collection.name} yet: {counted(segment.waiting, 'write')} of the queue"


def _of_model(found: Inspection, held: Chroma) -> Iterator[str]:
    model = found.remembered
    if model is None or model.dimensions is None:
        return
    for collection in held.collections or ():
        if collection.dimension is not None and collection.dimension != model.dimensions:
            yield (
                f"the collection {collection.name} holds vectors of {collection.dimension} dimensions, "
                f"and {model.embed_model} is remembered to make {model.dimensions}"
            )


def _of_files(found: Inspection) -> Iterator[str]:
    if found.files.readable_by_others:
        yield f"by their modes, every user of this machine can read {counted(found.files.readable_by_others, 'file')}"
    if found.files.writable_by_others:
        yield f"by their modes, every user of this machine can change {counted(found.files.writable_by_others, 'file')}"
    for parent in found.parents or ():
        if parent.others_may_write:
            yield f"by its mode, every user of this machine can put another store into {parent.path} in place of this"
    links = [entry for entry in found.files.listed if entry.kind == "link"]
    if links:
        yield f"{counted(len(links), 'link')} not followed: {', '.join(link.path for link in links[:5])}"
    odd = [entry for entry in found.files.listed if entry.kind not in ("file", "directory", "link")]
    if odd:
        yield f"no file, and not opened: {', '.join(f'{each.path} ({each.kind})' for each in odd[:5])}"
