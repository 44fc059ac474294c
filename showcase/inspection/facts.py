"""What was seen of a store, and what could not be looked at. No text of a memory is in it.

Whatever was not observed is None, and is told in `unseen` with its reason: no count is made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.inspection.held import Chroma, History

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
