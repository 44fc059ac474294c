"""A row as mem0's provider `redis` keeps it: a hash with seven fields, and everything else as JSON in one of them.

Its form is narrower than what mem0 is given: `created_at` and `updated_at` are whole seconds, an insert leaves
`updated_at` out, a hash or a text that is missing comes back empty, a missing `created_at` as 1970, and a `user_id`
that is a number as its digits; None and truths are refused. But what is in the JSON counts last when mem0 puts a row
together again. So whatever a field would not give back exactly is written into the JSON as well, and mem0 itself reads
it from there. mem0's own update writes the JSON anew without it: from then on, seconds are all that is left.
"""

from __future__ import annotations

import json
import struct
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from showcase.memory.stored import moment
from showcase.stores.interface import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.stores.interface import Vector

ABSENT = "showcase_absent"
"""Field of a hash that names what mem0 has to find in it, and the row does not have."""

_TEXTS = {"data": "memory", "hash": "hash", "user_id": "user_id", "agent_id": "agent_id", "run_id": "run_id"}
_TIMES = ("created_at", "updated_at")
_NEEDED = {"hash": b"", "memory": b"", "created_at": b"0"}
"""Without these, mem0 raises a KeyError for the row; and what stands there instead."""


def fields(row: Row) -> dict[str, bytes]:
    """Return the hash of a row."""
    texts = {
        field: row.beside[name].encode()
        for name, field in _TEXTS.items()
        if isinstance(row.beside.get(name), str) and (row.beside[name] or field in _NEEDED)
    }
    times = {
        name: str(int(then.timestamp())).encode()
        for name in _TIMES
        if isinstance(row.beside.get(name), str) and (then := moment(row.beside[name])) is not None
    }
    held = {**_NEEDED, **texts, **times}
    told = _payload(held)
    others = {name: value for name, value in row.beside.items() if name not in told or not _is_same(told[name], value)}
    absent = sorted(name for name in told if name not in row.beside)
    return {
        "memory_id": row.memory_id.encode(),
        **held,
        # mem0 takes JSON between backquotes for the fence of a model's reply, and reads that alone.
        "metadata": json.dumps(others).replace("`", "\\u0060").encode(),
        "embedding": struct.pack(f"<{len(row.vector or ())}f", *(row.vector or ())),
        **({ABSENT: " ".join(absent).encode()} if absent else {}),
    }


def row_of(memory_id: str, held: Mapping[bytes, bytes], *, vectors: bool) -> Row:
    """Return the row of a hash.

    Raises:
        ValueError: It is none that mem0 wrote.
    """
    named = {name.decode(errors="replace"): value for name, value in held.items()}
    told = _payload(named)
    for name in named.get(ABSENT, b"").decode().split():
        # An update of mem0's may have filled it since.
        if named.get(_TEXTS.get(name, name)) in _NEEDED.values():
            told.pop(name, None)
    others = json.loads(named.get("metadata") or b"{}")
    if not isinstance(others, dict):
        raise ValueError(  # noqa: TRY004 - what lies there is wrong, not who called
            f"the metadata of {memory_id} is no object"
        )
    return Row(
        memory_id=memory_id,
        beside={**told, **others},
        vector=_vector(named.get("embedding", b"")) if vectors else None,
    )


def _payload(held: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what mem0 puts together of the fields, before the JSON."""
    found: dict[str, Any] = {
        name: held[field].decode(errors="replace") for name, field in _TEXTS.items() if field in held
    }
    for name in _TIMES:
        if name in held:
            then = datetime.fromtimestamp(int(held[name]), tz=timezone.utc)
            found[name] = then.isoformat(timespec="microseconds")
    return found


def _is_same(told: object, value: object) -> bool:
    return type(told) is type(value) and told == value


def _vector(data: bytes) -> Vector:
    return tuple(struct.unpack(f"<{len(data) // 4}f", data))
