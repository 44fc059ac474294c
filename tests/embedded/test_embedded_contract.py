"""Every recorded exchange with a real server, replayed against the embedded engine with the recordings' models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import exchanges
import httpx
import numpy as np
import pytest
from engines_here import Files, embedded
from exchanges import replay_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine_processes import Running

LOADED = "its models are loaded before it says that it is ready"
NO_TENSORS = "does not list the tensors of a file: nobody asks for them"
HEADER = "knows the licence that the file names, and no other; Ollama the one of a Modelfile, and no other"
CONTEXT = "says how much of a text it reads at once where a client does not: a model that could read 8192 would not"
WRITES = "a chat model is loaded to write, and making vectors of it would need it a second time"
SHORT = "so the body is shorter than the 2048 bytes that Go holds back before it sends chunks"
WORDS = "other words, as the file's own template is not that of the recorded Modelfile: whether they end is theirs"
_SHOWN = {"body.tensors: empty": NO_TENSORS, "body.license: extra": HEADER, **dict.fromkeys(exchanges.FRAMED, SHORT)}
_FIELDS = ("model", "embeddings", "total_duration", "load_duration", "prompt_eval_count")

DIFFERENT: dict[str, dict[str, str]] = {
    "ps-idle": {"body.models: empty": LOADED},
    "show-chat": _SHOWN,
    "show-created": _SHOWN,
    "show-embed": {
        "body.tensors: empty": NO_TENSORS,
        "body.license: missing": HEADER,
        "body.parameters: extra": CONTEXT,
        **dict.fromkeys(exchanges.FRAMED, SHORT),
    },
    "embed-with-chat-model": {
        **dict.fromkeys(("status", "body.error: extra"), WRITES),
        **dict.fromkeys((f"body.{field}: missing" for field in _FIELDS), WRITES),
        **dict.fromkeys(exchanges.FRAMED, SHORT),
    },
    "generate-once": {"body.done_reason: value": WORDS},
    "pull-no-network": exchanges.REFUSED,
    "pull-no-network-once": {"body.error: value": exchanges.NO_PULL},
    "create-from-missing": exchanges.REFUSED,
}
"""Where the engine differs on purpose, and why. A difference that is not here fails; so does one that has gone."""

NEAR = 0.999
"""Cosine of two vectors of one text by one model: two builds of llama.cpp round the weights of 8 bits differently."""


@pytest.fixture(scope="module")
def running(real: Files) -> Iterator[Running]:
    """An engine of this module, with the context that the recorded server had."""
    with embedded(real, num_ctx=4096) as engine:
        yield engine


def test_engine_answers_as_recorded_except_where_the_table_says_why(running: Running) -> None:
    found = replay_all(running.host, running.port, {})
    assert found == {name: set(reasons) for name, reasons in DIFFERENT.items()}
    assert all(reason for reasons in DIFFERENT.values() for reason in reasons.values())


def test_the_same_prompt_is_as_long_and_answered_in_the_same_words(running: Running) -> None:
    """The recorded server laid it out by its Modelfile; what it laid out is read here as it is."""
    prompt = recorded("chat-debug-render")["_debug_info"]["rendered_template"]
    body = {"model": "tiny-chat", "prompt": prompt, "raw": True, "stream": False, "options": {"temperature": 0}}
    told, seen = recorded("chat-once"), post(running, "/api/generate", body)
    assert seen["response"] == told["message"]["content"]
    assert (seen["prompt_eval_count"], seen["eval_count"]) == (told["prompt_eval_count"], told["eval_count"])
    assert seen["done_reason"] == told["done_reason"]


@pytest.mark.parametrize("name", ["generate-raw", "embed-one", "embed-two", "embed-too-long", "chat-too-long-user"])
def test_tokens_are_counted_as_recorded(running: Running, name: str) -> None:
    assert replayed(running, name)["prompt_eval_count"] == recorded(name)["prompt_eval_count"]


@pytest.mark.parametrize("name", ["embed-one", "embed-two", "embed-too-long", "embed-dimensions"])
def test_vectors_are_those_that_were_recorded(running: Running, name: str) -> None:
    told, seen = (np.array(each["embeddings"]) for each in (recorded(name), replayed(running, name)))
    assert (told * seen).sum(axis=1).min() > NEAR
    assert np.linalg.norm(seen, axis=1) == pytest.approx(1, abs=1e-6)


def recorded(name: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(exchanges.load(name).answer.body)
    return held


def replayed(running: Running, name: str) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(exchanges.replay(exchanges.load(name), running.host, running.port, {}).body)
    return seen


def post(running: Running, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.post(running.url + path, json=body, trust_env=False, timeout=60)
    assert answer.status_code == 200, answer.text
    held: dict[str, Any] = answer.json()
    return held
