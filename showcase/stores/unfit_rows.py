"""What an engine cannot hold as it is: told before anything is written, where a database would refuse half of it.

Every rule was seen on the engine itself: chromadb 1.5.9, PostgreSQL 18 with pgvector 0.8.6, Qdrant's local mode,
Milvus Lite. What a Chroma server and Redis would lose of a row, their tables keep beside it (`beside_rows`,
`redis_row`).
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from showcase.settings.store_address import StoreKind

_MOST_DIMENSIONS = 16_000
"""Numbers of a vector that pgvector's type `vector` takes at most (https://github.com/pgvector/pgvector#vector-type)."""

_INDEXED_BYTES = 1024**2 - 1
"""What a `tsvector` may have at most; mem0 has PostgreSQL index the text's lemmas
(https://www.postgresql.org/docs/current/textsearch-limitations.html)."""

ROUNDING = 1e-6
"""How far from 1 the length of a vector may be where an engine brings each to that length: no number of it changes by
more than this, which is what is rounded in single precision."""

_LONGEST_ID = 512
"""Bytes of an id in the collection that mem0 makes in Milvus."""

_LEMMAS = "text_lemmatized"
_WHOLE_FLOATS = 1e16
"""From here on Python writes a float with an exponent, and a whole one comes back from jsonb without a fraction."""


def why_no_place(kind: StoreKind | None, dimensions: int) -> str | None:
    """Return why an engine has no place for vectors of that many numbers, None where it has.

    Args:
        kind: Which engine; None for an embedded Chroma.
        dimensions: Numbers of a vector.
    """
    if kind == "postgresql" and dimensions > _MOST_DIMENSIONS:
        return f"its vectors have {_MOST_DIMENSIONS:,} numbers at most, and these have {dimensions}"
    return None


def keeps_direction_alone(kind: StoreKind | None) -> bool:
    """Tell whether an engine brings each vector to length 1, so that its last bits may be others then."""
    return kind == "qdrant"


def why_unfit(kind: StoreKind | None, memory_id: str, beside: Mapping[str, Any]) -> str | None:
    """Return why an engine cannot hold a row as it is, None where it can.

    Args:
        kind: As above.
        memory_id: The row's id.
        beside: What lies beside its vector.
    """
    why = _of_any(memory_id, beside)
    if why is not None:
        return why
    rule = _RULES.get(kind)
    return None if rule is None else rule(memory_id, beside)


def _of_any(memory_id: str, beside: Mapping[str, Any]) -> str | None:
    if not memory_id:
        return "its id is empty"
    if not _is_text(memory_id):
        return "its id is no text in UTF-8"
    for where, value in _leaves(beside):
        if isinstance(value, str) and not _is_text(value):
            return f"{where} is no text in UTF-8"
        if isinstance(value, float) and not math.isfinite(value):
            return f"{where} is {value}, which is no number"
        if not isinstance(value, (str, bool, int, float, list, Mapping)) and value is not None:
            return f"{where} is a {type(value).__name__}, for which it has no place"
    return None


def _of_chroma(_: str, beside: Mapping[str, Any]) -> str | None:
    for name, value in beside.items():
        if not name or name.startswith(("chroma:", "#", "$")):
            return f"{name[:80]!r} is no name for metadata there"
        if value is None or isinstance(value, Mapping):
            return f"{name!r} is {'null' if value is None else 'an object'}, for which it has no place"
        each = value if isinstance(value, list) else [value]
        if not each:
            return f"{name!r} is an empty list, for which it has no place"
        if len({type(one) for one in each}) > 1 or not all(isinstance(one, (str, bool, int, float)) for one in each):
            return f"{name!r} is a list of several types, or of lists and objects, for which it has no place"
        if any(isinstance(one, int) and not -(1 << 63) <= one < 1 << 63 for one in each):
            return f"{name!r} does not fit into 64 bits"
        if any(_is_minus_zero(one) for one in each):
            return f"{name!r} is -0.0, of which it keeps no sign"
    return None


def _of_postgresql(memory_id: str, beside: Mapping[str, Any]) -> str | None:
    if not _is_uuid(memory_id):
        return "its id is no UUID as PostgreSQL writes one"
    for where, value in _leaves(beside):
        if isinstance(value, str) and "\0" in value:
            return f"{where} holds a NUL character, which jsonb does not take"
        if isinstance(value, float) and (_is_minus_zero(value) or (value.is_integer() and abs(value) >= _WHOLE_FLOATS)):
            return f"{where} is {value!r}, which comes back from jsonb as another number"
    lemmas = beside.get(_LEMMAS)
    if isinstance(lemmas, str) and len(lemmas.encode()) > _INDEXED_BYTES:
        return f"{_LEMMAS!r} has more than {_INDEXED_BYTES:,} bytes, which its text index takes at most"
    return None


def _of_qdrant(memory_id: str, _: Mapping[str, Any]) -> str | None:
    is_number = memory_id.isascii() and memory_id.isdecimal() and str(int(memory_id)) == memory_id
    if not (is_number and int(memory_id) < 1 << 64) and not _is_uuid(memory_id):
        return "its id is neither a UUID as Qdrant writes one nor a number"
    return None


def _of_milvus(memory_id: str, beside: Mapping[str, Any]) -> str | None:
    if len(memory_id.encode()) > _LONGEST_ID:
        return f"its id has more than {_LONGEST_ID} bytes, which Milvus takes at most"
    if any(character in memory_id for character in "'\"\\\r\n"):
        return "its id holds a quote, a backslash or a line's end, by which Milvus' client cannot ask for it"
    for where, value in _leaves(beside):
        if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
            return f"{where} does not fit into 64 bits"
    return None


_RULES: dict[StoreKind | None, Callable[[str, Mapping[str, Any]], str | None]] = {
    None: _of_chroma,
    "postgresql": _of_postgresql,
    "qdrant": _of_qdrant,
    "milvus": _of_milvus,
}


def _leaves(beside: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield all names and values, at any depth, each with what to call it."""
    for name, value in beside.items():
        where = repr(name[:80])
        yield (f"the name {where}", name)
        left = [value]
        while left:
            each = left.pop()
            yield (where, each)
            if isinstance(each, Mapping):
                left += [*each.keys(), *each.values()]
            elif isinstance(each, list):
                left += each


def _is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _is_minus_zero(value: object) -> bool:
    return isinstance(value, float) and value == 0 and math.copysign(1, value) < 0
