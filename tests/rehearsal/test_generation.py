"""What the options of a request do: the same on the engine and on a real server."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from conftest import started

if TYPE_CHECKING:
    from conftest import Running, Server

SYSTEM = (
    "You are a helpful assistant.\nKnown facts about the user:\n- I do not eat spicy food.\n- My dog is called Biscuit."
)
TURNS = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "What is my dog called?"}]
PEACE = {"temperature": 0, "seed": 1}


def ask(server: Server, options: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    body = {"model": server.chat, "messages": TURNS, "stream": False, **fields, "options": {**PEACE, **(options or {})}}
    response = httpx.post(f"{server.url}/api/chat", json=body, trust_env=False, timeout=60)
    assert response.status_code == 200, response.text
    held: dict[str, Any] = response.json()
    return held


def test_the_same_seed_gives_the_same_words(server: Server) -> None:
    replies = {ask(server)["message"]["content"] for _ in range(3)}
    assert len(replies) == 1
    assert "dog is called Biscuit" in replies.pop()


def test_a_reply_that_ends_by_itself_counts_the_token_that_ended_it(server: Server) -> None:
    """Where `num_predict` leaves room for every token but that one, the reply is the same and its reason another."""
    whole = ask(server)
    assert whole["done_reason"] == "stop"
    cut = ask(server, {"num_predict": whole["eval_count"] - 1})
    assert cut["message"]["content"] == whole["message"]["content"]
    assert (cut["done_reason"], cut["eval_count"]) == ("length", whole["eval_count"] - 1)


@pytest.mark.parametrize("tokens", [1, 3, 5])
def test_num_predict(server: Server, tokens: int) -> None:
    reply = ask(server, {"num_predict": tokens})
    assert (reply["done_reason"], reply["eval_count"]) == ("length", tokens)
    assert ask(server)["message"]["content"].startswith(reply["message"]["content"])


@pytest.mark.parametrize("tokens", [0, -1, -2])
def test_num_predict_that_is_no_limit(server: Server, tokens: int) -> None:
    assert ask(server, {"num_predict": tokens})["done_reason"] == "stop"


def test_stop(server: Server) -> None:
    whole = ask(server)["message"]["content"]
    for stop in (" dog", "og i", "You", ".", ""):
        reply = ask(server, {"stop": [stop]})
        assert reply["message"]["content"] == whole[: whole.index(stop)]
        assert reply["done_reason"] == "stop"
    assert ask(server, {"stop": ["zebra"]})["message"]["content"] == whole


def test_context_that_is_too_small_cuts_in_silence(server: Server) -> None:
    full = ask(server)["prompt_eval_count"]
    for size in (8, 20, full - 1):
        assert ask(server, {"num_ctx": size, "num_predict": 2})["prompt_eval_count"] == size
    assert ask(server, {"num_ctx": full, "num_predict": 2})["prompt_eval_count"] == full
    # A context below four tokens is four.
    assert ask(server, {"num_ctx": 1, "num_predict": 2})["prompt_eval_count"] == 4


def test_without_shift_a_full_context_ends_the_reply(server: Server) -> None:
    full = ask(server)["prompt_eval_count"]
    for room in (1, 3, 5):
        reply = ask(server, {"num_ctx": full + room}, shift=False)
        assert (reply["done_reason"], reply["eval_count"]) == ("length", room + 1)


def test_oldest_turns_go_first_and_the_system_prompt_stays(server: Server) -> None:
    chatter = [{"role": role, "content": "yes " * 40} for role in ("user", "assistant")] * 4
    turns = [TURNS[0], *chatter, TURNS[1]]
    body = {
        "model": server.chat,
        "messages": turns,
        "stream": False,
        "_debug_render_only": True,
        "options": {"num_ctx": 160},
    }
    text = httpx.post(f"{server.url}/api/chat", json=body, trust_env=False, timeout=60).json()["_debug_info"]
    assert SYSTEM in text["rendered_template"]
    assert TURNS[1]["content"] in text["rendered_template"]
    assert 0 < text["rendered_template"].count("yes") < 8 * 40


def test_durations_are_measured(server: Server) -> None:
    begun = time.perf_counter_ns()
    reply = ask(server)
    taken = time.perf_counter_ns() - begun
    parts = [reply[f"{part}_duration"] for part in ("load", "prompt_eval", "eval")]
    assert all(part > 0 for part in parts)
    assert sum(parts) <= reply["total_duration"] * 1.01
    assert reply["total_duration"] < taken


def test_keep_alive(server: Server) -> None:
    def loaded() -> dict[str, dict[str, Any]]:
        rows = httpx.get(f"{server.url}/api/ps", trust_env=False, timeout=60).json()["models"]
        return {row["name"].removesuffix(":latest"): row for row in rows}

    ask(server, keep_alive="10m")
    assert server.chat in loaded()
    ask(server, {"num_ctx": 64})
    assert loaded()[server.chat]["context_length"] == 64
    httpx.post(f"{server.url}/api/generate", json={"model": server.chat, "keep_alive": 0}, trust_env=False, timeout=60)
    deadline = time.monotonic() + 30
    while server.chat in loaded():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_stream_is_one_line_a_chunk(server: Server) -> None:
    """Read from the socket, since every client library joins the chunks."""
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    connection.request("POST", "/api/chat", json.dumps({"model": server.chat, "messages": TURNS, "options": PEACE}))
    response = connection.getresponse()
    assert response.getheader("transfer-encoding") == "chunked"
    raw = response.fp
    chunks = []
    while size := int(raw.readline(), 16):
        chunks.append(raw.read(size).decode())
        assert raw.readline() == b"\r\n"
    connection.close()
    assert all(chunk.endswith("\n") and chunk.count("\n") == 1 for chunk in chunks)
    documents = [json.loads(chunk) for chunk in chunks]
    assert documents[-1]["eval_count"] == len(documents)
    assert "".join(part["message"]["content"] for part in documents) == ask(server)["message"]["content"]


def test_formats_are_valid_json(http: httpx.Client) -> None:
    """Beyond what a small real model can be held to: every constraint is met."""
    schema = {
        "type": "object",
        "properties": {
            "answer": {"type": "string"},
            "sure": {"type": "boolean"},
            "count": {"type": "integer", "minimum": 2},
            "kind": {"enum": ["pet", "person"]},
            "more": {"type": "array", "items": {"$ref": "#/$defs/note"}, "minItems": 2},
            "maybe": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "type": {"type": "string", "maxLength": 5},
        },
        "required": ["answer", "sure", "count", "kind", "more", "maybe", "type"],
        "$defs": {"note": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}},
    }
    jsonschema = pytest.importorskip("jsonschema")
    for form in (schema, {"type": "string"}, {"type": "array", "items": {"type": "number"}}, "json"):
        body = {"model": "rehearsal", "messages": TURNS, "stream": False, "format": form}
        value = json.loads(http.post("/api/chat", json=body).json()["message"]["content"])
        if isinstance(form, dict):
            jsonschema.validate(value, form)
        assert "Biscuit" in json.dumps(value) or form["type"] == "array"


def test_num_predict_cuts_json_too(http: httpx.Client) -> None:
    body = {"model": "rehearsal", "messages": TURNS, "stream": False, "format": "json", "options": {"num_predict": 5}}
    reply = http.post("/api/chat", json=body).json()
    assert reply["done_reason"] == "length"
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply["message"]["content"])


def test_pace_is_kept_only_where_asked(engine: Running) -> None:
    """Arrival of the tokens, on the server's own clock: at 50 a second ten tokens take a fifth of a second."""

    def evaluated(url: str) -> tuple[int, int]:
        reply = httpx.post(
            f"{url}/api/chat", json={"model": "rehearsal", "messages": TURNS, "stream": False}, trust_env=False
        )
        return reply.json()["eval_count"], reply.json()["eval_duration"]

    with started("--pace", "50") as slow:
        count, paced = evaluated(slow.url)
    # The first token is due at once, and the one that ends the reply is not sent.
    assert paced >= (count - 2) / 50 * 1e9
    assert evaluated(engine.url)[1] < paced
