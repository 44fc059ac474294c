"""What each engine that keeps memories does about encryption at rest: one sentence each, as its makers tell it.

The sources are listed in docs/scale-out.md, "Encryption at rest". Where a sentence says none, what lies below has to do
it: `documents.encryption` looks at a directory of this machine; for a server, its own machine has to be asked.
"""

from __future__ import annotations

HISTORY = "mem0's history.db: SQLite, in clear, with the text of every memory and of what was deleted."
"""It lies in a directory of this machine whatever engine keeps the vectors."""

_BELOW = "; the file system or the disk below has to encrypt"

SENTENCES = {
    "directory": f"Chroma in a directory encrypts nothing: SQLite and vectors in clear{_BELOW}.",
    "chroma": f"A Chroma server encrypts nothing at rest{_BELOW}, on its machine.",
    "postgresql": (
        f"PostgreSQL encrypts no tables by itself{_BELOW}, on its machine; forks have transparent encryption (pg_tde "
        "of Percona), and pgcrypto on a column takes vector search away."
    ),
    "qdrant": f"Qdrant encrypts nothing at rest outside its makers' cloud{_BELOW}.",
    "milvus": f"Milvus Lite encrypts nothing: Parquet files and a log in clear{_BELOW}.",
    "redis": f"Redis encrypts neither dump nor log{_BELOW}, on its machine.",
}
"""By the kind of a store's address."""


def at_rest(kind: str) -> str:
    """Return what the engine of a store does about encryption at rest.

    Args:
        kind: The kind of a store's address, `directory` for one that lies in a directory of this machine.

    Returns:
        One sentence; of a kind that nobody looked up, that it is not known.
    """
    return SENTENCES.get(kind, f"Whether {kind} encrypts at rest was not looked up.")
