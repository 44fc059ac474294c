"""A reply as llama.cpp makes it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from showcase.engines.embedded.llama import refusal
from showcase.engines.protocol.wire import ApiError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from showcase.engines.embedded.llama import Llama

_OK = 200
_DATA = "data: "
_MS = 1_000_000


class Generation:
    """A reply that is being made; see `Completion`. It is made whether or not anybody reads it, until it is closed.

    Args:
        llama: The model.
        asked: The request.
        ends_at_once: Whether an empty stop sequence ends it before its first token is told.
        ended: Called when the model is free again.
        read_ms: How long reading the prompt took so far, ms.
    """

    def __init__(
        self,
        llama: Llama,
        asked: dict[str, Any],
        *,
        ends_at_once: bool,
        ended: Callable[[], None],
        read_ms: float = 0.0,
    ) -> None:
        self.count = 0
        self.reason = "stop"
        self.read_ns = int(read_ms * _MS)
        self._constrained = "json_schema" in asked
        self._ends_at_once = ends_at_once
        self._said: list[str] = []
        self._whole = False  # the model ended it, no limit and no stop sequence
        self._events: asyncio.Queue[str | ApiError | None] = asyncio.Queue()
        self._first: str | ApiError | None = None
        self._making = asyncio.get_running_loop().create_task(self._make(llama, asked))
        self._making.add_done_callback(lambda _: ended())

    async def begin(self) -> None:
        """Wait for the first token, so that what is wrong with the request is known before anything is answered.

        Raises:
            ApiError: llama.cpp refuses.
        """
        try:
            self._first = await self._events.get()
        except BaseException:
            self._making.cancel()
            raise
        if isinstance(self._first, ApiError):
            raise self._first

    async def pieces(self) -> AsyncIterator[str]:
        """Yield the text of each token.

        Raises:
            ApiError: llama.cpp ends it with an error, or what it made is not in the form that was asked for.
        """
        event = self._first
        while event is not None:
            if isinstance(event, ApiError):
                raise event
            yield event
            event = await self._events.get()

    async def close(self) -> None:
        """See `Completion`."""
        self._making.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._making

    async def _make(self, llama: Llama, asked: dict[str, Any]) -> None:
        end: ApiError | None = None
        try:
            async with llama.completion(asked) as answer:
                if answer.status_code != _OK:
                    await answer.aread()
                    end = refusal(answer.json())
                else:
                    async for line in answer.aiter_lines():
                        if line.startswith(_DATA):
                            self._hear(json.loads(line.removeprefix(_DATA)))
            if end is None and self._constrained and self._whole and not _is_json("".join(self._said)):
                end = ApiError(500, "the reply is no JSON, though that was asked for")
        except ApiError as error:
            end = error
        finally:
            self._events.put_nowait(end)

    def _hear(self, event: dict[str, Any]) -> None:
        if "error" in event:
            raise refusal(event)
        if event.get("content") and not self._ends_at_once:
            self._said.append(str(event["content"]))
            self._events.put_nowait(str(event["content"]))
        if event.get("stop"):
            self.count = int(event["tokens_predicted"])
            self._whole = event["stop_type"] == "eos" and not self._ends_at_once
            self.reason = "length" if event["stop_type"] == "limit" and not self._ends_at_once else "stop"
            self.read_ns += int(float(event["timings"]["prompt_ms"]) * _MS)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
