"""What was seen of a store, and what could not be looked at. No text of a memory is in it.

Whatever was not observed is None, and is told in `unseen` with its reason: no count is made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FORMAT = "local-memory-showcase inspection"
VERSION = 1

Kind = Literal["file", "directory", "link", "named pipe", "socket", "device"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A part that could not be looked at, or not to its end.

    Attributes:
        what: Which part.
        why: Why not.
        fix: What makes it possible; empty where nothing of this program does.
    """

    what: str
    why: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file, or what stands in place of one, as `lstat` tells of it: no link is followed.

    Attributes:
        path: Below the store's root, with `/`.
        kind: What it is.
        size_bytes: Its length.
        disk_bytes: What it takes on the disk; None where the system does not tell.
        mode: Its permission bits in octal, `0600`; None on Windows, where they say nothing.
        owner: User id of its owner; None on Windows.
        others_may_read: Whether the bits of it and of every directory above let any user read it; None on Windows.
        others_may_write: Likewise, write to it.
        target: Where a link leads, as it is written in it; None for what is no link.
    """

    path: str
    kind: Kind
    size_bytes: int
    disk_bytes: int | None
    mode: str | None
    owner: int | None
    others_may_read: bool | None
    others_may_write: bool | None
    target: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A directory above the store, or the store's own root: who may pass."""

    path: str
    mode: str
    owner: int
    others_may_enter: bool
    others_may_write: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What lies in the store's directories.

    Attributes:
        listed: The first of them, by name.
        count: Files and other things that were seen, directories not among them.
        size_bytes: Their lengths together.
        disk_bytes: What they take on the disk together; None where the system does not tell.
        readable_by_others: How many files any user may read, by the bits alone; None on Windows.
        writable_by_others: Files and directories that any user may write to, likewise.
        whole: Whether everything was counted.
    """

    listed: tuple[Entry, ...]
    count: int
    size_bytes: int
    disk_bytes: int | None
    readable_by_others: int | None
    writable_by_others: int | None
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An SQLite file by its first hundred bytes and what lies beside it (https://www.sqlite.org/fileformat.html).

    Attributes:
        path: Below the store's root.
        size_bytes: Its length.
        disk_bytes: What it takes on the disk; None where the system does not tell.
        page_bytes: Length of a page; None where the header tells none.
        pages: Pages that the header counts; None where it counts none.
        free_pages: Pages that hold no row any more, and may hold what was deleted.
        log: How it is written: with a rollback journal, or with a write-ahead log.
        written_by: The SQLite that wrote it last; None where none is told.
        journal_bytes: Length of its rollback journal, 0 where there is none.
        wal_bytes: Length of its write-ahead log, 0 where there is none.
        wal_frames: Pages in that log, by its length; what of them counts, SQLite alone can tell.
        unfinished: Whether a process was ended in the middle of a write, which the next that opens it undoes; None
            where that was not seen.
        read: Whether its tables were read in place or in a private copy; None where they were not.
    """

    path: str
    size_bytes: int
    disk_bytes: int | None
    page_bytes: int | None
    pages: int | None
    free_pages: int | None
    log: Literal["journal", "write-ahead log"] | None
    written_by: str | None
    journal_bytes: int
    wal_bytes: int
    wal_frames: int
    unfinished: bool | None
    read: Literal["in place", "copy"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the store's own file says of the embedding model that filled it."""

    embed_model: str
    embed_digest: str | None
    dimensions: int | None
    layout: str
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """How far a part of Chroma's tables was brought."""

    part: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a collection: its vectors, or its rows.

    Attributes:
        id: Its id, which is the name of its folder.
        scope: `VECTOR` or `METADATA`.
        type: What implements it, by name.
        folder: Whether a folder of that name lies in the store; None where that was not seen, and for rows, which have
            none.
        written_to: Number of the last write in it; None where none is told.
        waiting: Writes in the queue that are not in it yet; None where that cannot be told.
    """

    id: str
    scope: str
    type: str
    folder: bool | None
    written_to: int | None
    waiting: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRows:
    """Rows of one user; None stands for rows that name no user."""

    user_id: str | None
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection.

    Attributes:
        id: Its id.
        name: Its name.
        dimension: Numbers in each of its vectors; None where it has none yet.
        rows: Its rows; None where they were not counted to the end.
        users: Its rows by whom they name, most first, the first of them; None where they were not counted to the end.
        user_count: How many users; None likewise.
        user_id: Whose alone it is, by its own metadata; None where it names nobody.
        space: How its distances are measured; None where that is not told.
        embedding_function: The name of the function that Chroma would build for it. It is not built here.
        segments: Its parts.
    """

    id: str
    name: str
    dimension: int | None
    rows: int | None
    users: tuple[UserRows, ...] | None
    user_count: int | None
    user_id: str | None
    space: str | None
    embedding_function: str | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Chroma's own log of writes; vectors wait in it until their index is written.

    Attributes:
        rows: How many writes are in it.
        first: Number of the first of them; None where it is empty.
        last: Number of the last of them; None where it is empty.
    """

    rows: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder in Chroma's directory that has the name of a segment, and no segment that has its name."""

    name: str
    size_bytes: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chroma:
    """What Chroma's database holds.

    Attributes:
        migrations: How far its tables were brought; None where they do not tell.
        as_of: The versions of Chroma that bring them so far, of those that were looked at; None for any other.
        collections: The first of them, by name; None where they were not read.
        collection_count: How many there are; None likewise.
        users: Rows of the whole store by whom they name, most first, the first of them; None where not counted to the
            end.
        user_count: How many users; None likewise.
        rows: Rows of the whole store; None likewise.
        rows_without_user: Rows that name no user; None likewise.
        rows_without_collection: Rows whose segment no collection has; None likewise.
        queue: Chroma's log of writes; None where it was not counted to the end.
        orphaned: Folders of segments that are no more; None where segments or folders were not seen to the end.
        strange: Views, triggers and virtual tables that Chroma does not make.
    """

    migrations: tuple[Migration, ...] | None
    as_of: str | None
    collections: tuple[Collection, ...] | None
    collection_count: int | None
    users: tuple[UserRows, ...] | None
    user_count: int | None
    rows: int | None
    rows_without_user: int | None
    rows_without_collection: int | None
    queue: Queue | None
    orphaned: tuple[Folder, ...] | None
    strange: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """mem0's own database, which keeps the text of every change.

    Attributes:
        rows: Changes; None where they were not counted to the end.
        events: How many of each kind: `ADD`, `UPDATE`, `DELETE`; None likewise.
        messages: Messages of the last conversations; None where not counted to the end, or where it has no such table.
    """

    rows: int | None
    events: dict[str, int] | None
    messages: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One look at a store.

    Attributes:
        format: What kind of document it is.
        version: Of that kind.
        root: What was named.
        chroma_directory: Where Chroma's files are.
        home_directory: mem0's own directory.
        looked_at: When, ISO 8601, UTC.
        files: What lies there.
        parents: The directories above, from the root of the file system; None on Windows, where modes say nothing.
        remembered: The embedding model, by the store's own file; None where that does not tell it.
        not_remembered: Why not; empty where it does.
        database: Chroma's database as a file; None where it could not even be opened.
        chroma: What it holds; None where its tables could not be read at all.
        history_database: mem0's database as a file; None where there is none.
        history: What it holds; None where there is none, or it could not be read.
        remarks: What deserves a look.
        unseen: What could not be looked at.
    """

    format: str = FORMAT
    version: int = VERSION
    root: str
    chroma_directory: str
    home_directory: str
    looked_at: str
    files: Files
    parents: tuple[Parent, ...] | None
    remembered: Remembered | None
    not_remembered: str
    database: Database | None
    chroma: Chroma | None
    history_database: Database | None
    history: History | None
    remarks: tuple[str, ...]
    unseen: tuple[Unseen, ...]
