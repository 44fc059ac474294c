"""What mem0 calls a row's payload, in an engine that keeps names with plain values alone.

Whatever such an engine would drop, refuse or round is kept whole as JSON under one name of ours, and comes back in its
place. mem0 sees that name among the others.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WHOLE = "showcase_whole"

_SMALLEST, _PAST = -(2**63), 2**63
_RESERVED = ("#", "$", "chroma:")


def flat(beside: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Chroma keeps beside a row: names with a text, a number or a truth.

    Chroma drops None, NaN and infinity, makes 0.0 of -0.0 and a float of a large number, and refuses an object, an
    empty or mixed list, and names that are empty or begin with `#` or `$`. Of a collection that is deleted it keeps the
    lists, and hands them out beside somebody else's rows: so it is given none.
    """
    plain = {name: value for name, value in beside.items() if _is_name(name) and _is_plain(value)}
    others = {name: value for name, value in beside.items() if name not in plain}
    return {**plain, WHOLE: json.dumps(others)} if others else plain


def whole(held: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what `flat` was given."""
    found = dict(held or {})
    text = found.get(WHOLE)
    if not isinstance(text, str):
        return found
    try:
        others = json.loads(text)
    except ValueError:
        return found
    if not isinstance(others, dict):
        return found
    del found[WHOLE]
    return {**found, **others}


def _is_name(name: str) -> bool:
    return bool(name) and name != WHOLE and not name.startswith(_RESERVED)


def _is_plain(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value) and not (value == 0 and math.copysign(1, value) < 0)
    if isinstance(value, int):
        return _SMALLEST <= value < _PAST
    return isinstance(value, str)
