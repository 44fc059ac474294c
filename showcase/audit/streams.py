"""Standard streams of a command that are Unix sockets: it gets pipes, and what passes is passed on byte for byte.

Node starts programs so, and so do editors, agents and systemd, whose journal listens at the other end. A socket lets
whoever has its other end hand descriptors in, which no seal stops; a pipe carries bytes alone, as `| cat` does.
A socket of a network stays what it is, and is found: its other end may be another machine.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import stat
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

_PIECE = 1 << 16
DRAIN_S = 5.0
"""How long what the command left in its pipes may take to be passed on after its end; whoever reads may be slow."""

NAMES = ("standard input", "standard output", "standard error")


class Streams:
    """The three streams as the command gets them.

    Args:
        given: The descriptors that they would be, in their order.
    """

    def __init__(self, given: tuple[int, int, int]) -> None:
        self._theirs: list[int] = []
        self._pumps: list[threading.Thread] = []
        self._over, self._end = os.pipe()
        """Closed at its writing end, it tells that nothing more is to be read for the command."""
        self._passed_on: list[str] = []
        self._pipes: dict[tuple[int, int], int] = {}
        self.stdin, self.stdout, self.stderr = (
            self._stream(number, descriptor) for number, descriptor in enumerate(given)
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of it, nothing where no stream was a socket."""
        if not self._passed_on:
            return ()
        were = _listed(self._passed_on) + (" were sockets" if len(self._passed_on) > 1 else " was a socket")
        return (f"its {were} of whoever started this: pipes were put in between",)

    def __enter__(self) -> Streams:  # noqa: PYI034 - Python 3.10 has no `Self`
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.started()
        os.close(self._end)
        for pump in self._pumps:
            pump.join(DRAIN_S)

    def started(self) -> None:
        """Let go of the command's ends, which it has now."""
        while self._theirs:
            os.close(self._theirs.pop())

    def _stream(self, number: int, descriptor: int) -> int:
        found = os.fstat(descriptor)
        if not _is_unix_socket(descriptor, found):
            return descriptor
        self._passed_on.append(NAMES[number])
        if number and (found.st_dev, found.st_ino) in self._pipes:  # `2>&1`: one order of what is said
            return self._pipes[found.st_dev, found.st_ino]
        reading, writing = os.pipe()
        theirs, ours = (reading, writing) if number == 0 else (writing, reading)
        held = os.dup(descriptor)
        self._theirs.append(theirs)
        if number == 0:
            self._pump(held, ours, until=self._over)
        else:
            self._pipes[found.st_dev, found.st_ino] = theirs
            self._pump(ours, held, until=None)
        return theirs

    def _pump(self, source: int, target: int, *, until: int | None) -> None:
        pump = threading.Thread(target=_pass_on, args=(source, target, until), daemon=True)
        self._pumps.append(pump)
        pump.start()


def _listed(names: list[str]) -> str:
    return " and ".join([*([", ".join(names[:-1])] if names[1:] else []), names[-1]])


def _is_unix_socket(descriptor: int, found: os.stat_result) -> bool:
    if sys.platform == "win32" or not stat.S_ISSOCK(found.st_mode):
        return False
    with socket.socket(fileno=os.dup(descriptor)) as subject:
        return subject.family == socket.AF_UNIX and subject.type == socket.SOCK_STREAM


def _pass_on(source: int, target: int, until: int | None) -> None:
    """Carry bytes until one end is closed, or `until` is; who writes is then told that nobody reads."""
    watched = [source] if until is None else [source, until]
    try:
        while True:
            ready = select.select(watched, (), ())[0]
            if source not in ready:
                return
            with contextlib.suppress(BlockingIOError):
                rest = memoryview(os.read(source, _PIECE))
                if not rest:
                    return
                while rest:
                    rest = rest[_written(target, rest) :]
    except OSError:  # whoever was to read it has gone
        return
    finally:
        for descriptor in (source, target):
            os.close(descriptor)


def _written(target: int, data: memoryview) -> int:
    try:
        return os.write(target, data)
    except BlockingIOError:  # the socket is one that does not wait
        select.select((), [target], ())
        return 0
