"""Which models are loaded, and until when: `/api/ps`, `keep_alive`, load-only and unload requests.

As a real server has it; where loading costs nothing, what a client sees of it is the same.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.engines.protocol.catalog import Model
from showcase.engines.protocol.wire import ApiError, timestamp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

DEFAULT_KEEP_ALIVE = 300.0
"""Seconds, Ollama's default."""

FOREVER = 2.0**63 / 1e9
"""Seconds: the longest duration that Go can hold, what Ollama makes of a negative `keep_alive`."""

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_TERM = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_LATEST = 253_402_300_799.0
"""Seconds since the epoch at the end of the year 9999, the last that a time stamp can name."""

_LONGEST_NAP_S = 1.0
"""So soon is it noticed that a model is to leave earlier than the one that is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model in memory."""

    model: Model
    num_ctx: int
    memory_bytes: int
    expires: float


class Residency:
    """The models in memory.

    Args:
        unload: Frees what a model holds, when its time is over.
    """

    def __init__(self, unload: Callable[[Model], Awaitable[None]]) -> None:
        self._unload = unload
        self._loaded: dict[str, Loaded] = {}
        self._expiring: asyncio.Task[None] | None = None

    def touch(self, model: Model, *, num_ctx: int, memory_bytes: int, keep_alive: float) -> None:
        """Counts a model as loaded from now on; one that has no time to stay leaves when it has answered."""
        if keep_alive <= 0:
            self._loaded.pop(model.name.key, None)
            return
        expires = min(time.time() + keep_alive, _LATEST)
        self._loaded[model.name.key] = Loaded(model=model, num_ctx=num_ctx, memory_bytes=memory_bytes, expires=expires)
        if self._expiring is None:
            self._expiring = asyncio.get_running_loop().create_task(self._expire())

    async def unload(self, model: Model) -> None:
        """Drops a model; one that is not loaded stays so."""
        self._loaded.pop(model.name.key, None)
        await self._unload(model)

    async def _expire(self) -> None:
        """Lets each model leave when its time is over, until none is left."""
        while self._loaded:
            first = min(self._loaded.values(), key=lambda entry: entry.expires)
            wait = first.expires - time.time()
            if wait > 0:
                await asyncio.sleep(min(wait, _LONGEST_NAP_S))
            elif self._loaded.get(first.model.name.key) is first:
                await self.unload(first.model)
        self._expiring = None

    def rows(self) -> list[dict[str, Any]]:
        """The rows of `/api/ps`, the one that stays longest first."""
        now = time.time()
        there = [entry for entry in self._loaded.values() if entry.expires > now]
        entries = sorted(there, key=lambda entry: -int(entry.expires))
        return [
            {
                "name": entry.model.name.short,
                "model": entry.model.name.short,
                "size": entry.memory_bytes,
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
