"""Ends what is made for a client that has gone, whether it waits for a stream or for one document.

A server in Go does so by itself. Starlette does it for streams alone: a reply in one piece would be made to its end,
for nobody, and whoever comes next would wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_GONE = "http.disconnect"


async def while_there(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run an application until it has answered, or its client is gone; raises what it raises."""
    answered, asked = False, asyncio.Event()

    async def tell(message: Message) -> None:
        nonlocal answered
        answered = answered or (message["type"] == "http.response.body" and not message.get("more_body", False))
        await send(message)

    async def hear() -> Message:
        if asked.is_set():  # Starlette listens too
            await asyncio.shield(leaving)
            return {"type": _GONE}
        message = await receive()
        if not message.get("more_body", False):
            asked.set()
        return message

    async def leave() -> None:
        await asked.wait()
        while (await receive())["type"] != _GONE:
            pass

    leaving = asyncio.create_task(leave())
    answering = asyncio.create_task(_run(app, scope, hear, tell))
    try:
        await asyncio.wait({leaving, answering}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done() and not answered:
            answering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await answering
    finally:
        leaving.cancel()
        answering.cancel()


async def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)
