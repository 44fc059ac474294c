"""The program at a real pseudo-terminal of 80 columns, and what a person sees there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

COLUMNS, ROWS = 80, 40
TIMEOUT_S = 120
REDRAWN = re.compile(r"\x1b\[[0-9]*[AFGK]|\r")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

LEFT_OUT = ("NO_COLOR", "COLUMNS", "LINES", "CI", "TMUX", "VTE_VERSION", "TERM_PROGRAM")
"""Variables that tell of another terminal than ours."""

TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Makes the terminal the controlling one, so that a typed Ctrl-C is a signal."""


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, *arguments: str, height: int = ROWS, **variables: str) -> None:
        self.screen, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", height, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, "-m", "showcase", *arguments],
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
            env=environment(variables),
        )
        os.close(child)
        self.raw = ""
        self._rest = b""

    def read_until(self, words: str | None) -> str:
        """Read on until these words came, or to the end; return what came."""
        began = len(self.raw)
        deadline = time.monotonic() + TIMEOUT_S
        while words is None or words not in self.raw[began:]:
            assert time.monotonic() < deadline, f"{words!r} never came: {self.raw[began:]!r}"
            if not select.select([self.screen], [], [], 1)[0]:
                continue
            try:
                data = os.read(self.screen, 65536)
            except OSError:  # Linux's way to say that the other side is closed
                data = b""
            if not data:
                assert words is None, f"{words!r} never came: {self.raw[began:]!r}"
                break
            self._rest += data
            text = self._rest.decode("utf-8", "ignore")
            self._rest = self._rest[len(text.encode()) :]
            self.raw += text
        return self.raw[began:]

    def type(self, text: str) -> None:
        os.write(self.screen, text.encode())

    def end(self) -> int:
        """Read to the end; return the exit status."""
        self.read_until(None)
        return self.process.wait(timeout=TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.screen)


def rows(raw: str) -> list[str]:
    """Return the rows that were written, each drawing of a row by itself."""
    return seen(REDRAWN.sub("\n", raw)).splitlines()


def seen(raw: str) -> str:
    """Return the text without what moves the cursor and colours."""
    return ESCAPE.sub("", raw).replace("\r", "")


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return {**kept, "TERM": "xterm-256color", **variables}
