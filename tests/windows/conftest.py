"""A Windows that somebody has set up, or a stand-in for it: its commands come from the environment.

WINDOWS_STATE  a directory in which `root/win` is what Windows has as `Z:\\win`
WINDOWS_UP     a command that copies the checkout given to it there
WINDOWS_RUN    a command that runs Windows' Python there, with the arguments given to it
WINDOWS_LOCK   a file that is locked meanwhile, where there are others
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shlex
import shutil
import subprocess
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
LIMIT_S = 420


@dataclass(frozen=True)
class There:
    """A directory on both sides."""

    here: Path
    there: PureWindowsPath
    python: str = r"Z:\win\py\cp313\python.exe"

    def python_command(self, *arguments: str) -> list[str]:
        return [self.python, *arguments]

    def showcase(self, *arguments: str) -> list[str]:
        return self.python_command("-m", "showcase", *arguments)

    def run(self, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        """Run a Python there, with `said` on its standard input."""
        command = [*shlex.split(os.environ["WINDOWS_RUN"]), *arguments]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            input=said,
            check=False,
            timeout=LIMIT_S + 60,
            env={**os.environ, "LIMIT_S": str(LIMIT_S)},
        )

    def typed_to(self, *arguments: str, prompt: bytes, keys: Sequence[bytes]) -> bytes:
        """Run it at a terminal of its own, a key at each prompt; return what it showed."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*shlex.split(os.environ["WINDOWS_RUN"]), *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "LIMIT_S": str(LIMIT_S)},
        )
        os.close(theirs)
        shown, typed = b"", 0
        with suppress(OSError):  # its end of the terminal is closed
            while data := os.read(ours, 4096):
                shown += data
                if shown.count(prompt) > typed and typed < len(keys):
                    os.write(ours, keys[typed])
                    typed += 1
        os.close(ours)
        process.wait()
        return shown

    def driven(self, command: list[str], **asked: Any) -> Mapping[str, Any]:
        """Run a command by `driver.py`; return what became of it."""
        name = uuid.uuid4().hex
        (self.here / f"{name}.json").write_text(json.dumps({"command": command, **asked}))
        result = self.here / f"{name}.result"
        done = self.run(str(self.there / "driver.py"), str(self.there / f"{name}.json"), str(self.there / result.name))
        assert result.exists(), done.stdout + done.stderr
        return dict(json.loads(result.read_text(encoding="utf-8")))

    def with_hook(self) -> There:
        """Return the same with a Python that reads PYTHONPATH; the embeddable one is told by a file not to."""
        own = self.here / "python"
        if not own.exists():
            shutil.copytree(self.here.parent / "py" / "cp313", own, ignore=shutil.ignore_patterns("*._pth"))
        return There(self.here, self.there, str(self.there / "python" / "python.exe"))


@pytest.fixture(scope="session")
def windows() -> Iterator[There]:
    state = os.environ.get("WINDOWS_STATE")
    if not state:
        pytest.skip("WINDOWS_STATE is not set: there is no Windows here, nor a stand-in for it")
    with Path(os.environ.get("WINDOWS_LOCK") or Path(state) / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([*shlex.split(os.environ["WINDOWS_UP"]), str(CHECKOUT)], check=True, capture_output=True)
        name = f"tests-{uuid.uuid4().hex[:8]}"
        place = Path(state) / "root" / "win" / name
        shutil.copytree(HERE / "there", place)
        shutil.copy(CHECKOUT / "tests" / "planted" / "conduct.py", place)
        yield There(place, PureWindowsPath(rf"Z:\win\{name}"))
        shutil.rmtree(place, ignore_errors=True)
