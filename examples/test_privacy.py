"""The chat scripts beside this file contact the model server and nobody else: pytest -rs test_privacy.py.

It needs Linux, a model server at OLLAMA_HOST (an Ollama with OLLAMA_NO_CLOUD=1), and pytest and the program that wrote
this file in one Python: `pip install PATH-OF-ITS-CHECKOUT pytest`. Where a test cannot look it is skipped and says why;
AUDIT_REQUIRED=1 makes that a failure, so that a build that is meant to look cannot pass without having looked.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest

HERE = Path(__file__).resolve().parent
SCRIPTS = ("chat_with_memory.py", "chat_with_chroma.py")
HOST = os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434"
SERVER = urlsplit("//" + HOST.rpartition("//")[2])
PORT = SERVER.port or (80 if HOST.startswith("http://") else 11434)  # as Ollama's client reads it
# Loopback alone: a script that talks to a server on another machine is what this test is there to find.
ALLOWED = ["--allow", f"127.0.0.1:{PORT}", "--allow", f"[::1]:{PORT}"]
LONGEST_S = 900  # a model of several gigabytes is loaded first


def audit(log: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command with this Python where nothing but the model server exists."""
    line = [sys.executable, "-m", "showcase", "audit", "--seal", *ALLOWED, "--log", str(log), "--", sys.executable]
    return subprocess.run([*line, *command], capture_output=True, text=True, timeout=LONGEST_S, check=False)


def not_looked(reason: str) -> NoReturn:
    """Skip, or fail where looking was asked for."""
    if os.environ.get("AUDIT_REQUIRED"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module", autouse=True)
def sealed(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Find out whether this system can seal: a command that does nothing must come out as upheld."""
    done = audit(tmp_path_factory.mktemp("seal") / "log.json", "-c", "pass")
    if done.returncode == 4:  # the environment; a script that fails to start is told apart, because this one starts
        not_looked(f"nothing can be sealed here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def server() -> None:
    """Find out whether a server answers where the scripts look for one."""
    try:
        socket.create_connection((SERVER.hostname or "127.0.0.1", PORT), timeout=5).close()
    except OSError as error:
        not_looked(f"no model server answers at {SERVER.hostname}:{PORT}: {error}")


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.usefixtures("server")
def test_the_script_contacts_the_model_server_alone(script: str, tmp_path: Path) -> None:
    """It told the server what was said, and tried nothing else."""
    copy = str(
        shutil.copy(HERE / script, tmp_path)
    )  # it remembers beside itself: nothing of this test in your memories
    done = audit(tmp_path / "log.json", copy, "alice", "I live in Lisbon.", "Where do I live?")
    assert done.returncode == 0, done.stdout + done.stderr
    log: dict[str, Any] = json.loads((tmp_path / "log.json").read_text(encoding="utf-8"))
    verdicts = {claim["id"]: claim["status"] for claim in log["claims"]}
    assert verdicts == {"egress": "upheld", "daemon": "upheld"}  # `daemon`: the server passed nothing on
    assert log["command"]["exit_code"] == 0, done.stderr  # a script that failed may have got nowhere
    assert any(row["kind"] == "connect" and row["port"] == PORT for row in log["connections"])


def test_a_script_that_does_more_is_found(tmp_path: Path) -> None:
    """The control: an audit that could not fail would prove nothing. In the seal this name is asked of nobody."""
    done = audit(tmp_path / "log.json", "-c", "import socket; socket.getaddrinfo('telemetry.example', 443)")
    assert done.returncode == 1, done.stdout + done.stderr
    log: dict[str, Any] = json.loads((tmp_path / "log.json").read_text(encoding="utf-8"))
    assert {claim["id"]: claim["status"] for claim in log["claims"]}["egress"] == "broken"
    assert "telemetry.example" in {row["name"] for row in log["connections"]}
