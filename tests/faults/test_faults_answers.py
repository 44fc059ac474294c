"""Servers of other people: old ones, and models that answer without saying anything. Really served, on loopback."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from faulty_server import FaultyServer, Request, respond
from planting import Place
from shared import once

from showcase import claims, runlog
from showcase.claims.consistency import contradiction
from showcase.cli.plain import summary
from showcase.engines.ollama import OllamaGate
from showcase.evidence import Run
from showcase.orchestrator.outcome import Outcome
from showcase.settings import Settings
from showcase.settings.ollama_host import OPTION, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from showcase.evidence import Endpoint, Session

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


DONE = {"done": True, "done_reason": "stop", **COUNTED}
SILENT = ({**DONE},)


@contextmanager
def served(engine: Endpoint, *chunks: dict[str, Any]) -> Iterator[str]:
    server = FaultyServer(engine, "/api/chat", streams(*chunks))
    try:
        yield server.address
    finally:
        server.close()


@dataclass(frozen=True)
class Told:
    """A run, and what a person was told at its end."""

    log: Run
    stdout: str


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory, engine: Endpoint) -> Told:
    """A whole run with a model that says nothing."""

    def play(directory: Path) -> None:
        with served(engine, *SILENT) as address:
            ended = Place(directory).run(*OLLAMA, address)
        (directory / "stdout").write_text(ended.stdout, encoding="utf-8")

    made = once(tmp_path_factory, "silent", play)
    return Told(runlog.read(made / "out" / "run-log.json"), (made / "stdout").read_text(encoding="utf-8"))


def answered(run: Told, engine: Endpoint, *chunks: dict[str, Any]) -> Told:
    """Return the run as it is where each chat was answered so: asked and read as a session does, told as a run does."""

    def asked(item: Session) -> Session:
        if item.reply is None:
            return item
        with closing(OllamaGate(server)) as gate:  # as each session has a client of its own
            reply = gate.chat("rehearsal:latest", item.messages, on_token=lambda _: None)
        assert reply.prompt_tokens == item.reply.prompt_tokens
        return replace(item, reply=reply)

    with served(engine, *chunks) as address:
        server = read(address, source=OPTION).endpoint
        sessions, controls = (tuple(map(asked, items)) for items in (run.log.sessions, run.log.controls))
    log = replace(run.log, sessions=sessions, controls=controls)
    log = replace(log, claims=claims.judge(log))
    assert contradiction(log) is None
    here = Path()
    outcome = Outcome(run=log, run_log=here, report=here, sha256="", earlier=(), trouble=None)
    return Told(log, "\n".join(summary(outcome, shown="", settings=Settings(out=here))))


def test_a_run_is_told_as_its_log_is(silent: Told, engine: Endpoint) -> None:
    """The control of what follows: what was asked by a session, and what is asked here, are read and told alike."""
    again = answered(silent, engine, *SILENT)
    assert again.log == silent.log
    told = [
        line for line in again.stdout.splitlines() if "the reply" in line or "memory:" in line or "is empty" in line
    ]
    assert len(told) > 3
    assert [line for line in told if line not in silent.stdout] == []


@pytest.mark.parametrize(
    ("chunks", "reason", "said"),
    [
        (SILENT, "is empty", "none of its 9 tokens is text"),
        ((CALL, DONE), "is empty", "none of its 9 tokens is text"),
        ((THOUGHT, {**DONE, "done_reason": "length"}), "got no whole reply", "before any text"),
    ],
)
def test_a_model_that_says_nothing_is_told_and_isolates_nobody(
    silent: Told, engine: Endpoint, chunks: tuple[dict[str, Any], ...], reason: str, said: str
) -> None:
    ended = silent if chunks == SILENT else answered(silent, engine, *chunks)
    verdicts = {claim.id: claim for claim in ended.log.claims}
    assert verdicts["isolation"].status == "inconclusive", ended.stdout
    assert reason in verdicts["isolation"].reason
    assert verdicts["persistence"].status == "upheld", "what was recalled does not depend on the reply"
    assert "The model's reply is empty" in ended.stdout
    assert said in ended.stdout
    assert "with memory:     an empty reply" in ended.stdout
    assert "Session 2: the reply is empty" in ended.stdout


def test_an_old_server_that_gives_no_reason_has_not_broken_off(place: Place, engine: Endpoint) -> None:
    hello = {"message": {"role": "assistant", "content": "Try a salad."}}
    with served(engine, hello, {"done": True, **COUNTED}) as address:
        ended = place.run(*OLLAMA, address)
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
