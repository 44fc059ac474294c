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

_MOST = 1_000_000
"""Bytes of all that it says; after them nobody listens any more."""

_PART = 65_536
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

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        """Begin to listen."""
        self._process, self._errors = process, errors
        self._lines: Queue[str | None] = Queue()
        Thread(target=self._listen, daemon=True).start()

    def ask(self, line: str, *, timeout_s: float = 15.0) -> Heard:
        """Send a line and return what is answered.

        Args:
            line: Without its end.
            timeout_s: After which no more is waited for, in seconds.
        """
        try:
            if self._process.stdin is not None:
                self._process.stdin.write(f"{line}\n".encode())
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
        stream, rest, total = self._process.stdout, b"", 0
        with suppress(OSError, ValueError):  # closed meanwhile
            while stream is not None and total < _MOST and (part := stream.read(_PART)):
                total += len(part)
                *lines, rest = (rest + part).split(b"\n")
                for line in lines:
                    self._lines.put(line.decode(errors="replace").rstrip("\r"))
        self._lines.put(None)

    def _trouble(self) -> str:
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            return "it said too much, or closed its output"
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - _PART))
        lines = [line for line in self._errors.read().decode(errors="replace").splitlines() if line.strip()]
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
        TemporaryFile() as errors,
        subprocess.Popen(
            command,
            cwd=here,
            env={**around, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=0,  # as in programs.run
            start_new_session=os.name == "posix",
        ) as process,
    ):
        try:
            yield Talk(process, errors)
        finally:
            programs.end(process.pid)
            process.wait()
            with suppress(OSError):  # of what it did not take
                if process.stdin is not None:
                    process.stdin.close()
