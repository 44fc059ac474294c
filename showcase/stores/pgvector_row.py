"""A row as psycopg hands it out and takes it: ids that PostgreSQL calls UUIDs, vectors in pgvector's own form."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from showcase.stores.interface import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.stores.interface import Vector


def uuids(ids: Sequence[str]) -> list[str]:
    """Return those ids that a row can have."""
    found = []
    for each in ids:
        with suppress(ValueError):
            found.append(str(uuid.UUID(each)))
    return found


def columns(*, vectors: bool) -> str:
    """Return the columns that `row_of` takes, the vector among them or nothing in its place."""
    return f"id, payload, {'vector::text' if vectors else 'NULL'}"


def row_of(memory_id: Any, payload: Any, vector: str | None) -> Row:  # noqa: ANN401 - what the table holds
    """Return a row of these columns."""
    beside = payload if isinstance(payload, dict) else {}
    return Row(memory_id=str(memory_id), beside=beside, vector=None if vector is None else read(vector))


def written(vector: Sequence[float]) -> str:
    """Return a vector as pgvector reads it; nine digits tell any two numbers of single precision apart."""
    return f"[{','.join(format(number, '.9g') for number in vector)}]"


def read(text: str) -> Vector:
    """Return the numbers of a vector as pgvector writes it; read as JSON, `-0` would lose its sign."""
    return tuple(float(number) for number in text.strip("[]").split(","))
