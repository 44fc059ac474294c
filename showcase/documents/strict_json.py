"""JSON that every reader takes for the same: what RFC 8259 leaves to each reader's taste is refused."""

from __future__ import annotations

import json
import math
from typing import Any

MOST_VALUES = 10_000_000
"""Values in a document, counted from above by what separates them: each takes some 100 bytes of memory."""

_WHOLE_BITS = 64
_WHOLE_DIGITS = 20


def parse(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a document holds.

    Raises:
        ValueError: It is no JSON, not UTF-8, nested too deeply, has too many values, a name twice in one object,
            NaN or Infinity, or a number beyond 64 bits.
    """
    if data.startswith(b"\x1f\x8b"):
        raise ValueError("it is compressed with gzip")
    if b"\0" in data[:4] or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("it is UTF-16, UTF-32 or no text at all, and a document is UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        raise ValueError("it begins with a byte order mark")
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise ValueError(f"it has more than {MOST_VALUES:,} values")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_whole,
            parse_float=_fraction,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]  # the idiom of a set that remembers
        raise ValueError(f"the name {twice[:40]!r} is there twice in one object")
    return found


def _constant(text: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(f"{text} is no number of JSON")


def _whole(text: str) -> int:
    # Digits first: the time of a conversion grows with their square.
    value = int(text) if len(text) <= _WHOLE_DIGITS else None
    if value is None or value.bit_length() >= _WHOLE_BITS:
        raise ValueError(f"the number {text[:20]}… does not fit into {_WHOLE_BITS} bits")
    return value


def _fraction(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value
