"""Servers that answer slowly, or never: every command ends or goes on, and blames nothing else."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import faulty_server
import httpx
import pytest
from faulty_server import FaultyServer

from showcase import cli
from showcase.doctor import server as doctor
from showcase.engines import ollama, ollama_models, refusals
from showcase.engines.answers import Limits
from showcase.engines.ollama import OllamaGate
from showcase.errors import EngineError, NoServerError
from showcase.settings.ollama_host import OPTION, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from showcase.evidence import Endpoint

WAYS = (faulty_server.hangs, faulty_server.hangs_behind_the_headers, faulty_server.dribbles)
WRONG_BLAME = (
    *("fault of the program", "Traceback", "is not Ollama", "no server answers", "no local", "is not there"),
    *("install Ollama", "ollama serve", "too old", "older than"),
)

CHECK = ("models", "check", "rehearsal:latest", "--session-timeout", "1")
CREATE = ("models", "create", "my-mem", "--file", "Modelfile", "--session-timeout", "1")
PLAN = ("models", "plan")
RUN = ("run", "--engine", "ollama", "--session-timeout", "2", "--witness", "hook", "--plain")
DOCTOR = ("doctor",)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let nobody wait for longer than a test can."""
    monkeypatch.setattr(ollama, "FACTS", Limits(whole_s=0.6, size_bytes=1 << 24))
    monkeypatch.setattr(ollama, "FROM_DISK", Limits(whole_s=0.8, size_bytes=1 << 24))
    monkeypatch.setattr(ollama, "FACTS_TIMEOUT_S", 0.5)
    monkeypatch.setattr(ollama_models, "FACTS_TIMEOUT_S", 0.5)
    monkeypatch.setattr(ollama_models, "WORK_LIMIT_S", 1.0)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Modelfile").write_text("FROM rehearsal\nPARAMETER num_ctx 4096\n")


@contextmanager
def slow(engine: Endpoint, path: str, wrong: Callable[..., None]) -> Iterator[str]:
    server = FaultyServer(engine, path, wrong)
    try:
        yield server.address
    finally:
        server.close()


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command within this process; return its exit status and all that it said of the server."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    told = capsys.readouterr()
    lines = (told.out + told.err).splitlines()
    # The doctor says of a server of the tests that it is the rehearsal engine, and how to have a real one instead.
    about = [
        line for line in lines if "no Ollama: the rehearsal engine" not in line and "to use real models end" not in line
    ]
    assert isinstance(ended.value.code, int)
    return ended.value.code, "\n".join(about)


@pytest.mark.parametrize("wrong", WAYS)
@pytest.mark.parametrize(
    ("path", "command", "status"),
    [
        ("/api/version", DOCTOR, 0),
        ("/api/tags", DOCTOR, 0),
        ("/api/show", DOCTOR, 0),
        ("/api/version", RUN, 4),
        ("/api/tags", RUN, 4),
        ("/api/show", RUN, 4),
        ("/api/embed", RUN, 4),
        ("/api/tags", PLAN, 0),
        ("/api/tags", CHECK, 4),
        ("/api/show", CHECK, 4),
        ("/api/chat", CHECK, 4),
        ("/api/ps", CHECK, 4),
        ("/api/tags", CREATE, 4),
        ("/api/create", CREATE, 4),
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)
def test_a_slow_answer_is_told_as_one(  # noqa: PLR0917 - pytest passes them by name
    engine: Endpoint,
    capsys: pytest.CaptureFixture[str],
    wrong: Callable[..., None],
    path: str,
    command: tuple[str, ...],
    status: int,
) -> None:
    with slow(engine, path, wrong) as address:
        code, told = said(capsys, *command, "--ollama-host", f"http://{address}")
    assert code == status, told
    assert not [word for word in WRONG_BLAME if word in told], told
    assert path in told or "while working on" in told, told
    # The command of the fix ends by itself, and there is something to do then.
    assert f"curl -sSm 60 http://{address}" in told or f"curl -sSm 10 http://{address}" in told, told
    assert "the same command again" in told or "--session-timeout" in told, told


@pytest.mark.parametrize("path", ["/api/version", "/api/tags"])
def test_a_run_that_goes_on_without_a_slow_server_says_how_to_have_it(
    engine: Endpoint, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    with slow(engine, path, faulty_server.hangs) as address:
        at = ("--ollama-host", f"http://{address}")
        _, told = said(capsys, "run", *at, "--phase", "1", "--witness", "hook", "--no-drill", "--plain")
    (line,) = [line for line in told.splitlines() if line.startswith("Ollama cannot be used")] or [told]
    assert "Using the rehearsal engine" in line, "it goes on"
    assert "the same command again" in line
    assert "ollama serve" not in line


def test_a_cloud_part_that_is_not_told_in_time_is_not_one_of_an_old_server(
    engine: Endpoint,
) -> None:
    with slow(engine, "/api/status", faulty_server.hangs) as address:
        gate = OllamaGate(endpoint_of(address))
        finding = doctor._cloud(gate, None, rehearsal=False)
        gate.close()
    assert finding.level == "warning"
    assert "not known" in finding.message
    assert "/api/status" in finding.message
    assert "update Ollama" not in finding.fix


def test_who_takes_no_connection_is_there(engine: Endpoint) -> None:
    """A program that is stopped: the kernel takes connections for it until its queue is full, and then none."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as stuck:
        held = [socket.socket() for _ in range(4)]
        for each in held:
            each.setblocking(False)
            each.connect_ex(stuck.getsockname())
        gate = OllamaGate(endpoint_of(f"127.0.0.1:{stuck.getsockname()[1]}"))
        with pytest.raises(EngineError, match=r"takes no connection|does not answer in time") as caught:
            gate.version()
        gate.close()
        for each in held:
            each.close()
    assert not isinstance(caught.value, NoServerError)
    assert "ollama serve" not in caught.value.hint
    said_of_it = refusals.broken_off(httpx.ConnectTimeout("x"), f"http://{engine}")
    assert said_of_it is not None
    assert "takes no connection" in said_of_it.message


def test_a_slow_first_answer_is_waited_for(engine: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a disk that has to wake up: the list of models comes late once, and a run goes on with it."""
    monkeypatch.setattr(ollama, "FROM_DISK", Limits(whole_s=20.0, size_bytes=1 << 24))

    def late(handler: faulty_server.Request, server: FaultyServer) -> None:
        server.closed.wait(1.0)  # more than any other question may take here
        server.pass_on(handler)

    with slow(engine, "/api/tags", late) as address:
        gate = OllamaGate(endpoint_of(address))
        assert gate.models()
        gate.close()


def endpoint_of(address: str) -> Endpoint:
    return read(address, source=OPTION).endpoint
