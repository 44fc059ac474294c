"""Calls that wait: made in a process's place, they are gone on with until the kernel has an answer.

The process itself never goes on into such a call. While it waited there another thread could change what the call
names, or have its descriptor's number name another socket.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import time
from typing import TYPE_CHECKING, Protocol

from showcase.witnesses.syscalls import procfs
from showcase.witnesses.syscalls.delegates import delegate
from showcase.witnesses.syscalls.filter.listener import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

ERESTARTSYS = 512
"""What the kernel gives a call that a signal interrupts: made again after a handler with SA_RESTART, else EINTR."""

_TIMEVAL = struct.Struct("@ll")


class Waiting(Protocol):
    """A call that has no answer yet.

    Attributes:
        descriptor: Ours.
        tells: Whether the kernel tells on it when it is worth to go on.
    """

    descriptor: int
    tells: bool

    def go_on(self) -> Answer | None:
        """Return the answer where there is one now."""
        ...

    def interrupted(self) -> Answer:
        """Return the answer to a caller that a signal interrupts."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


def limit_s(subject: socket.socket) -> float | None:
    """Return how long this socket's sends and connects may take, None for as long as they like."""
    seconds, microseconds = _TIMEVAL.unpack(subject.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL.size))
    return seconds + microseconds / 1e6 or None


class _Timed:
    """What all of them have: a copy of the socket, and a time when the caller wants to hear that it took too long.

    Args:
        subject: The socket.
        hold: A descriptor that an address names, closed at the end.
    """

    def __init__(self, subject: socket.socket, hold: int | None) -> None:
        self._hold = hold
        self.tells = True
        self._subject = socket.socket(fileno=os.dup(subject.fileno()))
        self.descriptor = self._subject.fileno()
        self._limit_s = limit_s(subject)
        self._began = time.monotonic()

    @property
    def _late(self) -> bool:
        return self._limit_s is not None and time.monotonic() - self._began >= self._limit_s

    def _signal(self) -> Answer:
        """As sock_intr_errno of the kernel: a call with a timeout is not made again."""
        return Answer(error=ERESTARTSYS if self._limit_s is None else errno.EINTR)

    def close(self) -> None:
        """Let go of the socket."""
        self._subject.close()
        if self._hold is not None:
            os.close(self._hold)


class Connecting(_Timed):
    """A connection that was begun.

    Args:
        subject: The socket.
        address: Where to, as a sockaddr.
        hold: As above.
    """

    def __init__(self, subject: socket.socket, address: bytes, hold: int | None = None) -> None:
        super().__init__(subject, hold)
        self.tells = subject.family != socket.AF_UNIX  # nobody tells of room in a backlog
        self._address = address

    def go_on(self) -> Answer | None:
        """Ask for the outcome by connecting again, as the kernel has it (connect(2))."""
        answer, _ = delegate.connect(self._subject, self._address)
        if answer is None and self._late:
            answer = Answer(error=errno.EAGAIN if self._subject.family == socket.AF_UNIX else errno.EINPROGRESS)
        return answer

    def interrupted(self) -> Answer:
        """The connection goes on without the caller."""
        return self._signal()


class Sending(_Timed):
    """A message that does not fit yet, or of which a part was sent on a stream.

    Args:
        subject: The socket.
        send: Sends what follows the first so many bytes; returns what the kernel did.
        total: Bytes of the whole.
        sent: How many of them are sent already.
        hold: As above.
    """

    def __init__(
        self,
        subject: socket.socket,
        send: Callable[[socket.socket, int], Answer | None],
        total: int,
        sent: int = 0,
        hold: int | None = None,
    ) -> None:
        super().__init__(subject, hold)
        self.tells = subject.family != socket.AF_UNIX or subject.type != socket.SOCK_DGRAM  # nor in another's queue
        self._send = send
        self._total = total
        self._sent = sent

    def go_on(self) -> Answer | None:
        """Send what fits now."""
        answer = self._send(self._subject, self._sent)
        if answer is None:
            if not self._late:
                return None
            return Answer(value=self._sent) if self._sent else Answer(error=errno.EAGAIN)
        if answer.error:
            return Answer(value=self._sent) if self._sent else answer
        self._sent += answer.value
        return Answer(value=self._sent) if self._sent >= self._total else None

    def interrupted(self) -> Answer:
        """Say how much was sent, where anything was."""
        return Answer(value=self._sent) if self._sent else self._signal()


def signalled(tid: int) -> bool:
    """Return whether a signal waits for a thread that is in a call of ours, and that it does not block.

    A signal to the whole process is the leader's where the leader takes it (complete_signal of the kernel).
    """
    try:
        masks = {name: int(procfs.text(tid, name), 16) for name in (b"SigPnd", b"ShdPnd", b"SigBlk")}
        leads = procfs.field(f"{tid}/status", b"Tgid") == tid or len(os.listdir(f"/proc/{tid}/task")) == 1  # noqa: PTH208 - as in procfs
    except OSError:
        return False
    pending = masks[b"SigPnd"] | (masks[b"ShdPnd"] if leads else 0)
    return bool(pending & ~masks[b"SigBlk"])
