"""What the databases of a store hold; whatever was not counted to the end is None."""

from __future__ import annotations

from dataclasses import dataclass


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
