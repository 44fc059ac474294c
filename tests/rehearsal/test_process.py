"""The engine as a process: when it is ready, when it ends, what it prints and what it never does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import psutil
import pytest
from conftest import Running, started

LOCKER = "my locker code is 7741-umbrella"


def test_ready_line_is_the_whole_of_stdout() -> None:
    with started() as running:
        assert running.host == "127.0.0.1"
        with socket.create_connection((running.host, running.port), timeout=10):
            pass
        running.end()
        assert running.process.wait(30) == 0
        assert running.process.stdout is not None
        assert running.process.stdout.read() == ""


def test_ready_line_tells_the_address_and_the_process(engine: Running) -> None:
    assert engine.announced == {
        "event": "ready",
        "host": "127.0.0.1",
        "port": engine.port,
        "pid": engine.process.pid,
    }


def test_listens_on_loopback_alone(engine: Running) -> None:
    listening = [
        connection.laddr
        for connection in psutil.Process(engine.process.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", engine.port)]


def test_ends_with_stdin() -> None:
    with started() as running:
        running.end()
        assert running.process.wait(30) == 0


def test_ends_when_its_parent_is_killed() -> None:
    """The parent gets no chance to say anything: only the closed pipe tells."""
    parent = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'showcase.engines.rehearsal'],"
        " stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline(), end='', flush=True)\n"
        "child.wait()\n"
    )
    killed = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    engine = psutil.Process(json.loads(killed.stdout.readline())["pid"])
    killed.kill()
    killed.wait()
    killed.stdout.close()
    gone, _ = psutil.wait_procs([engine], timeout=30)
    assert gone == [engine]


def test_standalone_outlives_stdin() -> None:
    with started("--standalone") as running:
        running.end()
        # A second request after the end of stdin shows that it is still there.
        for _ in range(2):
            assert httpx.get(running.url, trust_env=False).text == "Ollama is running"
            time.sleep(0.2)
        running.process.terminate()
        assert running.process.wait(30) == 0


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_with_success(number: signal.Signals) -> None:
    with started() as running:
        running.process.send_signal(number)
        assert running.process.wait(30) == 0
        assert running.process.stderr is not None
        assert running.process.stderr.read() == ""


def test_taken_port_is_an_error_of_the_environment(engine: Running) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "showcase.engines.rehearsal", "--port", str(engine.port)],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 4
    assert second.stdout == ""
    assert f"port {engine.port} of 127.0.0.1 is taken" in second.stderr
    assert "--port 0" in second.stderr
    assert "Traceback" not in second.stderr


def test_no_prompt_is_ever_printed(own_engine: Running) -> None:
    """Neither good requests, nor refused ones, nor ones that break off leave their text in the output."""
    with httpx.Client(base_url=own_engine.url, trust_env=False, timeout=30) as client:
        turn = {"role": "user", "content": LOCKER}
        for body in (
            {"model": "rehearsal", "messages": [turn], "stream": False},
            {"model": "rehearsal", "messages": [turn], "options": {"temperature": LOCKER}},
            {"model": "rehearsal", "messages": [turn], "format": LOCKER},
            {
                "model": "rehearsal",
                "messages": [turn],
                "format": {"type": "object", "properties": {"a": {"minItems": LOCKER, "type": "array"}}},
            },
            {"model": LOCKER, "messages": [turn]},
            {"model": "rehearsal", "messages": LOCKER},
        ):
            client.post("/api/chat", json=body)
        client.post("/api/chat", content=f'{{"model": "{LOCKER}')
        client.post("/api/embed", json={"model": "rehearsal-embed", "input": LOCKER})
        client.get(f"/{LOCKER}")
    assert own_engine.process.stdout is not None
    assert own_engine.process.stderr is not None
    own_engine.end()
    own_engine.process.wait(30)
    printed = own_engine.process.stdout.read() + own_engine.process.stderr.read()
    assert "7741" not in printed


def test_loading_and_answering_contact_nobody() -> None:
    """An audit hook that ends the process at the first connect, look-up or datagram stays quiet."""
    program = (
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event in {'socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname', 'socket.sendto'}:\n"
        "        print(event, arguments, flush=True)\n"
        "sys.addaudithook(hook)\n"
        "from showcase.engines.rehearsal.engine import Rehearsal\n"
        "from showcase.engines.protocol.app import build\n"
        "from showcase.engines.protocol.engine import Engine\n"
        "build(Engine(Rehearsal())).state\n"
        "print(Rehearsal().embedder.embed(['a'])[0].shape)\n"
        "import socket\n"
        "try: socket.create_connection(('127.0.0.1', 1), timeout=1)\n"
        "except OSError: pass\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    first, *rest = done.stdout.splitlines()
    assert first == "(256,)"
    # The hook does see what there is to see.
    assert any("socket.connect" in line for line in rest)
