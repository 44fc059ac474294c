"""No answer of a model server is read without end: not in bytes, not in time, not unpacked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import endless_server
import httpx
import pytest
from endless_server import EndlessServer
from program import run

from showcase.engines import answers, daemon_watch, ollama, ollama_models
from showcase.engines.answers import EndlessAnswerError, Limits, bounded_client, in_every_client
from showcase.engines.ollama import OllamaGate
from showcase.engines.ollama_models import OllamaModels
from showcase.errors import EngineError
from showcase.evidence import Message

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from showcase.evidence import Endpoint

SMALL = Limits(whole_s=0.5, size_bytes=3 * answers.MIB)
MESSAGES = (Message(role="user", content="hello"),)

LARGE = [endless_server.body_without_end, endless_server.lines_without_end]
SLOW = [
    endless_server.dribbled_body,
    endless_server.dribbled_headers,
    endless_server.one_header_without_end,
    endless_server.interim_answers,
    endless_server.until_it_closes,
]
WORDS = (
    [(way, "is larger than 3 MiB") for way in LARGE]
    + [(way, "did not end within 0.5 s") for way in SLOW]
    + [(endless_server.packed, "is packed")]
)


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket], None]], Endpoint]]:
    servers: list[EndlessServer] = []

    def start(way: Callable[[socket.socket], None]) -> Endpoint:
        servers.append(EndlessServer(way))
        return servers[-1].endpoint

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every limit be one that a test can wait for."""
    monkeypatch.setattr(ollama, "FACTS", SMALL)
    monkeypatch.setattr(ollama, "FROM_DISK", SMALL)
    monkeypatch.setattr(ollama, "REPLY_BYTES", SMALL.size_bytes)
    for name in ("DETAILS_BYTES", "REPLY_BYTES"):
        monkeypatch.setattr(ollama_models, name, SMALL.size_bytes)
    monkeypatch.setattr(ollama_models, "DOWNLOAD_S", SMALL.whole_s)
    monkeypatch.setattr(ollama_models, "WORK_LIMIT_S", SMALL.whole_s)


ASKS: list[Callable[[OllamaGate, OllamaModels], object]] = [
    lambda gate, _: gate.version(),
    lambda gate, _: gate.models(),
    lambda gate, _: gate.loaded(),
    lambda gate, _: gate.embed("m", "text"),
    lambda gate, _: gate.chat("m", MESSAGES, on_token=lambda _token: None),
    lambda _, models: models.show("m"),
    lambda _, models: models.load("m"),
    lambda _, models: models.misfit("m"),
    lambda _, models: models.count("m", MESSAGES),
    lambda _, models: models.pull("m", on_progress=lambda _progress: None),
    lambda _, models: models.create({"model": "m", "from": "b"}, on_progress=lambda _progress: None),
]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize(
    ("way", "words"),
    [
        (endless_server.body_without_end, "is larger than 3 MiB"),
        (endless_server.dribbled_body, "did not end within 0.5 s"),
        (endless_server.packed, "is packed"),
    ],
)
def test_every_request_has_limits(
    serve: Callable[[object], Endpoint], ask: Callable[[OllamaGate, OllamaModels], object], way: object, words: str
) -> None:
    endpoint = serve(way)
    gate, models = OllamaGate(endpoint, whole_s=SMALL.whole_s), OllamaModels(endpoint)
    try:
        with pytest.raises(EngineError, match=f"was cut off.*{words}") as caught:
            ask(gate, models)
    finally:
        gate.close()
        models.close()
    assert "curl" in caught.value.hint


@pytest.mark.parametrize(("way", "words"), WORDS)
def test_every_way_to_have_no_end_is_ended(serve: Callable[[object], Endpoint], way: object, words: str) -> None:
    with bounded_client(SMALL) as client, pytest.raises(EndlessAnswerError, match=words):
        client.get(f"http://{serve(way)}/api/version")


@pytest.mark.parametrize(("way", "words"), WORDS)
def test_a_client_that_somebody_else_makes_has_them_too(
    serve: Callable[[object], Endpoint], way: object, words: str
) -> None:
    before = httpx._client.HTTPTransport
    with in_every_client(SMALL):
        client = httpx.Client(timeout=None, follow_redirects=True)  # noqa: S113 - as the client library does
    assert httpx._client.HTTPTransport is before
    with client, pytest.raises(EndlessAnswerError, match=words):
        client.post(f"http://{serve(way)}/api/chat", json={})


def test_limits_hold_for_each_answer_and_not_for_a_connection() -> None:
    """A connection that stays open serves many answers, which together may be larger than one."""

    def answer(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (1 << 20) + b" " * (1 << 20))
            if not connection.recv(1 << 16):
                return

    server = EndlessServer(answer)
    try:
        with bounded_client(Limits(whole_s=60, size_bytes=3 << 19)) as client:
            for _ in range(5):
                assert len(client.get(f"http://{server.endpoint}/").content) == 1 << 20
    finally:
        server.close()


def test_a_document_that_nests_without_end_is_no_answer(serve: Callable[[object], Endpoint]) -> None:
    def nested(connection: socket.socket) -> None:
        body = b"[" * 200_000
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    gate = OllamaGate(serve(nested))
    try:
        for ask in (gate.version, lambda: gate.embed("m", "t")):
            with pytest.raises(EngineError, match="is not Ollama"):
                ask()
    finally:
        gate.close()


@pytest.mark.usefixtures("small")
def test_whoever_watches_a_server_is_not_held_up(serve: Callable[[object], Endpoint]) -> None:
    answer = daemon_watch.ask(serve(endless_server.dribbled_body))
    assert (answer.version, answer.cloud_disabled) == (None, None)
    assert "in time" in answer.unsaid


def answers_late(connection: socket.socket) -> None:
    """Say nothing for longer than the shortest limit here, as a model does that reads, and then all."""
    time.sleep(2 * SMALL.whole_s)
    body = b'{"done":true,"done_reason":"stop","message":{"role":"assistant","content":""},"prompt_eval_count":7734}'
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def says_nothing(connection: socket.socket) -> None:
    while connection.recv(1 << 16):
        pass


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("ask", [ASKS[4], ASKS[8]], ids=["chat", "count"])
def test_who_is_given_more_time_waits_for_it(
    serve: Callable[[object], Endpoint], ask: Callable[[OllamaGate, OllamaModels], object]
) -> None:
    """No limit of its own ends an answer before the one that was given."""
    endpoint = serve(answers_late)
    gate, models = OllamaGate(endpoint, whole_s=60), OllamaModels(endpoint, limit_s=60)
    try:
        ask(gate, models)
    finally:
        gate.close()
        models.close()


def test_a_silent_server_is_given_all_the_time_that_a_session_has(serve: Callable[[object], Endpoint]) -> None:
    """A reading client that gives up by itself after minutes of silence ends what a slow model may take."""
    gate, models = OllamaGate(serve(says_nothing), whole_s=1234), OllamaModels(serve(says_nothing), limit_s=1234)
    try:
        for client in (gate._client._client, models._http, models._progress):
            assert client.timeout.read == 1234
            assert client.timeout.connect == ollama.FACTS_TIMEOUT_S, "no model takes part in a connect"
    finally:
        gate.close()
        models.close()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("ask", ASKS[3:])
def test_who_waits_for_a_model_is_told_how_to_wait_longer(
    serve: Callable[[object], Endpoint],
    ask: Callable[[OllamaGate, OllamaModels], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ollama_models, "DOWNLOAD_S", 60.0)  # silence ends a download, not its length
    endpoint = serve(says_nothing)
    gate, models = OllamaGate(endpoint, whole_s=SMALL.whole_s), OllamaModels(endpoint, limit_s=SMALL.whole_s)
    try:
        with pytest.raises(EngineError, match=r"did not end within 0\.5 s; nothing of it|silent for 0\.5 s") as caught:
            ask(gate, models)
    finally:
        gate.close()
        models.close()
    assert caught.value.hint.endswith("give it more: --session-timeout 2")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("ask", ASKS[:3])
def test_no_option_is_named_that_would_not_help(
    serve: Callable[[object], Endpoint], ask: Callable[[OllamaGate, OllamaModels], object]
) -> None:
    """What a server answers from memory no model is slow at."""
    endpoint = serve(endless_server.dribbled_body)
    gate, models = OllamaGate(endpoint, whole_s=SMALL.whole_s), OllamaModels(endpoint)
    try:
        with pytest.raises(EngineError) as caught:
            ask(gate, models)
    finally:
        gate.close()
        models.close()
    assert "--session-timeout" not in caught.value.hint


def test_a_run_ends_at_a_server_without_end(tmp_path: Path, serve: Callable[[object], Endpoint]) -> None:
    done = run(
        tmp_path / "out",
        "--engine",
        "ollama",
        "--ollama-host",
        str(serve(endless_server.body_without_end)),
        "--witness",
        "hook",
    )
    assert done.exit_code == 4
    assert "was cut off: its answer to /api/version is larger than 16 MiB" in done.stderr
