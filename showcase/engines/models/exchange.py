"""What the server said to a client that somebody else built: mem0's own.

An httpx event hook sees each request as it leaves and each answer as it arrives, so that nothing is sent
twice, no proxy stands between, and no class of mem0 is replaced. Bodies stay in memory and are never logged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from showcase.engines.protocol import prompt_tokens

if TYPE_CHECKING:
    import httpx

OK = 200


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and its answer. `status` is None where no answer came.

    `prompt_tokens` is how many tokens the prompt had before any cut, where the embedded engine told that.
    """

    path: str
    request: dict[str, Any]
    status: int | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    prompt_tokens: int | None = None

    @property
    def answered(self) -> bool:
        """Whether the server did what it was asked."""
        return self.status == OK


class ExchangeRecorder:
    """Records the exchanges of httpx clients that do not stream.

    Use::

        recorder = ExchangeRecorder()
        recorder.attach(client)
        with_client()
        exchanges = recorder.take()
    """

    def __init__(self) -> None:
        self._exchanges: list[Exchange] = []
        self._open: dict[int, Exchange] = {}

    def attach(self, client: httpx.Client) -> None:
        """Record what `client` sends and gets from now on. Hooks that are there stay."""
        hooks = client.event_hooks
        client.event_hooks = {
            "request": [*hooks["request"], self._sent],
            "response": [*hooks["response"], self._answered],
        }

    def take(self) -> tuple[Exchange, ...]:
        """Return what was recorded since the last call, oldest first, and forget it."""
        taken = tuple(self._exchanges)
        self._exchanges, self._open = [], {}
        return taken

    def _sent(self, request: httpx.Request) -> None:
        exchange = Exchange(path=request.url.path, request=_document(request.content))
        self._exchanges.append(exchange)
        self._open[id(request)] = exchange

    def _answered(self, response: httpx.Response) -> None:
        exchange = self._open.pop(id(response.request), None)
        if exchange is None:
            return
        exchange.status = response.status_code
        exchange.answer = _document(response.read())
        exchange.prompt_tokens = prompt_tokens(response.headers)


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
