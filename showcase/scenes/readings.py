"""Says what the model server is given to read, and what it says of it when it is done.

A prompt of 8,000 tokens takes a small machine minutes, in which nothing else is heard.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from showcase.processes.protocol.events import Read, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx

    from showcase.evidence import Message, Reply
    from showcase.processes.protocol.events import Event, Purpose

NANOSECOND = 1e-9
PURPOSES: dict[str, Purpose] = {"/api/chat": "add", "/api/embed": "embed"}
"""What mem0 asks the server for, by the path."""


class Readings:
    """Says it for one process.

    Args:
        emit: Writes an event.
    """

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit

    def begin(self, purpose: Purpose, messages: Sequence[Message], *, whole: Sequence[Message] | None = None) -> None:
        """Say that these messages go to the server now, which are the whole prompt or how it begins."""
        characters = sum(len(message.content) for message in messages)
        of = characters if whole is None else sum(len(message.content) for message in whole)
        self._begin(purpose, characters, of)

    def end(self, answer: Mapping[str, Any]) -> float | None:
        """Say what the server says of its answer: the document with `prompt_eval_count` and its kin.

        Returns:
            For how many seconds it read; None where it does not say.
        """
        total, load = _seconds(answer, "total_duration"), _seconds(answer, "load_duration")
        read = _seconds(answer, "prompt_eval_duration")
        if read is None and total is not None:  # as of an embedding
            read = total - (load or 0.0)
        self._emit(
            Read(
                tokens=_whole(answer.get("prompt_eval_count")),
                read_s=read,
                load_s=load,
                reply_tokens=_whole(answer.get("eval_count")),
                reply_s=_seconds(answer, "eval_duration"),
            )
        )
        return read

    def end_of(self, reply: Reply) -> None:
        """Say what the server says of a reply that was streamed."""
        self._emit(
            Read(
                tokens=reply.prompt_tokens,
                read_s=reply.prompt_s,
                load_s=reply.load_s,
                reply_tokens=reply.reply_tokens,
                reply_s=reply.reply_s,
            )
        )

    def attach(self, *clients: httpx.Client) -> None:
        """Say it from now on of all that these clients send and get. Hooks that are there stay."""
        for client in clients:
            hooks = client.event_hooks
            client.event_hooks = {
                "request": [*hooks["request"], self._sent],
                "response": [*hooks["response"], self._answered],
            }

    def _sent(self, request: httpx.Request) -> None:
        purpose = PURPOSES.get(request.url.path)
        if purpose is not None:
            characters = _characters(_document(request.content))
            self._begin(purpose, characters, characters)

    def _answered(self, response: httpx.Response) -> None:
        if response.request.url.path in PURPOSES:
            self.end(_document(response.read()))

    def _begin(self, purpose: Purpose, characters: int, of: int) -> None:
        self._emit(Reading(purpose=purpose, characters=characters, of=of))


def _characters(request: Mapping[str, Any]) -> int:
    messages = request.get("messages")
    if isinstance(messages, list):
        return sum(len(str(message.get("content", ""))) for message in messages if isinstance(message, dict))
    texts = request.get("input", "")
    return sum(map(len, map(str, texts))) if isinstance(texts, list) else len(str(texts))


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _seconds(answer: Mapping[str, Any], name: str) -> float | None:
    nanoseconds = _whole(answer.get(name))
    return None if nanoseconds is None else round(nanoseconds * NANOSECOND, 6)
