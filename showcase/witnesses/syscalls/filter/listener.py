"""The listener of a filter: the kernel asks, the supervisor answers."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from contextlib import suppress
from typing import NamedTuple

_RECEIVE, _SEND, _ID_VALID = 0xC0502100, 0xC0182101, 0x40082102  # ioctl requests of linux/seccomp.h
_QUESTION = struct.Struct("=QIIiIQ6Q")
_ANSWER = struct.Struct("=QqiI")
_ID = struct.Struct("=Q")
_CONTINUE = 1
_SET_FLAGS, _SYNC_WAKE_UP = 0x40082104, 1
"""Who asks and who answers never run at the same time: the kernel may hand the processor from one to the other."""


class Question(NamedTuple):
    """A call that waits for an answer: `tid` is the calling thread in the supervisor's pid namespace."""

    id: int
    tid: int
    number: int
    arch: int
    arguments: tuple[int, ...]


class Answer(NamedTuple):
    """What the call shall return in place of being made: a value, or an errno."""

    value: int = 0
    error: int = 0


class Closed(Exception):  # noqa: N818 - an end, no error: no process is left under the filter
    """Nobody can ask any more."""


class Listener:
    """One filter's questions, one at a time."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        with suppress(OSError):  # a kernel before 6.6: questions and answers take longer
            fcntl.ioctl(descriptor, _SET_FLAGS, _SYNC_WAKE_UP)

    def receive(self) -> Question | None:
        """Return the next question, or None where the process that asked died first.

        Raises:
            Closed: No process is left under the filter.
        """
        buffer = bytearray(_QUESTION.size)
        try:
            fcntl.ioctl(self.descriptor, _RECEIVE, buffer, True)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.EINTR}:
                return None
            raise Closed from error
        identifier, tid, _flags, number, arch, _pointer, *arguments = _QUESTION.unpack(buffer)
        return Question(identifier, tid, number, arch, tuple(arguments))

    def waits(self, question: Question) -> bool:
        """Return whether the thread still waits: only then was what we read under its id its own."""
        try:
            fcntl.ioctl(self.descriptor, _ID_VALID, _ID.pack(question.id))
        except OSError:
            return False
        return True

    def reply(self, question: Question, answer: Answer | None) -> bool:
        """Answer; None lets the call be made as if nobody had asked.

        Returns:
            False where the process was killed while it waited.
        """
        if answer is None:
            packed = _ANSWER.pack(question.id, 0, 0, _CONTINUE)
        else:
            packed = _ANSWER.pack(question.id, answer.value, -answer.error, 0)
        try:
            fcntl.ioctl(self.descriptor, _SEND, packed)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
            return False
        return True

    def close(self) -> None:
        """Stop answering: every call of the filter fails with ENOSYS from here on."""
        os.close(self.descriptor)
