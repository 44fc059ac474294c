"""Servers of other people: old ones, and models that answer without saying anything. Really served, on loopback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from faulty_server import FaultyServer, Request, respond

from showcase import runlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from planting import Place

    from showcase.evidence import Endpoint

OLLAMA = ("--engine", "ollama", "--plain", "--ollama-host")
COUNTED = {"prompt_eval_count": 60, "eval_count": 9}


def streams(*chunks: dict[str, Any]) -> Callable[[Request, FaultyServer], None]:
    """Answer each chat with these chunks."""

    def answer(handler: Request, _: FaultyServer) -> None:
        asked = json.loads(handler.body)
        head = {"model": asked["model"], "created_at": "2026-01-01T00:00:00Z", "done": False}
        empty = {"message": {"role": "assistant", "content": ""}}
        lines = "".join(json.dumps({**head, **empty, **chunk}) + "\n" for chunk in chunks)
        respond(handler, 200, lines.encode(), "application/x-ndjson")

    return answer


THOUGHT = {"message": {"role": "assistant", "content": "", "thinking": "They want food."}}
CALL = {
    "message": {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"function": {"name": "remember", "arguments": {"x": 1}}}],
    }
}


@pytest.mark.parametrize(
    ("chunks", "reason", "said"),
    [
        (({"done": True, "done_reason": "stop", **COUNTED},), "is empty", "none of its 9 tokens is text"),
        ((CALL, {"done": True, "done_reason": "stop", **COUNTED}), "is empty", "none of its 9 tokens is text"),
        ((THOUGHT, {"done": True, "done_reason": "length", **COUNTED}), "got no whole reply", "before any text"),
    ],
)
def test_a_model_that_says_nothing_is_told_and_isolates_nobody(
    place: Place, engine: Endpoint, chunks: tuple[dict[str, Any], ...], reason: str, said: str
) -> None:
    server = FaultyServer(engine, "/api/chat", streams(*chunks))
    try:
        ended = place.run(*OLLAMA, server.address)
    finally:
        server.close()
    log = runlog.read(place.out / "run-log.json")
    verdicts = {claim.id: claim for claim in log.claims}
    assert verdicts["isolation"].status == "inconclusive", ended.stdout
    assert reason in verdicts["isolation"].reason
    assert verdicts["persistence"].status == "upheld", "what was recalled does not depend on the reply"
    assert "The model's reply is empty" in ended.stdout
    assert said in ended.stdout
    assert "with memory:     an empty reply" in ended.stdout
    assert "Session 2: the reply is empty" in ended.stdout


def test_an_old_server_that_gives_no_reason_has_not_broken_off(place: Place, engine: Endpoint) -> None:
    hello = {"message": {"role": "assistant", "content": "Try a salad."}}
    server = FaultyServer(engine, "/api/chat", streams(hello, {"done": True, **COUNTED}))
    try:
        ended = place.run(*OLLAMA, server.address)
    finally:
        server.close()
    log = runlog.read(place.out / "run-log.json")
    isolation = next(claim for claim in log.claims if claim.id == "isolation")
    assert (isolation.status, "did not say why the reply" in isolation.reason) == ("inconclusive", True)
    assert "broke off" not in ended.stdout


def without_model(handler: Request, _: FaultyServer) -> None:
    rows = [{"name": "rehearsal:latest"}, {"name": "rehearsal-embed:latest"}]
    respond(handler, 200, json.dumps({"models": rows}).encode())


def unreadable(handler: Request, _: FaultyServer) -> None:
    rows = [{"name": "rehearsal:latest", "model": ["no", "text"]}, {"name": "rehearsal-embed:latest", "model": "x"}]
    respond(handler, 200, json.dumps({"models": rows}).encode())


def not_found(handler: Request, _: FaultyServer) -> None:
    respond(handler, 404, b'{"error": "not found"}')


@pytest.mark.parametrize(
    ("path", "wrong", "said"),
    [
        ("/api/tags", without_model, "is too old, or no Ollama: its /api/tags names no `model`"),
        ("/api/tags", unreadable, "is not Ollama: an answer cannot be read"),
        ("/api/embed", not_found, "is too old, or no Ollama: it does not know /api/embed"),
    ],
)
def test_a_server_that_mem0_could_not_read_is_refused_before_anything_is_planted(
    place: Place, engine: Endpoint, path: str, wrong: Callable[..., None], said: str
) -> None:
    server = FaultyServer(engine, path, wrong)
    try:
        complaint = place.run(*OLLAMA, server.address).complaint(4)
    finally:
        server.close()
    assert said in complaint
    assert "TypeError" not in complaint
    assert not (place.out / "run-log.json").exists()
