"""One stopped call: its arguments, its caller's memory and sockets, and what is written down of it."""

from __future__ import annotations

import errno
import os
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

from showcase.witnesses.syscalls import kernel

if TYPE_CHECKING:
    from showcase.witnesses.seal.station import Station
    from showcase.witnesses.syscalls.calls.address import Address
    from showcase.witnesses.syscalls.calls.dns import Stream
    from showcase.witnesses.syscalls.calls.processes import Process
    from showcase.witnesses.syscalls.filter.abi import Abi
    from showcase.witnesses.syscalls.filter.listener import Listener, Question
    from showcase.witnesses.syscalls.record.records import Records
    from showcase.witnesses.syscalls.rules.peers import Peers
    from showcase.witnesses.syscalls.rules.routes import Routes

_TRANSPORTS = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp", 132: "sctp", 262: "mptcp"}
_TRANSPORTS |= {socket.IPPROTO_ICMP: "icmp", 58: "icmp", 136: "udplite"}
_TYPES = {1: "stream", 2: "dgram", 3: "raw", 5: "seqpacket"}


class Unreadable(Exception):  # noqa: N818 - an answer about another process, not an error of ours
    """The caller's memory was not read; `error` is the kernel's reason."""

    def __init__(self, error: int) -> None:
        super().__init__(errno.errorcode.get(error, str(error)))
        self.error = error


class Post(NamedTuple):
    """Where a supervisor stands: what every call is answered with.

    Attributes:
        listener: Where the kernel asks.
        records: Where it is written down.
        station: The seal that the callers are in, None where they are in none.
        peers: Who waits for whom.
        routes: Datagram sockets whose connection is kept for them.
        questions: What each socket wrote to a name server over TCP, by inode.
        allowed: Unix sockets that may be used: paths, and abstract names with `@` in front.
        fenced: Whether they are in no seal, but in a fence, which forbids mounts.
    """

    listener: Listener
    records: Records
    station: Station | None
    peers: Peers
    routes: Routes
    questions: dict[int, Stream]
    allowed: tuple[str, ...] = ()
    fenced: bool = False


class Call:
    """A question with everything needed to answer it."""

    def __init__(self, name: str, abi: Abi, question: Question, process: Process, post: Post) -> None:
        self.name = name
        self.word = abi.word
        self.arguments = question.arguments
        self.process = process
        self.post = post
        self._question = question

    @property
    def tid(self) -> int:
        """The thread that asks; it may have a directory of its own."""
        return self._question.tid

    @property
    def sealed(self) -> bool:
        """Whether the caller is in a seal."""
        return self.post.station is not None

    def integer(self, index: int) -> int:
        """Return an argument as the kernel takes an `int`: the lower 32 bits, signed."""
        return int(struct.unpack("=i", struct.pack("=I", self.arguments[index] & 0xFFFFFFFF))[0])

    def read(self, address: int, length: int) -> bytes:
        """Return bytes of the caller's memory.

        Raises:
            Unreadable: It is gone, closed to us, or not there.
        """
        try:
            return kernel.read_memory(self._question.tid, address, length)
        except OSError as error:
            raise Unreadable(error.errno or errno.EIO) from error

    def read_whole(self, address: int, length: int) -> bytes:
        """Return exactly `length` bytes of the caller's memory, as the kernel insists on for a structure.

        Raises:
            Unreadable: As `read`; also where the memory ends too early.
        """
        data = self.read(address, length)
        if len(data) < length:
            raise Unreadable(errno.EFAULT)
        return data

    def write(self, address: int, data: bytes) -> None:
        """Write into the caller's memory what the kernel would have written.

        Raises:
            Unreadable: It is gone, closed to us, or not there.
        """
        try:
            kernel.write_memory(self._question.tid, address, data)
        except OSError as error:
            raise Unreadable(error.errno or errno.EIO) from error

    def socket(self, descriptor: int) -> socket.socket:
        """Return a copy of one of the caller's sockets.

        Raises:
            NotASocket: The caller has no such descriptor, or it names something else.
            OSError: It cannot be copied.
        """
        return self.process.socket(descriptor)

    def still_waits(self) -> bool:
        """Return whether the caller is the one we looked at; ask before acting in its place."""
        return self.post.listener.waits(self._question)

    def note(self, call: str, address: Address | None = None, **more: object) -> None:
        """Write down what the call named."""
        self.post.records.write("call", **self._fields(call, address, more))

    def note_once(self, key: object, call: str, address: Address | None = None, **more: object) -> None:
        """Write down what the call named where it did not name the same before."""
        fields = self._fields(call, address, more)
        self.post.records.write_once((self.process.pid, key, call, address, *more.values()), **fields)

    def _fields(self, call: str, address: Address | None, more: dict[str, object]) -> dict[str, object]:
        fields: dict[str, object] = {
            "call": call,
            "pid": self.process.pid,
            "tid": self._question.tid,
            "exe": self.process.executable(),
        }
        if address is not None:
            fields |= {key: value for key, value in address._asdict().items() if value is not None}
        return {**fields, **{key: value for key, value in more.items() if value is not None}}


def transport(subject: socket.socket | None) -> str | None:
    """Return what carries a socket's bytes."""
    if subject is None:
        return None
    return _TRANSPORTS.get(subject.proto) or _TYPES.get(subject.type, f"type {int(subject.type)}")


def inode(subject: socket.socket) -> int:
    """Return the number that tells this socket from others, also across processes that share it."""
    return os.fstat(subject.fileno()).st_ino
