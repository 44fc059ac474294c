"""Refuses what a web page or a stranger might send: foreign hosts and origins, bodies without end.

A plain ASGI middleware: Starlette's own would answer with other bodies than Ollama does.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from showcase.rehearsal.wire import ApiError, error

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 8 * 1024 * 1024
"""Bytes: far beyond what the largest context of the chat model can hold, in any script."""

_ORIGIN = re.compile(
    r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0)(:.*)?|(app|file|tauri|vscode-webview|vscode-file)://.*"
)
_LOCAL_ENDINGS = (".localhost", ".local", ".internal")
_METHODS = "GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS"
_HEADERS = "Authorization,Content-Type,User-Agent,Accept,X-Requested-With,Openai-Beta"


class Guard:
    """Checks Host, Origin and size before any route sees a request."""

    def __init__(self, app: ASGIApp, *, max_body: int = MAX_BODY) -> None:
        self._app = app
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes an acceptable request on, answers any other."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if not allowed_host(headers.get("host", "")) or (origin is not None and not self._allowed(origin, headers)):
            await _empty(403)(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await _preflight(origin)(scope, receive, send)
            return
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._max_body:
            # Not read any further: the connection cannot be used again.
            await _too_large()(scope, receive, _closing(send))
            return
        bounded = _Bounded(receive, send, self._max_body)
        try:
            await self._app(
                scope, bounded.receive, bounded.send if origin is None else _with_origin(bounded.send, origin)
            )
        except ClientDisconnect:
            if bounded.exceeded:
                await _too_large()(scope, receive, _closing(send))
        except Exception as failure:  # noqa: BLE001 - the outermost frame; nothing above may log what a prompt held
            _report(failure)
            if not bounded.answered:
                await error(ApiError(500, "internal error of the rehearsal engine"))(scope, receive, send)

    @staticmethod
    def _allowed(origin: str, headers: Headers) -> bool:
        """A page that this very server would have sent is no stranger either."""
        return bool(_ORIGIN.fullmatch(origin)) or origin in {
            f"http://{headers.get('host')}",
            f"https://{headers.get('host')}",
        }


def allowed_host(given: str) -> bool:
    """Whether a Host header names this machine.

    A name that anybody can point at 127.0.0.1 would let a web page speak to us (DNS rebinding).
    """
    host = given
    if match := re.fullmatch(r"\[([^\]]*)\](?::\d*)?|([^:]*):\d*", given):
        host = match[1] if match[1] is not None else match[2]
    host = host.lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host in {"", "localhost", socket.gethostname().lower()} or host.endswith(_LOCAL_ENDINGS)
    return address.is_loopback or address.is_private or address.is_unspecified


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


def _with_origin(send: Send, origin: str) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = origin
            headers["Vary"] = "Origin"
        await send(message)

    return wrapped


def _closing(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Connection"] = "close"
        await send(message)

    return wrapped


def _report(failure: Exception) -> None:
    """Where a failure came from, without its message: that may quote what was sent."""
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    sys.stderr.write(f"rehearsal engine: {type(failure).__name__}{place}\n")


def _empty(status: int) -> Response:
    response = Response(status_code=status)
    response.headers["content-length"] = "0"
    return response


def _preflight(origin: str | None) -> Response:
    response = Response(status_code=204)
    if origin is not None:
        response.headers.update(
            {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Methods": _METHODS,
                "Access-Control-Allow-Headers": _HEADERS,
                "Access-Control-Max-Age": "43200",
                "Vary": "Origin",
            }
        )
    return response


def _too_large() -> Response:
    return error(ApiError(413, "request body too large"))
