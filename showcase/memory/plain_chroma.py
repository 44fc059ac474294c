"""Chroma as it is used without any of this program: one collection for everybody, and a filter by user.

It is what a benchmark compares with. Nothing of what `ChromaClient` does for a store is done here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from typing_extensions import Self

_NAME = "memories"
_USER = "user_id"


def load() -> None:
    """Import Chroma."""
    import chromadb.config  # noqa: F401, PLC0415 - heavy


class PlainChroma:
    """A collection of Chroma's own client, made where it is not there. Use it as a context.

    Args:
        directory: Where its files lie.
    """

    def __init__(self, directory: Path) -> None:
        from chromadb import PersistentClient  # noqa: PLC0415 - heavy
        from chromadb.config import Settings  # noqa: PLC0415 - heavy

        self._client: Any = PersistentClient(path=str(directory), settings=Settings(anonymized_telemetry=False))
        self._collection = self._client.get_or_create_collection(_NAME, embedding_function=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def add(self, user_id: str, rows: Mapping[str, tuple[str, Sequence[float]]]) -> None:
        """Store rows of a user by their ids, each with its text and its vector."""
        self._collection.add(
            ids=list(rows),
            documents=[text for text, _ in rows.values()],
            embeddings=[list(vector) for _, vector in rows.values()],
            metadatas=[{_USER: user_id} for _ in rows],
        )

    def search(self, user_id: str, vector: Sequence[float], at_most: int) -> tuple[str, ...]:
        """Return the ids of a user's rows that lie nearest to `vector`, as Chroma finds them."""
        answer = self._collection.query(query_embeddings=[list(vector)], where={_USER: user_id}, n_results=at_most)
        return tuple(answer["ids"][0])
