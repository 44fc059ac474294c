"""A model that takes its time: what it reads, how far it is and that it lives is told, and one option gives it more."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from typing import TYPE_CHECKING

import faulty_server
import pytest
from faulty_server import FaultyServer
from planting import command, finish

from showcase import runlog, settings
from showcase.cli.plain import PlainProgress
from showcase.cli.words import with_option
from showcase.processes.protocol.events import Faulted, Read, Reading
from showcase.progress import reminder
from showcase.progress.model_wait import ModelWait
from showcase.progress.reminder import Reminder
from showcase.settings import longer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from planting import Ended, Place

    from showcase.evidence import Endpoint

OLLAMA = ("--engine", "ollama", "--ollama-host")
LIMIT_S = "16"
"""Long enough for the first reminder."""

AGAIN = "--session-timeout 64"
SIZE = r"\([\d,]+ characters, some 7,\d00 tokens\)"
COUNTED = r"\([\d,]+ characters, about [78],\d{3} tokens as the server counts\)"


def of_an_add(body: bytes) -> bool:
    """Whether a chat is not of the preflight, which asks for one token, and in more pieces the slower the server is."""
    return bool(json.loads(body).get("options", {}).get("num_predict") != 1)


@pytest.fixture
def serve(engine: Endpoint) -> Iterator[Callable[..., str]]:
    """Serve with one path that goes wrong, in front of the engine; return where."""
    servers: list[FaultyServer] = []

    def start(
        path: str, wrong: Callable[..., None], after: int = 0, counted: Callable[[bytes], bool] = lambda _: True
    ) -> str:
        servers.append(FaultyServer(engine, path, wrong, after=after, counted=counted))
        return servers[-1].address

    yield start
    for server in servers:
        server.close()


def slow(place: Place, address: str, *options: str) -> Ended:
    return place.run(*OLLAMA, address, "--session-timeout", LIMIT_S, *options)


def overdue(ended: Ended, role: str, doing: str) -> str:
    """Check how a run tells that its time was up: what was done, for how long, how far, and the command with more."""
    said = ended.complaint(4)
    assert re.search(rf"{role} took longer than 16 s and was killed: {doing}", said), said
    (fix,) = re.findall(r"  fix: .*give it more: (.*)", said)
    assert fix.endswith(AGAIN), fix
    assert " run --out " in fix
    assert "--session-timeout 16 " not in fix
    return said


def test_a_preflight_tells_what_it_reads_and_what_gives_it_more_time(place: Place, serve: Callable[..., str]) -> None:
    ended = slow(place, serve("/api/chat", faulty_server.hangs), "--infer")
    doing = rf"the model reads mem0's extraction prompt, to see whether it fits {SIZE}"
    assert re.search(rf"^session 1 +{doing}: 0 s so far", ended.stderr, re.MULTILINE), "announced at once"
    said = overdue(ended, "session 1", rf"{doing}: \d+ s so far")
    assert "it had come to “opened”, with 0 memories planted" in said
    assert " --infer " in said


def test_what_takes_long_is_seen_to_go_on(place: Place, serve: Callable[..., str]) -> None:
    process = place.start(*OLLAMA, serve("/api/chat", faulty_server.hangs))
    assert process.stderr is not None
    doing = r"session 2 +the model reads its question with what was recalled \([\d,]+ characters\): [1-9]\d* s so far"
    assert any(re.match(doing, line) for line in process.stderr)
    process.send_signal(signal.SIGINT)
    assert finish(process).code == 3
    place.assert_clean()


def test_an_extraction_tells_what_it_reads_by_the_server_s_own_count(place: Place, serve: Callable[..., str]) -> None:
    ended = slow(place, serve("/api/chat", faulty_server.hangs, 1, of_an_add), "--infer")
    doing = rf"the model reads mem0's extraction prompt {COUNTED} and writes what it extracts: \d+ s so far"
    assert "it had come to “planted”, with 1 memories planted" in overdue(ended, "session 1", doing)


def test_a_question_tells_what_it_reads_until_its_first_token(place: Place, serve: Callable[..., str]) -> None:
    ended = slow(place, serve("/api/chat", faulty_server.hangs))
    doing = r"the model reads its question with what was recalled \([\d,]+ characters\): \d+ s so far"
    overdue(ended, "session 2", doing)


def test_a_reply_that_is_written_slowly_tells_how_far_it_is(place: Place, serve: Callable[..., str]) -> None:
    ended = slow(place, serve("/api/chat", faulty_server.writes_one_word_and_no_more))
    doing = r"the model writes its reply: 1 tokens in \d+ s so far, begun after \d+ s"
    overdue(ended, "session 2", doing)
    reply = runlog.read(place.out / "run-log.json").sessions[1].reply
    assert reply is not None
    assert (reply.text, reply.done_reason) == ("You", None)


def test_a_model_that_is_slow_to_load_is_told_before_anything_is_planted(
    place: Place, serve: Callable[..., str]
) -> None:
    address = serve("/api/embed", faulty_server.hangs)
    ended = slow(place, address)
    assert re.search(r"^the server is asked for its models .*: 5 s so far, of 16$", ended.stderr, re.MULTILINE), (
        ended.stderr
    )
    said = ended.complaint(4)
    assert "its answer to /api/embed did not end within 16 s; nothing of it had come" in said
    assert said.endswith(AGAIN)
    assert not (place.out / "run-log.json").exists()


def test_an_extraction_that_fails_says_why(place: Place, serve: Callable[..., str]) -> None:
    """mem0 wraps what its extraction raises, and so hid both the reason and the fix."""
    ended = place.run(*OLLAMA, serve("/api/chat", faulty_server.answers_500, 0, of_an_add), "--infer")
    assert "session 1: the server at" in ended.complaint(4)
    assert r"answered 500: the runner has \x1b[31mcrashed" in ended.complaint(4)


def test_what_loads_by_hand_follows_the_same_option(serve: Callable[..., str]) -> None:
    address = serve("/api/show", faulty_server.hangs)
    done = subprocess.run(
        command("models", "check", "rehearsal:latest", "--ollama-host", address, "--session-timeout", "6"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 4
    assert "the server loads rehearsal:latest: 5 s so far" in done.stderr
    assert "did not end within 6 s; nothing of it had come" in done.stderr
    assert f"models check rehearsal:latest --ollama-host {address} --session-timeout 24" in done.stderr


@pytest.mark.parametrize(
    ("typed", "again"),
    [
        (("run", "--infer"), "run --infer --session-timeout 24"),
        (("run", "--session-timeout", "6", "--infer"), "run --infer --session-timeout 24"),
        (("run", "--session-timeout=6", "--out", "a b"), "run --out 'a b' --session-timeout 24"),
    ],
)
def test_the_fix_is_the_command_that_was_typed(typed: tuple[str, ...], again: str) -> None:
    assert with_option(longer(6), typed).endswith(f" {again}")
    assert with_option("free space: df -h", typed) == "free space: df -h"


def test_no_more_time_is_offered_than_the_option_takes() -> None:
    most = settings.LONGEST_SESSION_TIMEOUT_S
    assert longer(most / 2).endswith("--session-timeout 86400")
    assert "--session-timeout" not in longer(most)
    assert "showcase models plan" in longer(most)


def test_what_goes_on_is_told_again_and_again_and_then_what_it_came_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reminder, "FIRST_S", 0.01)
    monkeypatch.setattr(reminder, "EVERY_S", 0.01)
    monkeypatch.setattr("showcase.progress.model_wait.FIRST_S", 0.0)
    plain = PlainProgress()
    plain.event("session 1", Reading(purpose="chat", characters=1234, of=1234))
    told = ""
    while told.count("session 1               the model reads its question with what was recalled (1,234") < 3:
        told += capsys.readouterr().err
    plain.event("session 1", Read(tokens=7734, read_s=402.1, load_s=61.0, reply_tokens=24, reply_s=2.0))
    said = capsys.readouterr().err
    assert "loaded the model in 61.0 s, read 7,734 tokens in 402.1 s (19 a second), wrote 24 tokens in 2.0 s" in said


def test_a_process_that_ends_is_waited_for_no_longer() -> None:
    wait = ModelWait()
    wait.hear(Reading(purpose="embed", characters=4, of=4))
    assert wait.doing() == "the model reads a text, to embed it (4 characters): 0 s so far"
    wait.hear(Faulted(kind="EngineError", message="gone"))
    assert wait.doing() == ""


def test_a_reminder_that_was_stopped_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminder, "FIRST_S", 0.0)
    monkeypatch.setattr(reminder, "EVERY_S", 0.0)
    said: list[float] = []
    with Reminder(said.append) as going_on:
        while len(said) < 3:
            pass
    going_on._thread.join()
    assert said == sorted(said)
