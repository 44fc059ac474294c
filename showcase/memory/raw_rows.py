"""Rows as Chroma holds them, for what copies a store: nothing of them is read, so that nothing is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.memory.collections import PIECE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.memory.chroma_client import ChromaClient


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """A row: its id, what lies beside it, its vector in single precision as Chroma keeps it, a document of its own."""

    memory_id: str
    beside: Mapping[str, Any]
    vector: Any
    document: str | None

    @property
    def digest(self) -> str:
        """What changes with anything of the row but its vector."""
        held = json.dumps([self.memory_id, self.beside, self.document], sort_keys=True, default=repr)
        return hashlib.sha256(held.encode(errors="surrogatepass")).hexdigest()

    @property
    def whole_digest(self) -> str:
        """What changes with anything of the row."""
        return hashlib.sha256(self.digest.encode() + self.vector.tobytes()).hexdigest()


def ids(client: ChromaClient, collection: Any) -> list[str]:  # noqa: ANN401 - Chroma's own class
    """Return the ids of a collection in the order in which they were stored."""
    with client.translated():
        return [str(each) for each in collection.get(include=[])["ids"]]


def read(
    client: ChromaClient,
    collection: Any,  # noqa: ANN401 - as above
    wanted: Sequence[str],
    *,
    vectors: bool = True,
) -> Iterator[list[RawRow]]:
    """Yield the rows of these ids that are there, in pieces and in that order; without `vectors` each with none."""
    for begin in range(0, len(wanted), PIECE):
        asked = list(wanted[begin : begin + PIECE])
        with client.translated():
            parts = ["metadatas", "documents", *(["embeddings"] if vectors else [])]
            answer = collection.get(ids=asked, include=parts)
        numbers = answer["embeddings"] if vectors else [None] * len(answer["ids"])
        found = {
            str(each): RawRow(memory_id=str(each), beside=dict(beside or {}), vector=vector, document=document)
            for each, beside, vector, document in zip(
                answer["ids"], answer["metadatas"], numbers, answer["documents"], strict=True
            )
        }
        yield [found[each] for each in asked if each in found]


def write(client: ChromaClient, collection: Any, rows: Sequence[RawRow]) -> None:  # noqa: ANN401 - as above
    """Store rows; one whose id is there is replaced whole."""
    for begin in range(0, len(rows), PIECE):
        piece = rows[begin : begin + PIECE]
        with client.translated():
            # What is there is taken out before: an upsert would keep names that the new row does not have.
            there = collection.get(ids=[row.memory_id for row in piece], include=[])["ids"]
            if there:
                collection.delete(ids=there)
            for documented in (False, True):
                some = [row for row in piece if (row.document is not None) is documented]
                if some:
                    collection.add(
                        ids=[row.memory_id for row in some],
                        metadatas=[dict(row.beside) or None for row in some],
                        embeddings=[row.vector for row in some],
                        **({"documents": [row.document for row in some]} if documented else {}),
                    )
