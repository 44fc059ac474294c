"""What the users of these stores tell: twenty things each, the same for everybody, with particulars of their own.

So are the memories of a class: all speak of the same, and the row that is asked for is no nearer to the question than
those of a thousand others. The vectors are those of the rehearsal engine's embedding model.
"""

from __future__ import annotations

import functools
import hashlib
import random
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.engines.rehearsal.embeddings import Embedder

SEED = 20261128
THINGS = (
    "bicycle", "cello", "tent", "sewing machine", "telescope", "kayak", "typewriter", "accordion", "greenhouse",
    "aquarium", "camera", "bakery oven", "motorcycle", "piano", "beehive", "chess board", "sledge", "lawn mower",
    "microscope", "rowing boat",
)  # fmt: skip
OWN = len(THINGS)
"""Rows a user."""

_PLACES = ("Bergen", "Turin", "Porto", "Graz", "Leiden", "Tartu", "Galway", "Olomouc", "Aarhus", "Ghent")
_ROOMS = ("cellar", "attic", "garage", "shed", "workshop", "hall")
_AT = "2026-01-02T03:04:05.678901+00:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A row as mem0 would store it."""

    memory_id: str
    vector: list[float]
    payload: dict[str, Any]


def facts(user_id: str) -> tuple[str, ...]:
    """Return what a user tells, one fact a thing; the code in each is 48 random bits by the seed."""
    numbers = random.Random(f"{SEED}/{user_id}")  # noqa: S311 - made-up memories
    return tuple(
        f"My {thing} stands in the {numbers.choice(_ROOMS)} in {numbers.choice(_PLACES)}, "
        f"behind the door with the code {numbers.getrandbits(48):012x}"
        for thing in THINGS
    )


def questions() -> tuple[str, ...]:
    """Return a question for each thing."""
    return tuple(f"Where does my {thing} stand, and behind which door?" for thing in THINGS)


@functools.cache
def embedder() -> Embedder:
    """Return the model, loaded once a process."""
    from showcase.engines.rehearsal.embeddings import Embedder  # noqa: PLC0415 - heavy

    return Embedder()


def foreign(count: int, at_once: int) -> Iterator[list[Told]]:
    """Yield rows of other users, in pieces of at most `at_once`."""
    for begin in range(0, count, at_once):
        numbers = range(begin, min(begin + at_once, count))
        texts = [facts(f"user-{number // OWN}")[number % OWN] for number in numbers]
        vectors = embedder().embed(texts)
        yield [
            _told(f"user-{number // OWN}", text, vector.tolist(), number)
            for number, text, vector in zip(numbers, texts, vectors, strict=True)
        ]


def _told(user_id: str, text: str, vector: list[float], number: int) -> Told:
    return Told(
        memory_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{SEED}/{number}")),
        vector=vector,
        payload={
            "user_id": user_id,
            "role": "user",
            "data": text,
            "hash": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),  # as mem0 has it
            "created_at": _AT,
            "updated_at": _AT,
            "text_lemmatized": text.lower(),
        },
    )
