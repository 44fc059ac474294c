"""Runs what a participant, or the answer of a lab, runs: in an environment in which nothing phones home."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.processes import environment as environments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PYTHON = sys.executable
MEM0_HOME = ".mem0"
BESIDE = {"PYTHONSAFEPATH": ""}
"""For a participant's own program: it imports what lies beside it, as it does in their shell."""

_MOST = 1_000_000
"""Characters of what a program says that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A program that has ended.

    Attributes:
        status: Its exit status; None where it was ended because it took too long.
        out: What it wrote to its standard output, the first million characters.
        err: Likewise, of its standard error.
    """

    status: int | None
    out: str
    err: str

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
        encoding="utf-8",
        errors="replace",
        start_new_session=os.name == "posix",
    ) as process:
        try:
            out, err = process.communicate(typed, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            end(process.pid)
            out, err = process.communicate()
            return Ran(status=None, out=out[:_MOST], err=err[:_MOST])
        except BaseException:
            end(process.pid)
            raise
        return Ran(status=process.returncode, out=out[:_MOST], err=err[:_MOST])


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
