"""A chat at a real pseudo-terminal, and the screen that a person sees: pyte draws it, and answers what it is asked."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typing_extensions import Self

TIMEOUT_S = 40
LEFT_OUT = ("NO_COLOR", "COLUMNS", "LINES", "TMUX", "VTE_VERSION", "TERM_PROGRAM", "EDITOR", "VISUAL")

TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Makes the terminal the controlling one, so that a typed Ctrl-C is a signal."""

PASTE = "\x1b[200~{}\x1b[201~"
CTRL_C, CTRL_D, CTRL_G, CTRL_O, CTRL_R, UP, ALT_ENTER = "\x03", "\x04", "\x07", "\x0f", "\x12", "\x1b[A", "\x1b\r"


class _Answering(pyte.Screen):
    """Answers to a program that asks where the cursor is, as a terminal does."""

    def __init__(self, columns: int, rows: int, answer: Callable[[bytes], object]) -> None:
        super().__init__(columns, rows)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data.encode())


class Screen:
    """A chat of alice at a terminal of its own."""

    def __init__(
        self, arguments: list[str], *, columns: int = 80, rows: int = 24, cwd: Path | None = None, **variables: str
    ) -> None:
        self.master, child = pty.openpty()
        self._sized(child, columns, rows)
        self._screen = _Answering(columns, rows, lambda data: os.write(self.master, data))
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        self.process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, "-m", "showcase", *arguments],
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
            env={**kept, "TERM": "xterm-256color", **variables},
            cwd=cwd,
        )
        os.close(child)

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def until(self, seen: str | Callable[[str], bool]) -> str:
        """Read on until this is on the screen; return all that is."""
        there = (lambda text: seen in text) if isinstance(seen, str) else seen
        deadline = time.monotonic() + TIMEOUT_S
        while not there(self.text):
            assert time.monotonic() < deadline, f"{seen!r} never came:\n{self.text}"
            if not self._read():
                raise AssertionError(f"it ended before {seen!r} came:\n{self.text}")
        return self.text

    def prompt(self) -> str:
        """Read on until a line can be typed; return the screen."""
        return self.until(lambda text: self.last(text) == "alice>")

    @staticmethod
    def last(text: str) -> str:
        """Return the last line above the line of state."""
        lines = [line for line in text.splitlines() if line]
        return lines[-2] if len(lines) > 1 and lines[-1].startswith((" alice", " bob")) else ""

    def resize(self, columns: int, rows: int) -> None:
        self._screen.resize(rows, columns)
        self._sized(self.master, columns, rows)

    def end(self) -> int:
        """Read to the end; return the exit status."""
        deadline = time.monotonic() + TIMEOUT_S
        while self._read():
            assert time.monotonic() < deadline, f"it never ended:\n{self.text}"
        return self.process.wait(timeout=TIMEOUT_S)

    def _read(self) -> bool:
        if not select.select([self.master], [], [], 1)[0]:
            return True
        try:
            data = os.read(self.master, 65_536)
        except OSError:  # Linux's way to say that the other side is closed
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)

    @staticmethod
    def _sized(terminal: int, columns: int, rows: int) -> None:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
