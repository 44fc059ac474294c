"""Making a call in a process's place, with the very bytes that were read.

Between the moment an address is read and the moment the kernel uses it another thread may change it, or have the
descriptor's number name another socket. So the supervisor makes the call itself, on a copy of the socket: what it
wrote down is what the kernel got. It never waits in a call: what would wait is gone on with (`waiting`).
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket

from showcase.witnesses.syscalls import kernel
from showcase.witnesses.syscalls.filter.listener import Answer

INTERNET = (socket.AF_INET, socket.AF_INET6)
_NETLINK, _ALG = 16, 38
FAMILIES = (*INTERNET, socket.AF_UNIX, _NETLINK, _ALG)
"""Families whose calls are made in the caller's place. Sockets of another are written down when they are made: a way
out whose destinations are not seen."""

MSG_ZEROCOPY = 0x4000000
_TCP_INFO, _TCP_CLOSE = 11, 7
_WAITS = (errno.EINPROGRESS, errno.EALREADY, errno.EAGAIN)


def blocks(subject: socket.socket) -> bool:
    """Return whether its calls wait. The flag is the open file's; we never ask for another by `setblocking`."""
    return not fcntl.fcntl(subject.fileno(), fcntl.F_GETFL) & os.O_NONBLOCK


def connect(subject: socket.socket, address: bytes) -> tuple[Answer | None, str]:
    """Begin to connect.

    Returns:
        The answer, None where the caller is to wait for it; and the outcome in words.
    """
    descriptor = subject.fileno()
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    waits = subject.type != socket.SOCK_DGRAM and not flags & os.O_NONBLOCK
    if waits:  # the flag is the open file's, so the process would see it: for the length of one call
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    try:
        kernel.library("connect", descriptor, address, len(address))
    except OSError as error:
        number = error.errno or errno.EIO
        told = errno.errorcode.get(number, str(number))
        if number in _WAITS and _is_over(subject):
            told = "ECONNREFUSED"
        elif waits and number in _WAITS:
            told = "begun"
        return (None if waits and number in _WAITS else Answer(error=number)), told
    finally:
        if waits:
            fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)
    return Answer(), "ok"


def _is_over(subject: socket.socket) -> bool:
    """Return whether a connection that was just begun has failed: on loopback a refusal is there at once.

    The caller is told of it in its own time: this does not take the error off the socket.
    """
    try:
        return subject.type == socket.SOCK_STREAM and subject.getsockopt(socket.SOL_TCP, _TCP_INFO, 1)[0] == _TCP_CLOSE
    except OSError:  # what is no TCP has no such state
        return False


def made(call: str, subject: socket.socket, *arguments: object) -> tuple[Answer, str]:
    """Make a call that never waits (`bind`, `listen`)."""
    try:
        kernel.library(call, subject.fileno(), *arguments)
    except OSError as error:
        number = error.errno or errno.EIO
        return Answer(error=number), errno.errorcode.get(number, str(number))
    return Answer(), "ok"


def send(
    subject: socket.socket, payload: bytes, flags: int, address: bytes, control: bytes = b""
) -> tuple[Answer | None, str]:
    """Send one message.

    Returns:
        The answer, None where it would have to wait; and the outcome in words.
    """
    try:
        sent = kernel.send_message(
            subject.fileno(), payload, flags | socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL, address, control
        )
    except OSError as error:
        number = error.errno or errno.EIO
        if number == errno.EAGAIN and not flags & socket.MSG_DONTWAIT and blocks(subject):
            return None, "waits"
        return Answer(error=number), errno.errorcode.get(number, str(number))
    return Answer(value=sent), "ok"
