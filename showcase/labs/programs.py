"""Runs what a participant, or the answer of a lab, runs: in an environment in which nothing phones home."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from showcase.processes import environment as environments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import IO

PYTHON = sys.executable
MEM0_HOME = ".mem0"
BESIDE = {"PYTHONSAFEPATH": ""}
"""For a participant's own program: it imports what lies beside it, as it does in their shell."""

_MOST = 1_000_000
"""Bytes of what a program says that are kept."""

_FAR_TOO_MUCH = 50 * _MOST
"""After so many it is ended."""

_PART = 65_536
_GRACE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A program that has ended.

    Attributes:
        status: Its exit status; None where it was ended because it took too long or said far too much.
        out: What it wrote to its standard output, the first million bytes.
        err: Likewise, of its standard error.
    """

    status: int | None
    out: str
    err: str

    @property
    def end(self) -> str:
        """How it ended, where that is a trouble: that it had to be ended, or its last line."""
        return f"it did not end by itself: {self.last_line}" if self.status is None else self.last_line

    @property
    def last_line(self) -> str:
        """The last line that it wrote, of its errors where there are some: what one reads first of a traceback."""
        lines = [line for line in (self.err.strip() or self.out.strip()).splitlines() if line.strip()]
        return lines[-1] if lines else "it wrote nothing"

    @property
    def trouble(self) -> str:
        """What it said went wrong, as this program says it; the last line where it said nothing of the kind."""
        said = [line.removeprefix("error: ") for line in self.err.splitlines() if line.startswith("error: ")]
        return said[-1] if said else self.last_line


def own() -> dict[str, str]:
    """Return the environment in which a command of this program does what it does for the participant."""
    around, _ = environments.build()
    return {**os.environ, **{name: text for name, text in around.items() if name == "PYTHONPATH"}}


@contextmanager
def environment(here: Path, *, engine: bool) -> Iterator[dict[str, str]]:
    """Yield the environment of a program of a lab; with `engine` the rehearsal engine listens meanwhile.

    Args:
        here: The participant's directory of the lab; mem0's own directory lies in it.
        engine: Whether OLLAMA_HOST names an engine.

    Raises:
        EngineError: It does not start.
    """
    around, _ = environments.build(mem0_home=here / MEM0_HOME)
    if not engine:
        yield around
        return
    from showcase.engines.rehearsal_engine import RehearsalEngine  # noqa: PLC0415 - for those that need one

    server = RehearsalEngine(environment=around, cwd=here)
    try:
        yield around | {"OLLAMA_HOST": str(server.wait_ready())}
    finally:
        server.end()


def run(
    command: Sequence[str],
    around: Mapping[str, str],
    here: Path,
    *,
    typed: str | None = None,
    timeout_s: float,
) -> Ran:
    """Run a command to its end, or until it took too long: then it is ended with those that it started.

    Args:
        command: Its words; the first is a program's path.
        around: Its environment.
        here: Its working directory.
        typed: Its standard input.
        timeout_s: How long it may take, in seconds.
    """
    with subprocess.Popen(
        command,
        cwd=here,
        env=dict(around),
        stdin=subprocess.DEVNULL if typed is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # a buffer could not be closed while somebody waits for its next bytes
        start_new_session=os.name == "posix",
    ) as process:
        out, err = (_Kept(stream, lambda: end(process.pid)) for stream in (process.stdout, process.stderr))
        try:
            if typed is not None:
                Thread(target=_type, args=(process.stdin, typed), daemon=True).start()
            status: int | None = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            end(process.pid)
            status = None
        except BaseException:
            end(process.pid)
            raise
        # What it started may live on and hold its output open: it is not waited for.
        said, complained = out.so_far(_GRACE_S), err.so_far(_GRACE_S)
        return Ran(status=None if out.too_much or err.too_much else status, out=said, err=complained)


class _Kept:
    """What a stream says, the first of it; a program that says far too much is ended."""

    def __init__(self, stream: IO[bytes] | None, end_it: Callable[[], None]) -> None:
        self.too_much = False
        self._stream, self._end_it, self._parts = stream, end_it, [b""]
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def so_far(self, timeout_s: float) -> str:
        self._thread.join(timeout_s)
        return b"".join(self._parts).decode(errors="replace").replace("\r\n", "\n")

    def _read(self) -> None:
        total = 0
        with suppress(OSError, ValueError):  # closed meanwhile
            while self._stream is not None and (part := self._stream.read(_PART)):
                if total < _MOST:
                    self._parts.append(part[: _MOST - total])
                total += len(part)
                if total > _FAR_TOO_MUCH:
                    self.too_much = True
                    self._end_it()
                    return


def _type(stream: IO[bytes] | None, typed: str) -> None:
    left = typed.encode()
    with suppress(OSError, ValueError):  # it ended before it had read all
        if stream is not None:
            while left:
                left = left[stream.write(left) :]
            stream.close()


def end(pid: int) -> None:
    """End a process and those that it started."""
    import psutil  # noqa: PLC0415 - only where something hangs

    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for each in family:
        with suppress(psutil.Error):
            each.kill()
