"""`showcase engine`, as a user types it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import ollama
import pytest

if TYPE_CHECKING:
    from conftest import Running

COMMAND = [sys.executable, "-m", "showcase", "engine"]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is a signal of POSIX here")
def test_start_serves_any_client_until_ctrl_c() -> None:
    with subprocess.Popen([*COMMAND, "start", "--pace", "500"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(4)]
        host = re.search(r"OLLAMA_HOST=(127\.0\.0\.1:\d+)$", said[2].strip())
        assert host is not None
        assert "no language model" in said[1]
        client = ollama.Client(host=f"http://{host[1]}", trust_env=False)
        assert client.chat("rehearsal", [{"role": "user", "content": "hello"}]).message.content.startswith("Hello")
        client._client.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_taken_port(engine: Running) -> None:
    done = subprocess.run(
        [*COMMAND, "start", "--port", str(engine.port)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 4
    assert f"port {engine.port} of 127.0.0.1 is taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_bench_prints_its_figures() -> None:
    done = subprocess.run(
        [*COMMAND, "bench", "--starts", "1", "--sentences", "64", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    figures = json.loads(done.stdout)
    assert len(figures["ready_seconds"]) == 1
    assert min(figures["ready_seconds"][0], figures["sentences_per_second"], figures["chats_per_second"]) > 0
