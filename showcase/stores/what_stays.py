"""Where an engine keeps the bytes of rows that were deleted, and what its own administrator does about it.

No file of a server's is looked at from here, so that these are sentences of its makers' documentation and not findings:
PostgreSQL, "Routine Vacuuming" and "Write-Ahead Logging"; Qdrant, "Optimizer" (a segment is rewritten from 20 % deleted
points on); Redis, "Redis persistence". Of Chroma, what this project saw on disk (docs/memories.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.shell import here

if TYPE_CHECKING:
    from showcase.settings.store_address import StoreAddress, StoreKind

_STAYS: dict[StoreKind, tuple[str, ...]] = {
    "postgresql": (
        "dead rows in the files of the table and its indexes, until a VACUUM, and in free pages until they are used",
        "copies of every page in the write-ahead log, its archive, replicas and backups, as long as those are kept",
    ),
    "chroma": (
        "text in the server's chroma.sqlite3 and its queue, until something else is written over it",
        "vectors in its indexes (data_level0.bin), which mark a deleted one and keep it; chroma vacuum leaves them",
        "backups of its directory",
    ),
    "qdrant": (
        "points in their segments until the optimizer rewrites those, which may be never on a small collection",
        "its write-ahead log, and snapshots",
    ),
    "milvus": ("data files and the log below its path until they are compacted", "backups of that path"),
    "redis": (
        "the append-only file, until it is rewritten, and the last dump, until the next one",
        "replicas and backups, and free memory of the server's process",
    ),
}


_IN_PROCESS = {
    "qdrant": ("the SQLite file of its collection, until something else is written over it", "backups of its path"),
}
"""Of an engine that keeps its rows otherwise where it runs inside of the process that opens it."""


def what_stays(address: StoreAddress) -> tuple[str, ...]:
    """Return where the bytes of what was deleted stay, a phrase each."""
    inside = _IN_PROCESS.get(address.kind) if address.path is not None else None
    return inside or _STAYS[address.kind]


def way_out(address: StoreAddress) -> str | None:
    """Return the command by which a server's administrator has dead bytes written over, None where there is none."""
    if address.kind == "postgresql":
        connection = ["-h", address.host, "-p", str(address.port), "-U", address.user or "postgres"]
        statement = f'VACUUM (FULL) public."{address.collection}"'
        return here().joined(["psql", *connection, "-d", address.database or "postgres", "-c", statement])
    if address.kind == "redis":
        connection = ["-h", address.host, "-p", str(address.port), *(["--tls"] if address.tls else [])]
        return here().then(
            here().joined(["redis-cli", *connection, "BGREWRITEAOF"]), here().joined(["redis-cli", *connection, "SAVE"])
        )
    return None
