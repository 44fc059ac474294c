"""Responses as Ollama frames them: Go's JSON, its time stamps, its errors, one JSON document a line."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from starlette.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from starlette.types import Receive, Scope, Send

JSON = "application/json; charset=utf-8"
PLAIN_JSON = "application/json"
NDJSON = "application/x-ndjson"

_BUFFER = 2048
"""Bytes that Go's net/http holds back before it gives up on announcing a Content-Length and sends chunks."""

_GO_ESCAPES = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"})


class ApiError(Exception):
    """An answer that is an error, in Ollama's form.

    Args:
        status: HTTP status.
        message: What `{"error": …}` says.
        content_type: Where a stream was asked for, Ollama leaves the character set out.
        chunked: Where a stream was asked for, its first chunk is the error.
    """

    def __init__(self, status: int, message: str, *, content_type: str = JSON, chunked: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.content_type = content_type
        self.chunked = chunked


def encode(value: object) -> str:
    """Serialises as Go's encoding/json does: compact, UTF-8, HTML characters escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A lone surrogate is legal in a Python string and in escaped JSON, not in UTF-8. Go replaces it.
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.translate(_GO_ESCAPES)


def answer(
    value: object,
    *,
    status: int = 200,
    content_type: str = JSON,
    chunked: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One JSON document; announced by its length where it is short, chunked where it is long or asked to be."""
    body = encode(value).encode()
    told = {"content-type": content_type, **(headers or {})}
    if len(body) <= _BUFFER and not chunked:
        return Response(body, status, told)
    return StreamingResponse(_once(body), status, told)


def error(failure: ApiError) -> Response:
    """The body `{"error": …}` with its status."""
    return answer(
        {"error": failure.message},
        status=failure.status,
        content_type=failure.content_type,
        chunked=failure.chunked,
    )


class Stream(StreamingResponse):
    """A response in chunks.

    Args:
        chunks: The chunks.
        ended: Called once it was sent, or cannot be any more because the client is gone.
        headers: Its headers.
    """

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        *,
        ended: Callable[[], Awaitable[None]] | None = None,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(chunks, 200, headers)
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. A generator that nobody reads on is ended by nobody, until its memory is needed."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._ended is not None:
                await self._ended()


def lines(
    documents: AsyncIterator[Mapping[str, Any]],
    *,
    ended: Callable[[], Awaitable[None]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A stream of JSON documents, one a line and one a chunk; see `Stream`."""
    return Stream(_encoded(documents), ended=ended, headers={"content-type": NDJSON, **(headers or {})})


def timestamp(nanoseconds: int | None = None) -> str:
    """UTC in RFC 3339 with up to nine digits and no trailing zeros, as Go prints it."""
    now = time.time_ns() if nanoseconds is None else nanoseconds
    seconds, fraction = divmod(now, 1_000_000_000)
    head = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{fraction:09d}".rstrip("0")
    return f"{head}.{digits}Z" if digits else f"{head}Z"


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _encoded(documents: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    async for document in documents:
        yield (encode(document) + "\n").encode()
