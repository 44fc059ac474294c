"""Which models count as loaded, and until when.

Loading costs nothing here; what a client sees of it (`/api/ps`, `keep_alive`, load-only and unload requests) is
kept as a real server keeps it.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from showcase.engines.rehearsal.catalog import Model
from showcase.engines.rehearsal.wire import ApiError, timestamp

DEFAULT_KEEP_ALIVE = 300.0
"""Seconds, Ollama's default."""

FOREVER = 2.0**63 / 1e9
"""Seconds: the longest duration that Go can hold, what Ollama makes of a negative `keep_alive`."""

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_TERM = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_LATEST = 253_402_300_799.0
"""Seconds since the epoch at the end of the year 9999, the last that a time stamp can name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model in memory."""

    model: Model
    num_ctx: int
    expires: float


class Residency:
    """The models in memory."""

    def __init__(self) -> None:
        self._loaded: dict[str, Loaded] = {}

    def touch(self, model: Model, *, num_ctx: int, keep_alive: float) -> None:
        """Loads a model, or lets a loaded one stay from now on; no time to stay means it leaves at once."""
        if keep_alive <= 0:
            self.unload(model)
            return
        expires = min(time.time() + keep_alive, _LATEST)
        self._loaded[model.name.key] = Loaded(model=model, num_ctx=num_ctx, expires=expires)

    def unload(self, model: Model) -> None:
        """Drops a model; one that is not loaded stays so."""
        self._loaded.pop(model.name.key, None)

    def rows(self) -> list[dict[str, Any]]:
        """The rows of `/api/ps`, the one that stays longest first."""
        now = time.time()
        self._loaded = {key: entry for key, entry in self._loaded.items() if entry.expires > now}
        entries = sorted(self._loaded.values(), key=lambda entry: -int(entry.expires))
        return [
            {
                "name": entry.model.name.short,
                "model": entry.model.name.short,
                "size": entry.model.size,
                "digest": entry.model.digest,
                "details": entry.model.details(),
                "expires_at": timestamp(int(entry.expires * 1e9)),
                "size_vram": 0,
                "context_length": entry.num_ctx,
            }
            for entry in entries
        ]


def seconds(value: object) -> float:
    """Reads `keep_alive`: seconds, or a Go duration such as "5m" or "1h30m"; negative means for ever.

    Raises:
        ApiError: 400, not a duration.
    """
    if value is None:
        return DEFAULT_KEEP_ALIVE
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return FOREVER if value < 0 else float(value)
    if not isinstance(value, str):
        raise ApiError(400, f"Unsupported type: '{type(value).__name__}'")
    body = value.removeprefix("-").removeprefix("+")
    if body == "0":
        return 0.0
    terms = _TERM.findall(body)
    if not terms or "".join(number + unit for number, unit in terms) != body:
        raise ApiError(400, f'time: {_fault(body)} duration "{value}"')
    total = sum(float(number) * _UNITS[unit] for number, unit in terms)
    return FOREVER if value.startswith("-") and total else total


def _fault(duration: str) -> str:
    """What Go says of a duration that is none."""
    if re.fullmatch(r"\d+\.?\d*", duration):
        return "missing unit in"
    unit = re.match(r"\d+\.?\d*([^\d.]+)", duration)
    return f'unknown unit "{unit[1]}" in' if unit and unit[1] not in _UNITS else "invalid"
