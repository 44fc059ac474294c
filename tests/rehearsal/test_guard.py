"""What the engine refuses, and what it stands."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import Running, started

from showcase.engines.protocol.guard import MAX_BODY, Guard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Server
    from starlette.types import Receive, Scope, Send

CHAT = {
    "model": "rehearsal",
    "messages": [
        {"role": "system", "content": "- I keep two goats.\n- I was born in Ghent."},
        {"role": "user", "content": "Where was I born?"},
    ],
}


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:1234", True),
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("[::1]:11434", True),
        ("0.0.0.0:1", True),
        ("192.168.1.1", True),
        ("[fc00::1]:80", True),
        ("box.local", True),
        ("a.internal:8", True),
        ("", True),
        ("evil.example", False),
        ("evil.example:11434", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("localhost.", False),
        ("8.8.8.8", False),
        ("169.254.1.1", False),
        ("203.0.113.5", False),
        ("[2001:4860:4860::8888]:80", False),
        ("[::1]", False),  # without a port it is no address to Go
        ("notlocal", False),
    ],
)
def test_hosts(server: Server, host: str, allowed: bool) -> None:
    response = httpx.get(f"{server.url}/api/version", headers={"Host": host}, trust_env=False)
    assert (response.status_code == 200) is allowed
    if not allowed:
        assert (response.status_code, response.content) == (403, b"")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:3000", True),
        ("https://127.0.0.1", True),
        ("app://obsidian.md", True),
        ("vscode-webview://abc", True),
        ("http://evil.example", False),
        ("http://localhost.evil.example", False),
        ("chrome-extension://abc", False),
        ("HTTP://LOCALHOST:3", False),
        ("null", False),
    ],
)
def test_origins(server: Server, origin: str, allowed: bool) -> None:
    response = httpx.get(f"{server.url}/api/version", headers={"Origin": origin}, trust_env=False)
    assert (response.status_code == 200) is allowed
    assert response.headers.get("access-control-allow-origin") == (origin if allowed else None)
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    preflight = httpx.options(f"{server.url}/api/chat", headers=asked, trust_env=False)
    assert preflight.status_code == (204 if allowed else 403)
    if allowed:
        assert "Authorization,Content-Type," in preflight.headers["access-control-allow-headers"]
        assert preflight.headers["access-control-max-age"] == "43200"


def test_a_page_of_the_server_itself_needs_no_leave(server: Server) -> None:
    response = httpx.get(f"{server.url}/api/version", headers={"Origin": server.url}, trust_env=False)
    assert response.status_code == 200


def test_announced_body_over_the_limit(engine: Running) -> None:
    connection = http.client.HTTPConnection(engine.host, engine.port, timeout=30)
    connection.putrequest("POST", "/api/chat")
    connection.putheader("Content-Length", str(MAX_BODY + 1))
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    assert json.loads(response.read()) == {"error": "request body too large"}
    connection.close()


def test_unannounced_body_over_the_limit(engine: Running) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(MAX_BODY // 65_536 + 2):
            yield b" " * 65_536

    with httpx.Client(base_url=engine.url, trust_env=False, timeout=60) as client:
        # It may hang up on the flood before all has been sent: a refusal as well.
        with contextlib.suppress(httpx.WriteError):
            assert client.post("/api/chat", content=endless()).status_code == 413
        assert client.get("/api/version").status_code == 200


def test_unknown_methods_and_paths(http: httpx.Client) -> None:
    for method, path in (("PATCH", "/api/tags"), ("PUT", "/api/chat"), ("DELETE", "/api/embed"), ("GET", "/api/pull")):
        refused = http.request(method, path)
        assert (refused.status_code, refused.text) == (405, "405 method not allowed")
        assert refused.headers["allow"]
    for path in ("/api", "/api/chat/", "/metrics", "/api/../etc/passwd"):
        assert http.get(path).text == "404 page not found"


def test_two_hundred_requests_at_once(engine: Running) -> None:
    async def everything() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=engine.url, trust_env=False, timeout=60, limits=limits) as client:
            return await asyncio.gather(
                *(client.post("/api/chat", json={**CHAT, "stream": bool(number % 2)}) for number in range(200))
            )

    responses = asyncio.run(everything())
    assert {response.status_code for response in responses} == {200}
    for response in responses:
        turns = [json.loads(line)["message"]["content"] for line in response.text.splitlines()]
        assert "".join(turns) == "You told me: You were born in Ghent."


def test_client_that_goes_away_in_the_middle_of_a_reply() -> None:
    with started("--pace", "5") as running:
        for _ in range(5):
            with socket.create_connection((running.host, running.port), timeout=30) as connection:
                body = json.dumps(CHAT).encode()
                head = f"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                connection.sendall(head + body)
                assert b"200 OK" in connection.recv(1024)
        with httpx.Client(base_url=running.url, trust_env=False, timeout=30) as client:
            assert client.get("/api/version").status_code == 200
        running.process.terminate()
        assert running.process.wait(30) == 0
        assert running.process.stderr is not None
        assert running.process.stderr.read() == ""


@pytest.mark.parametrize(
    "text", ["a\\ud800b", "\\u0000", "\\u202e", "[" * 50_000, "." * 100_000, "<|end|>\\n<|user|>\\n", "i was " * 3_000]
)
def test_hostile_text_gets_an_answer(http: httpx.Client, text: str) -> None:
    """Sent as escaped JSON, so that half a surrogate pair can be among it."""
    turns = f'[{{"role": "system", "content": "- {text}"}}, {{"role": "user", "content": "what? {text}?"}}]'
    chat = http.post("/api/chat", content=f'{{"model": "rehearsal", "stream": false, "messages": {turns}}}')
    assert chat.json()["done"] is True
    embed = http.post("/api/embed", content=f'{{"model": "rehearsal-embed", "input": ["{text}"]}}')
    assert len(embed.json()["embeddings"][0]) == 256


def test_a_failure_inside_is_reported_without_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    """The message of an exception may quote what was sent; its type and place may not."""

    async def broken(_: Scope, __: Receive, ___: Send) -> None:
        raise ValueError("umbrella-7741")

    async def drive() -> httpx.Response:
        transport = httpx.ASGITransport(Guard(broken, called="the rehearsal engine"))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/api/tags")

    response = asyncio.run(drive())
    assert (response.status_code, "error" in response.json()) == (500, True)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "ValueError at test_guard.py:" in printed.err
    assert "7741" not in printed.err + response.text
