"""Every recorded exchange with a real server, replayed: against the engine, and against a live server.

The exchanges depend on each other (a model is created, used, deleted), so one test replays them all in the order in
which that makes sense, and names every difference that is not in the table.
"""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

import exchanges
import pytest
from exchanges import ORDER, replay_all

if TYPE_CHECKING:
    from conftest import Running

OURS = {"tiny-chat": "rehearsal", "all-minilm": "rehearsal-embed"}
LEFT_OVER = ("tuned-mem", "tuned-mem2", "tuned-copy", "x", "x2")

SIZE = "256 dimensions, not 384"
SELF = "says what it is: no transformer, so it has neither a transformer's metadata nor its tensors"
SHORT = "the body is shorter than the 2048 bytes that Go holds back before it sends chunks"
LONGER = "a model more is listed, that of the extra `multilingual`: the body is longer than those 2048 bytes"
WORDS = "other words: the recorded model babbled until num_predict ended it, or stopped by chance"
_SHOWN = {"body.model_info: architecture": SELF, "body.tensors: empty": SELF, **dict.fromkeys(exchanges.FRAMED, SHORT)}

DIFFERENT: dict[str, dict[str, str]] = {
    "pull-no-network": exchanges.REFUSED,
    "pull-no-network-once": {"body.error: value": exchanges.NO_PULL},
    "create-from-missing": exchanges.REFUSED,
    "show-chat": _SHOWN,
    "show-created": _SHOWN,
    "show-embed": {"body.model_info: architecture": SELF, **dict.fromkeys(exchanges.FRAMED, SHORT)},
    "embed-one": {"body.embeddings[]: length": SIZE},
    "embed-two": {"body.embeddings[]: length": SIZE},
    "embed-too-long": {"body.embeddings[]: length": SIZE},
    "embed-with-chat-model": dict.fromkeys(exchanges.FRAMED, SHORT),
    "embeddings-legacy": {"body.embedding: length": SIZE, **dict.fromkeys(exchanges.FRAMED, SHORT)},
    "chat-format-schema": {"body.done_reason: value": WORDS},
    "generate-once": {"body.done_reason: value": WORDS},
    "origin-localhost": dict.fromkeys(exchanges.FRAMED, LONGER),
}
"""Where the engine differs on purpose, and why. A difference that is not here fails; so does one that has gone."""


def test_every_recording_is_replayed() -> None:
    assert sorted(ORDER) == exchanges.names()


def test_engine_answers_as_recorded_except_where_the_table_says_why(own_engine: Running) -> None:
    found = replay_all(own_engine.host, own_engine.port, OURS)
    assert found == {name: set(reasons) for name, reasons in DIFFERENT.items()}
    assert all(reason for reasons in DIFFERENT.values() for reason in reasons.values())


@pytest.mark.ollama
def test_real_server_answers_as_recorded(real_server: tuple[str, int]) -> None:
    host, port = real_server
    _forget(host, port)
    try:
        assert replay_all(host, port, {}) == {}
    finally:
        _forget(host, port)


def test_a_difference_is_noticed(own_engine: Running) -> None:
    """The comparison itself can fail: another status, a field too few, another type, another error text."""
    exchange = exchanges.load("chat-once")
    seen = exchanges.replay(exchange, own_engine.host, own_engine.port, OURS)
    document = json.loads(seen.body)
    for spoiled, path in (
        ({**document, "done": False}, "body.done: value"),
        ({**document, "eval_count": "11"}, "body.eval_count: type"),
        ({key: value for key, value in document.items() if key != "load_duration"}, "body.load_duration: missing"),
        ({**document, "remote_host": "x"}, "body.remote_host: extra"),
    ):
        other = exchanges.Answer(status=200, headers=seen.headers, body=json.dumps(spoiled))
        assert exchanges.differences(exchange, other, OURS) == {path}


def _forget(host: str, port: int) -> None:
    """Leaves the server with the models it came with, none of them loaded."""

    def send(method: str, path: str, body: dict[str, object]) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=60)
        connection.request(method, path, json.dumps(body))
        connection.getresponse().read()
        connection.close()

    for name in LEFT_OVER:
        send("DELETE", "/api/delete", {"model": name})
    for name in OURS:
        send("POST", "/api/generate", {"model": name, "keep_alive": 0})
