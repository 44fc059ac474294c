"""What the protocol does with a reply that fails in its middle, and with one that nobody waits for."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from showcase.engines.protocol.app import build
from showcase.engines.protocol.engine import Engine
from showcase.engines.protocol.wire import ApiError
from showcase.engines.rehearsal.engine import Rehearsal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BODY = {"model": "rehearsal", "messages": [{"role": "user", "content": "x"}]}


class Breaks:
    """A reply that says one word and then fails, or goes on without end."""

    count, reason, read_ns = 1, "stop", 0

    def __init__(self, *, endless: bool) -> None:
        self._endless = endless
        self.closed = 0

    async def pieces(self) -> AsyncIterator[str]:
        yield "one"
        while self._endless:
            await asyncio.sleep(0.001)
            yield "more"
        raise ApiError(500, "it broke")

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture(scope="module")
def backend() -> Rehearsal:
    return Rehearsal()


def application(backend: Rehearsal, reply: Breaks, monkeypatch: pytest.MonkeyPatch) -> Any:
    async def complete(*_: object, **__: object) -> Breaks:
        return reply

    monkeypatch.setattr(backend, "complete", complete)
    return build(Engine(backend))


def post(app: Any, path: str, **fields: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(path, json={**BODY, **fields})

    return asyncio.run(ask())


def test_an_error_in_the_middle_of_a_stream_is_its_last_line(
    backend: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = Breaks(endless=False)
    lines = post(application(backend, reply, monkeypatch), "/api/chat").text.splitlines()
    assert [json.loads(line).get("error") for line in lines] == [None, "it broke"]
    assert reply.closed == 1


def test_an_error_in_the_middle_is_the_last_event_of_openai_s_protocol(
    backend: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = Breaks(endless=False)
    text = post(application(backend, reply, monkeypatch), "/v1/chat/completions", stream=True).text
    events = [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line]
    assert events[-1]["error"]["message"] == "it broke"
    assert reply.closed == 1


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
def test_an_error_in_a_reply_in_one_piece_is_the_answer(
    backend: Rehearsal, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    reply = Breaks(endless=False)
    answer = post(application(backend, reply, monkeypatch), path, stream=False)
    assert answer.status_code == 500
    assert "it broke" in answer.text
    assert reply.closed == 1


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("told", [0, 1, 2, 7])
@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
def test_a_reply_is_ended_when_its_client_has_gone(
    backend: Rehearsal, monkeypatch: pytest.MonkeyPatch, path: str, told: int, stream: bool
) -> None:
    """Whether it left before the head of the answer, after that, or later."""
    reply = Breaks(endless=True)
    app = application(backend, reply, monkeypatch)

    async def ask() -> int:
        body = [{"type": "http.request", "body": json.dumps({**BODY, "stream": stream}).encode(), "more_body": False}]
        gone, heard = asyncio.Event(), 0

        async def receive() -> dict[str, Any]:
            if body:
                return body.pop()
            if told and stream:
                await gone.wait()
            else:
                await asyncio.sleep(0.02)
            return {"type": "http.disconnect"}

        async def send(_: Any) -> None:
            nonlocal heard
            heard += 1
            if heard == told:
                gone.set()
            await asyncio.sleep(0)

        scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1"}
        scope |= {"method": "POST", "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b""}
        await asyncio.wait_for(
            app({**scope, "scheme": "http", "headers": [(b"host", b"localhost")]}, receive, send), 10
        )
        return heard

    heard = asyncio.run(ask())
    assert reply.closed == 1
    assert heard == 0 or stream
