"""Refuses what a web page or a stranger might send: foreign hosts and origins, bodies without end.

A plain ASGI middleware: Starlette's own would answer with other bodies than Ollama does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from showcase.engines.protocol import callers
from showcase.engines.protocol.presence import while_there
from showcase.engines.protocol.wire import ApiError, error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 8 * 1024 * 1024
"""Bytes: far beyond what the largest context of the chat model can hold, in any script."""


_CLOSE = {"Connection": "close"}
_NO_CONTENT = 204


class Guard:
    """Checks Host, Origin and size before any route sees a request."""

    def __init__(self, app: ASGIApp, *, called: str, max_body: int = MAX_BODY) -> None:
        self._app = app
        self._called = called.removeprefix("the ")
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes an acceptable request on, answers any other."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        foreign = origin is not None and not callers.same_origin(origin, host)
        if origin is not None and foreign and callers.allowed_origin(origin):
            send = _with_headers(send, {"Access-Control-Allow-Origin": origin, "Vary": "Origin"})
            if scope["method"] == "OPTIONS":
                send = _with_headers(send, callers.PREFLIGHT)
        elif foreign:
            await _empty(403)(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and (foreign or callers.allowed_host(host)):
            await _empty(204)(scope, receive, send)
        elif not callers.allowed_host(host):
            await _empty(403)(scope, receive, send)
        else:
            await self._bounded(scope, receive, send, headers.get("content-length", ""))

    async def _bounded(self, scope: Scope, receive: Receive, send: Send, length: str) -> None:
        """Passes a request on, unless its body is too large, and answers where its route could not."""
        if length.isdecimal() and int(length) > self._max_body:
            # Not read any further: the connection cannot be used again.
            await _too_large()(scope, receive, _with_headers(send, _CLOSE))
            return
        bounded = _Bounded(receive, send, self._max_body)
        try:
            await while_there(self._app, scope, bounded.receive, bounded.send)
        except ClientDisconnect:
            if bounded.exceeded:
                await _too_large()(scope, receive, _with_headers(send, _CLOSE))
        except Exception as failure:  # noqa: BLE001 - the outermost frame; nothing above may log what a prompt held
            _report(self._called, failure)
            if not bounded.answered:
                await error(ApiError(500, f"internal error of the {self._called}"))(scope, receive, send)


class _Bounded:
    """Ends a request whose body, announced or not, grows beyond the limit."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self.exceeded = False
        self.answered = False

    async def send(self, message: Message) -> None:
        self.answered = True
        await self._send(message)

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.exceeded = True
                return {"type": "http.disconnect"}
        return message


def _with_headers(send: Send, more: Mapping[str, str]) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(more)
        await send(message)

    return wrapped


def _report(called: str, failure: Exception) -> None:
    """Where a failure came from, without its message: that may quote what was sent."""
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    sys.stderr.write(f"{called}: {type(failure).__name__}{place}\n")


def _empty(status: int) -> Response:
    response = Response(status_code=status)
    if status != _NO_CONTENT:
        response.headers["content-length"] = "0"
    return response


def _too_large() -> Response:
    return error(ApiError(413, "request body too large"))
