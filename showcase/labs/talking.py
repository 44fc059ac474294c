"""Talks with a program that stays: a line to it, and what it answers, up to an empty line."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, Queue
from tempfile import TemporaryFile
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from showcase.labs import programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import IO

_MOST_LINES = 10_000
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a program answered to one line.

    Attributes:
        text: Its lines, without the empty one.
        whole: Whether the empty line came; otherwise it ended, or took too long.
        trouble: Where it did not come: the last line of its errors.
    """

    text: str
    whole: bool
    trouble: str = ""


class Talk:
    """A program that reads a line and answers, again and again."""

    def __init__(self, process: subprocess.Popen[str], errors: IO[str]) -> None:
        """Begin to listen."""
        self._process, self._errors = process, errors
        self._lines: Queue[str | None] = Queue(_MOST_LINES)
        Thread(target=self._listen, daemon=True).start()

    def ask(self, line: str, *, timeout_s: float = 20.0) -> Heard:
        """Send a line and return what is answered.

        Args:
            line: Without its end.
            timeout_s: After which no more is waited for, in seconds.
        """
        try:
            if self._process.stdin is not None:
                self._process.stdin.write(f"{line}\n")
                self._process.stdin.flush()
        except OSError:
            return Heard(text="", whole=False, trouble=self._trouble())
        heard: list[str] = []
        until = monotonic() + timeout_s
        while (left := until - monotonic()) > 0:
            try:
                said = self._lines.get(timeout=left)
            except Empty:
                break
            if said is None:
                return Heard(text="\n".join(heard), whole=False, trouble=self._trouble())
            if not said.strip():
                return Heard(text="\n".join(heard), whole=True)
            heard.append(said)
        return Heard(text="\n".join(heard), whole=False, trouble=f"no empty line came in {timeout_s:.0f} s")

    def _listen(self) -> None:
        with suppress(ValueError):  # closed meanwhile
            for line in self._process.stdout or ():
                self._lines.put(line.rstrip("\r\n"))
        self._lines.put(None)

    def _trouble(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_S)
        self._errors.seek(0)
        lines = [line for line in self._errors.read().splitlines() if line.strip()]
        return lines[-1] if lines else "it ended without a word"


@contextmanager
def talk(command: Sequence[str], around: Mapping[str, str], here: Path) -> Iterator[Talk]:
    """Start a program, yield it to be talked with, and end it with those that it started.

    Args:
        command: Its words; the first is a program's path.
        around: Its environment.
        here: Its working directory.
    """
    with (
        TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
        subprocess.Popen(
            command,
            cwd=here,
            env={**around, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            errors="replace",
            start_new_session=os.name == "posix",
        ) as process,
    ):
        try:
            yield Talk(process, errors)
        finally:
            programs.end(process.pid)
            with suppress(OSError):
                process.communicate()
