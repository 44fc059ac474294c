"""Servers that are not there, are something else, or go wrong: really served, on loopback."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import faulty_server
import pytest
from faulty_server import FaultyServer, not_http
from planting import verified

from showcase import runlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from planting import Place

    from showcase.evidence import Endpoint

OLLAMA = ("--engine", "ollama", "--ollama-host")


def untouched(place: Place) -> None:
    """Nothing was planted, and nothing of an earlier run was touched."""
    assert (place.out / "run-log.json").read_text() == "an earlier log"
    assert not list((place.out / "mem0_chroma").iterdir())


@pytest.fixture
def earlier(place: Place) -> Place:
    """A place with an output directory of ours in which an earlier run left a log."""
    place.out.mkdir()
    (place.out / ".showcase").write_text("{}")
    (place.out / "run-log.json").write_text("an earlier log")
    return place


def test_no_server(earlier: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    said = earlier.run(*OLLAMA, address).complaint(4)
    assert f"no server answers at http://{address}" in said
    assert "ollama serve" in said
    untouched(earlier)


def test_another_protocol_on_the_port(earlier: Place) -> None:
    listener, address = not_http(b"SSH-2.0-OpenSSH_9.6\r\n")
    with listener:
        said = earlier.run(*OLLAMA, address).complaint(4)
    assert "is not Ollama" in said
    assert "--ollama-host" in said
    untouched(earlier)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (faulty_server.hangs, "does not answer in time"),
        (faulty_server.answers_a_page, "is not Ollama: /api/version answered 200 without JSON"),
        (faulty_server.answers_other_json, "is not Ollama: /api/version answered something else"),
        (faulty_server.answers_500, r"answered 500: the runner has \x1b[31mcrashed"),
        (faulty_server.redirects, "is not Ollama: /api/version redirects to http://203.0.113.7"),
        (faulty_server.dies_mid_stream, "is not Ollama: it breaks off"),
    ],
)
def test_a_server_that_is_wrong_from_the_start(
    earlier: Place, engine: Endpoint, wrong: Callable[..., None], words: str
) -> None:
    server = FaultyServer(engine, "/api/version", wrong)
    try:
        said = earlier.run(*OLLAMA, server.address).complaint(4)
    finally:
        server.close()
    assert words in said
    untouched(earlier)


@pytest.mark.parametrize(
    ("path", "after", "wrong", "options", "words", "failed"),
    [
        # The first request to /api/embed is the probe before anything is planted.
        ("/api/embed", 3, faulty_server.answers_500, (), "session 1: the server at", 1),
        ("/api/embed", 3, faulty_server.answers_a_page, (), "session 1: what listens at", 1),
        ("/api/embed", 3, faulty_server.hangs, ("--session-timeout", "8"), "session 1 took longer than 8 s", 1),
        ("/api/chat", 0, faulty_server.dies_mid_stream, (), "session 2: the server at", 2),
    ],
)
def test_a_server_that_goes_wrong_while_it_is_used(  # noqa: PLR0917 - pytest passes them by name
    place: Place,
    engine: Endpoint,
    path: str,
    after: int,
    wrong: Callable[..., None],
    options: tuple[str, ...],
    words: str,
    failed: int,
) -> None:
    server = FaultyServer(engine, path, wrong, after=after)
    try:
        ended = place.run(*OLLAMA, server.address, *options)
    finally:
        server.close()
    assert words in ended.complaint(4)
    # What was seen until then is in the log, and proves nothing more than it does.
    log = runlog.read(place.out / "run-log.json")
    assert [item.number for item in log.sessions] == list(range(1, failed + 1))
    assert log.sessions[0].planted
    assert {claim.status for claim in log.claims if claim.id in ("processes", "egress")} == {"inconclusive"}
    assert [(item.exit_code, item.messages) for item in log.controls] == [(0, ())] * (failed - 1), "nobody else is sent"
    assert verified(place.out) == 3


@pytest.mark.parametrize(
    ("wrong", "options", "said", "text"),
    [
        (faulty_server.dies_mid_stream, (), "broke off", "You told me"),
        (faulty_server.answers_500, (), "answered 500", ""),
        (faulty_server.hangs, ("--session-timeout", "60"), "got no whole reply", ""),
    ],
)
def test_no_reply_without_memory_fails_nothing_but_its_own_count(  # noqa: PLR0917 - pytest passes them by name
    place: Place, engine: Endpoint, wrong: Callable[..., None], options: tuple[str, ...], said: str, text: str
) -> None:
    """The sessions are over and were answered; the control has shown already that an empty store recalls nothing."""
    server = FaultyServer(engine, "/api/chat", wrong, after=2)
    try:
        ended = place.run(*OLLAMA, server.address, "--plain", *options)
    finally:
        server.close()
    log = runlog.read(place.out / "run-log.json")
    control = next(item for item in log.controls if item.scene == "empty-store")
    assert (control.exit_code, control.fault, control.recalled) == (0, None, ()), ended.stderr
    assert control.reply is not None
    assert (control.reply.text, control.reply.done_reason) == (text, None)
    assert "control empty-store     got no whole reply: " in ended.stderr
    assert said in ended.stderr
    statuses = {claim.id: claim.status for claim in log.claims}
    assert statuses.pop("context") == "inconclusive", "a prompt that was sent and not counted"
    assert statuses["persistence"] == statuses["isolation"] == statuses["processes"] == "upheld"
    assert "without memory:  " in ended.stdout
    assert verified(place.out) == 3


def test_a_server_that_takes_its_time_is_asked_by_one_at_a_time(place: Place, engine: Endpoint) -> None:
    """While session 2 waits for a large model its control waits for its turn, and is watched to its end."""
    place.witnesses = ("--witness", "hook", "--witness", "sockets", "--witness", "syscalls", "--no-seal", "--no-drill")
    server = FaultyServer(engine, "/api/chat", faulty_server.takes_its_time)
    try:
        ended = place.run(*OLLAMA, server.address)
    finally:
        server.close()
    log = runlog.read(place.out / "run-log.json")
    egress = next(claim for claim in log.claims if claim.id == "egress")
    assert egress.status == "upheld", ended.stderr
    assert not any("begin to end" in limit for limit in egress.limits)
    control = next(item for item in log.controls if item.scene == "empty-store")
    asked = next(phase.at_s for phase in control.phases if phase.name == "asked")
    assert all(item.ended_s is not None and item.ended_s <= asked for item in log.sessions)
    assert control.reply is not None
    assert control.reply.done_reason == "stop"


def test_a_model_that_is_not_there(earlier: Place, engine: Endpoint) -> None:
    said = earlier.run(*OLLAMA, str(engine), "--chat-model", "qwen3:4b").complaint(4)
    assert "the model qwen3:4b is not there" in said
    assert "ollama pull qwen3:4b" in said
    untouched(earlier)


@pytest.mark.parametrize(
    ("option", "wrong", "right"),
    [
        ("--chat-model", "rehearsal-embed", "rehearsal:latest"),
        ("--embed-model", "rehearsal", "rehearsal-embed:latest"),
    ],
)
def test_a_model_of_the_other_kind(earlier: Place, engine: Endpoint, option: str, wrong: str, right: str) -> None:
    said = earlier.run(*OLLAMA, str(engine), option, wrong).complaint(4)
    assert f"{wrong} is not a model for" in said
    assert f"fix: the same command with {option} {right}" in said
    untouched(earlier)
