"""A Chroma server of this machine is found, told which of the two it is, and told by whom it can be reached."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from looked_at import doctor

from showcase.doctor import chroma_server
from showcase.doctor.chroma_answer import Answer, ask
from showcase.doctor.chroma_server import Listener, of_server, ports_of_chroma
from showcase.processes import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON = {
    "/api/v2/heartbeat": {"nanosecond heartbeat": 1795869352719912792},
    "/api/v2/version": "1.5.9",
    "/openapi.json": {"openapi": "3.1.0", "info": {"title": "Chroma", "version": "1.5.9"}, "paths": {}},
}
"""What `uvicorn chromadb.app:app` of 1.5.9 answered, the description of its paths left out."""

FOUND_FOR_S = 30.0


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@contextmanager
def answering(answers: dict[str, object], address: str = "127.0.0.1", server: str = "uvicorn") -> Iterator[int]:
    """Answer as a server did; give its port."""

    class _Answer(BaseHTTPRequestHandler):
        def version_string(self) -> str:
            return server

        def do_GET(self) -> None:
            content = json.dumps(answers.get(self.path)).encode()
            self.send_response(200 if self.path in answers else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((address, 0), _Answer) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield running.server_port
        finally:
            running.shutdown()
            thread.join()


@contextmanager
def started(*command: str, port: int, cwd: Path) -> Iterator[None]:
    """Run a server until it answers as a Chroma."""
    environ = {**environment.build()[0], "HOME": str(cwd), "IS_PERSISTENT": "1", "PERSIST_DIRECTORY": str(cwd / "data")}
    process = subprocess.Popen(command, cwd=cwd, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + FOUND_FOR_S
        while ask("127.0.0.1", port) is None:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def of_port(findings: list[dict[str, str]], port: int) -> dict[str, str]:
    (finding,) = [each for each in findings if f"port {port}," in each["message"]]
    return finding


@pytest.mark.skipif(sys.platform == "darwin", reason="whose a port is, macOS tells root alone")
def test_the_server_that_chroma_run_starts_is_found_by_its_name_on_whatever_port(tmp_path: Path) -> None:
    port, program = free_port(), Path(sys.executable).with_name("chroma")
    with started(str(program), "run", "--path", str(tmp_path / "data"), "--port", str(port), port=port, cwd=tmp_path):
        answer = ask("127.0.0.1", port)
        status, found = doctor(cwd=tmp_path)
    assert answer is not None
    assert answer.kind == "rust"
    finding = of_port(found["chroma"], port)
    assert finding["level"] == "warning"
    assert "every user and program of this machine" in finding["message"]
    assert "CVE" not in finding["message"]
    assert "docs/scale-out.md" in finding["fix"]
    assert status in (0, 4)  # another one of this machine may be open to all
    assert ask("127.0.0.1", port) is None


def test_the_server_in_python_is_a_problem_by_its_answers(tmp_path: Path) -> None:
    with answering(PYTHON) as port:
        status, found = doctor(cwd=tmp_path, CHROMA_SERVER_HTTP_PORT=str(port))
    finding = of_port(found["chroma"], port)
    assert (status, finding["level"]) == (4, "problem")
    assert "CVE-2026-45829" in finding["message"]
    assert "no release has it mended" in finding["message"]
    assert f"chroma run --path DIR --host localhost --port {port}" in finding["fix"]


@pytest.mark.skipif(os.name == "nt", reason="uvicorn is ended otherwise there")
def test_the_real_server_in_python_answers_so_too(tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("opentelemetry.instrumentation.fastapi")
    port = free_port()
    command = (sys.executable, "-m", "uvicorn", "chromadb.app:app", "--port", str(port))
    with started(*command, port=port, cwd=tmp_path):
        answer = ask("127.0.0.1", port)
    assert answer is not None
    assert answer.kind == "python"


def test_a_server_that_is_open_to_others_is_a_problem(tmp_path: Path) -> None:
    rust = PYTHON | {"/openapi.json": {"info": {"title": "chroma-frontend"}}}
    with answering(rust, address="0.0.0.0") as port:  # noqa: S104 - it answers three questions, and holds nothing
        _, found = doctor(cwd=tmp_path, CHROMA_SERVER_HTTP_PORT=str(port))
    finding = of_port(found["chroma"], port)
    assert finding["level"] == "problem"
    assert "open on 0.0.0.0:" in finding["message"]
    assert "from another machine" in finding["message"]
    assert "proxy with TLS and a login" in finding["fix"]


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"/api/v2/heartbeat": "yes"},
        {"/api/v2/heartbeat": {"status": "ok"}},
        {"/api/v2/version": "1.5.9", "/openapi.json": {"info": {"title": "Chroma"}}},
    ],
)
def test_another_server_is_not_taken_for_a_chroma(answers: dict[str, object]) -> None:
    with answering(answers) as port:
        assert ask("127.0.0.1", port) is None


def test_what_no_server_should_say_is_not_believed_and_a_silent_one_is_not_waited_for() -> None:
    odd: dict[str, object] = {**PYTHON, "/api/v2/version": ["\x1b[2J"], "/openapi.json": {"info": ["Chroma"]}}
    with answering(odd, server="nginx") as port:
        assert ask("127.0.0.1", port) == Answer(address="127.0.0.1", port=port)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        assert ask("127.0.0.1", silent.getsockname()[1]) is None
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("1.5.9", "no release has it mended"),
        ("1.0.0", "CVE-2026-45829"),
        ("1.6.0", "whether 1.6.0 has that mended is not known here"),
        ("0.5.23", "CVE-2026-45833"),
        ("", "it runs code"),
    ],
)
def test_what_is_known_of_a_version_in_python(version: str, says: str) -> None:
    answer = Answer(address="127.0.0.1", port=1, kind="python", version=version)
    found = of_server(answer, Listener(port=1, addresses=frozenset({"127.0.0.1"}), named=True))
    assert found.level == "problem"
    assert says in found.message


@pytest.mark.parametrize(
    ("addresses", "asked", "open_to"),
    [
        ({"127.0.0.1"}, ["127.0.0.1"], []),
        ({"::1"}, ["::1"], []),
        ({"0.0.0.0"}, ["127.0.0.1", "::1"], ["0.0.0.0"]),  # noqa: S104 - as a table has it
        ({"192.0.2.7", "127.0.0.1"}, ["127.0.0.1"], ["192.0.2.7"]),
        ({"192.0.2.7"}, [], ["192.0.2.7"]),
        (set(), ["127.0.0.1", "::1"], []),
    ],
)
def test_nobody_is_asked_but_on_loopback(addresses: set[str], asked: list[str], open_to: list[str]) -> None:
    listener = Listener(port=1, addresses=frozenset(addresses), named=False)
    assert (listener.asked_at(), listener.open_to()) == (asked, open_to)


@pytest.mark.parametrize("named", ["", "0", "65536", "http", "-1", " "])
def test_what_is_no_port_is_not_asked(named: str) -> None:
    assert ports_of_chroma({chroma_server.PORT_VARIABLE: named}) == {8000}
    assert ports_of_chroma({chroma_server.PORT_VARIABLE: "8100"}) == {8000, 8100}
