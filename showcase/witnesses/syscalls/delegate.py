"""Making a call in a process's place, with the very bytes that were read.

Between the moment an address is read and the moment the kernel uses it another thread may change it. So the
supervisor makes the call itself, on a copy of the socket: what it wrote down is what the kernel got.

It must never wait in a call that the process would wait in. A connection is therefore only begun here. Where
the process is prepared to wait it is then sent on into its own `connect`: on a stream socket that is
connecting already, Linux ignores the address (`__inet_stream_connect`, state SS_CONNECTING) and waits, with
the timeout and the interruption by signals that the process asked for.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket

from showcase.witnesses.syscalls import kernel
from showcase.witnesses.syscalls.listener import Answer

IPPROTO_MPTCP = 262
MAX_PAYLOAD = 65535
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_TIMEVAL_BYTES = 16
_TCP_INFO, _TCP_CLOSE = 11, 7
_STREAMS = (socket.IPPROTO_TCP, IPPROTO_MPTCP)


def connects(subject: socket.socket) -> bool:
    """Return whether a connection of this socket can be made in the process's place.

    Unix sockets are not: their paths are looked up with the caller's root, directory and rights, and the peer
    is told the caller's pid. Nor are stream protocols other than TCP, whose states are their own, nor
    sockets with a send timeout: where it ran out in a connection begun by another, the caller would get
    EALREADY.
    """
    if subject.family not in _INTERNET:
        return False
    if subject.type != socket.SOCK_STREAM:
        return True
    timeout = subject.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL_BYTES)
    return subject.proto in _STREAMS and not any(timeout)


def sends(subject: socket.socket) -> bool:
    """Return whether a datagram of this socket can be sent in the process's place."""
    return subject.family in _INTERNET and subject.type == socket.SOCK_DGRAM


def connect(subject: socket.socket, address: bytes) -> tuple[Answer | None, str]:
    """Begin to connect.

    Returns:
        The answer, None where the process shall wait in its own call; and the outcome in words.
    """
    descriptor = subject.fileno()
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    waits = subject.type == socket.SOCK_STREAM and not flags & os.O_NONBLOCK
    if waits:  # the flag is the open file's, so the process would see it: for the length of one call
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    try:
        kernel.library("connect", descriptor, address, len(address))
    except OSError as error:
        number = error.errno or errno.EIO
        begun = number in {errno.EINPROGRESS, errno.EALREADY}
        told = errno.errorcode.get(number, str(number))
        if begun and _is_over(subject):
            told = "ECONNREFUSED"
        elif begun and waits:
            told = "begun"
        return (None if begun and waits else Answer(error=number)), told
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


def send(subject: socket.socket, payload: bytes, flags: int, address: bytes) -> tuple[Answer | None, str]:
    """Send one datagram.

    Returns:
        The answer, None where it would have to wait; and the outcome in words.
    """
    flags |= socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
    length = ctypes.c_size_t(len(payload))
    try:
        sent = kernel.library("sendto", subject.fileno(), payload, length, flags, address, len(address))
    except OSError as error:
        number = error.errno or errno.EIO
        if number == errno.EAGAIN and not fcntl.fcntl(subject.fileno(), fcntl.F_GETFL) & os.O_NONBLOCK:
            return None, "waits"
        return Answer(error=number), errno.errorcode.get(number, str(number))
    return Answer(value=sent), "ok"
