"""Amounts of memory, as people write and read them."""

from __future__ import annotations

import math
import re

from showcase.errors import UsageError

MIB = 2**20
GIB = 2**30
GB = 10**9

_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": GB, "TB": 10**12} | {
    "KIB": 2**10,
    "MIB": MIB,
    "GIB": GIB,
    "TIB": 2**40,
}


def parse_size(text: str) -> int:
    """Return the bytes that `text` names: `3.5GiB`, `6 GB`, `4096MiB`.

    A unit is needed, because a bare `6` could be anything.

    Raises:
        UsageError: It is no amount of memory.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text, flags=re.ASCII)
    if match is None or match[2].upper() not in _UNITS:
        raise UsageError(f"{text!r} is no amount of memory", hint="give a number and a unit: 3.5GiB or 6GB")
    return math.floor(float(match[1]) * _UNITS[match[2].upper()])


def show_size(amount: int) -> str:
    """Return `amount` bytes with a binary unit, as memory is counted: `2.25 GiB`, `448 MiB`, `12 KiB`."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (2**10, "KiB")):
        if abs(amount) >= unit:
            return f"{amount / unit:.2f} GiB" if unit == GIB else f"{amount / unit:.0f} {name}"
    return f"{amount} B"
