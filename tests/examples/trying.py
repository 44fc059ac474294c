"""The examples as somebody runs them who copied them: real processes, a real engine, a directory of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.documents.resources import directory

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = directory("examples")
CHECKOUT = Path(__file__).resolve().parents[2]
MEM0 = "chat_with_memory.py"
CHROMA = "chat_with_chroma.py"
CHATS = (MEM0, CHROMA)
TIMEOUT_S = 240
TRIES = 3

AS_AN_OLLAMA_WITH_ITS_CLOUD_PART = """
import sys
from showcase.engines.protocol import wire
from showcase.engines.rehearsal.__main__ import main
from showcase.engines.protocol.api import models
models.VERSION = "0.24.0"
models.answer = lambda said: wire.answer({"cloud": {"disabled": False, "source": "none"}} if "cloud" in said else said)
sys.exit(main(sys.argv[1:]))
"""
"""What an Ollama with its defaults says of itself."""


@contextmanager
def engine(*program: str) -> Iterator[str]:
    """Start a rehearsal engine, yield what OLLAMA_HOST is set to, end it."""
    process = subprocess.Popen(
        [sys.executable, *(program or ("-m", "showcase.engines.rehearsal"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        announced = json.loads(process.stdout.readline())
        yield f"{announced['host']}:{announced['port']}"
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


@dataclass(frozen=True)
class Project:
    """A directory with copies of the examples, and what its owner's environment is."""

    place: Path
    server: str

    @property
    def port(self) -> str:
        return self.server.rpartition(":")[2]

    def environment(self, **variables: str) -> dict[str, str]:
        """A home of its own, the Python of the tests first on PATH, nobody's proxies or switches."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().endswith(("_PROXY", "_TELEMETRY")) and not name.startswith(("MEM0", "CHROMA", "OTEL"))
        }
        own = {
            "HOME": str(self.home),
            "OLLAMA_HOST": self.server,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHON": sys.executable,
        }
        return {**kept, **own, **variables}

    @property
    def home(self) -> Path:
        return self.place / "home"

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd=self.place,
            env=self.environment(**variables),
            timeout=TIMEOUT_S,
            check=False,
        )

    def chat(self, script: str, *arguments: str, **variables: str) -> str:
        """Return what the script says to a user, in a process of its own."""
        done = self.run(sys.executable, script, *arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def audit(self, *command: str, **variables: str) -> Audited:
        """Audit a script, by the example that does.

        Again where the machine was so busy that nobody looked at the server for seconds: then nothing was found out.
        """
        for _ in range(TRIES):
            done = self.run("./audit_my_script.sh", *command, **variables)
            if "was not looked at for" not in done.stderr:
                break
        return Audited(done.returncode, done.stdout, done.stderr, self.logs())

    def logs(self) -> list[Path]:
        return sorted((self.place / "audits").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)

    def change(self, script: str, old: str, new: str) -> None:
        """Plant something in a copy."""
        path = self.place / script
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{script} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def without(self, script: str, beginning: str) -> None:
        """Take the line away that begins so."""
        lines = (self.place / script).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(beginning)]
        assert len(kept) == len(lines) - 1, f"{script} has no line {beginning!r} alone"
        (self.place / script).write_text("".join(kept), encoding="utf-8")


@dataclass(frozen=True)
class Audited:
    """What came of an audit."""

    exit_code: int
    stdout: str
    stderr: str
    logs: list[Path]

    @property
    def log(self) -> dict[str, Any]:
        return dict(json.loads(self.logs[-1].read_text(encoding="utf-8")))

    @property
    def claims(self) -> dict[str, str]:
        return {claim["id"]: claim["status"] for claim in self.log["claims"]}

    @property
    def contacted(self) -> set[str]:
        """Whom it contacted: names that were looked up, and addresses with ports that were connected to."""
        rows = self.log["connections"]
        return {row["name"] if row["kind"] == "lookup" else f"{row['address']}:{row['port']}" for row in rows}


def copied(place: Path, server: str) -> Project:
    """Return a new project with the examples in it."""
    place.mkdir()
    for path in EXAMPLES.iterdir():
        if path.is_file():
            shutil.copy(path, place)
    (place / "home").mkdir()
    return Project(place, server)
