"""Requests that are refused, and in which words: the engine and a real server must say the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import Server

TURNS = [{"role": "user", "content": "What is my dog called?"}]
ROLE = {"model": "CHAT", "messages": [{"role": 1}]}
STREAM = {"model": "CHAT", "messages": TURNS, "stream": "no"}
FIELD = "json: cannot unmarshal {} into Go struct field {} of type {}"

REFUSED: list[tuple[str, Any, int, str]] = [
    ("/api/chat", STREAM, 400, FIELD.format("string", "ChatRequest.stream", "bool")),
    ("/api/chat", {"model": 5}, 400, FIELD.format("number", "ChatRequest.model", "string")),
    ("/api/chat", [1], 400, "json: cannot unmarshal array into Go value of type api.ChatRequest"),
    ("/api/chat", ROLE, 400, FIELD.format("number", "ChatRequest.messages.role", "string")),
    ("/api/chat", {"model": "CHAT", "messages": [5]}, 400, FIELD.format("number", "ChatRequest.messages", "api.Alias")),
    ("/api/chat", {"model": "bad name!", "messages": TURNS}, 400, "invalid model name"),
    ("/api/show", {"model": "bad name!"}, 400, "invalid model name"),
    ("/api/embed", {"model": "bad name!", "input": "x"}, 400, "invalid model name"),
    ("/api/embed", {"input": "x"}, 404, "model '' not found"),
    ("/api/generate", {"model": "bad name!", "prompt": "x"}, 400, "invalid model name"),
    ("/api/embeddings", {"model": "nope", "prompt": "x"}, 404, 'model "nope" not found, try pulling it first'),
    ("/api/embeddings", {"prompt": "x"}, 400, "model is required"),
    ("/api/generate", {"model": "EMBED", "prompt": "x"}, 400, '"EMBED" does not support generate'),
    ("/api/generate", {"model": "CHAT", "prompt": "x", "raw": True, "system": "y"}, 400,
     "raw mode does not support template, system, or context"),
    ("/api/copy", {"source": "", "destination": "x"}, 400, 'source "" is invalid'),
    ("/api/copy", {"source": "CHAT", "destination": "bad name!"}, 400, 'destination "bad name!" is invalid'),
    ("/api/pull", {}, 400, "invalid model name"),
    ("/api/push", {}, 400, "model is required"),
    ("/api/create", {}, 400, "invalid model name"),
]  # fmt: skip

CHAT_REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"options": {"stop": "dog"}}, 500, 'option "stop" must be of type array'),
    ({"options": {"stop": [1]}}, 500, 'option "stop" must be of an array of strings'),
    ({"options": {"seed": "x"}}, 500, 'option "seed" must be of type integer'),
    ({"options": {"use_mmap": 1}}, 500, 'option "use_mmap" must be of type boolean'),
    ({"options": {"num_ctx": 20}, "truncate": False}, 400, "the input length exceeds the context length"),
    ({"keep_alive": "5 parsecs"}, 400, 'time: unknown unit " parsecs" in duration "5 parsecs"'),
    ({"keep_alive": "5"}, 400, 'time: missing unit in duration "5"'),
    ({"keep_alive": "soon"}, 400, 'time: invalid duration "soon"'),
    ({"keep_alive": True}, 400, "Unsupported type: 'bool'"),
    ({"format": [1]}, 500, 'invalid format: "[1]"; expected "json" or a valid JSON Schema object'),
    ({"format": True}, 500, 'invalid format: "true"; expected "json" or a valid JSON Schema object'),
    ({"format": {"type": "nope"}}, 500, "invalid JSON schema in format"),
]  # fmt: skip


def _named(value: Any, server: Server) -> Any:
    return json.loads(json.dumps(value).replace("CHAT", server.chat).replace("EMBED", server.embed))


@pytest.mark.parametrize(("path", "body", "status", "message"), REFUSED)
def test_request(server: Server, path: str, body: object, status: int, message: str) -> None:
    response = httpx.post(f"{server.url}{path}", json=_named(body, server), trust_env=False, timeout=60)
    assert (response.status_code, response.json()) == (status, {"error": _named(message, server)})


@pytest.mark.parametrize(("extra", "status", "message"), CHAT_REFUSED)
def test_chat(server: Server, extra: dict[str, Any], status: int, message: str) -> None:
    facts = {"role": "system", "content": "What you know about the user:\n- My dog is called Biscuit.\n- I like tea."}
    body = {"model": server.chat, "messages": [facts, *TURNS], "stream": False, **extra}
    response = httpx.post(f"{server.url}/api/chat", json=body, trust_env=False, timeout=60)
    assert (response.status_code, response.json()) == (status, {"error": message})


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "missing request body"),
        (b'{"model": "a', "unexpected EOF"),
        (b"nonsense", "invalid character 'o' in literal null (expecting 'u')"),
        (b'{"model" 5}', "invalid character '5' after object key"),
        (b"{model: 5}", "invalid character 'm' looking for beginning of object key string"),
        (b'{"model": x}', "invalid character 'x' looking for beginning of value"),
    ],
)
def test_broken_json(server: Server, raw: bytes, message: str) -> None:
    response = httpx.post(f"{server.url}/api/chat", content=raw, trust_env=False, timeout=60)
    assert (response.status_code, response.json()) == (400, {"error": message})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"model": "CHAT", "messages": []}, "[] is too short - 'messages'"),
        ({"model": "CHAT"}, "[] is too short - 'messages'"),
        ({"model": "CHAT", "messages": [{"role": "user", "content": [{"type": "x"}]}]}, "invalid message format"),
    ],
)
def test_openai(server: Server, body: object, message: str) -> None:
    response = httpx.post(f"{server.url}/v1/chat/completions", json=_named(body, server), trust_env=False, timeout=60)
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    assert (response.status_code, response.json()) == (400, {"error": error})
    assert not response.text.endswith("\n")


def test_openai_without_the_model(server: Server) -> None:
    body = {"model": "nope", "messages": TURNS}
    response = httpx.post(f"{server.url}/v1/chat/completions", json=body, trust_env=False, timeout=60)
    error = {"message": "model 'nope' not found", "type": "not_found_error", "param": None, "code": None}
    assert (response.status_code, response.json()) == (404, {"error": error})
    assert response.text.endswith("\n")
