"""Unix sockets with a name: who has the other end, and whether the caller may speak to it.

Outside of a seal a socket whose other end nobody watches is left to the caller, so that its peer sees who calls; such
a call costs the verdict. Every other call is made here, on the very file that was found. In a seal what leads out of
it is refused.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from typing import TYPE_CHECKING

from showcase.witnesses.seal import crossings
from showcase.witnesses.syscalls.calls import paths
from showcase.witnesses.syscalls.filter.listener import Answer
from showcase.witnesses.syscalls.rules import rights

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.witnesses.syscalls.calls.address import Address
    from showcase.witnesses.syscalls.calls.call import Call
    from showcase.witnesses.syscalls.rules.peers import Peer

    Make = Callable[[bytes], "tuple[Answer | None, str]"]
    """Makes the call with an address; returns its answer and the outcome in words."""

LEADS_OUT = "leads out of the seal, refused"
NOBODY = "no such socket"
_AF_UNIX = struct.pack("=H", 1)


class Reached:
    """What came of a call that names a Unix socket.

    Attributes:
        answer: What the caller gets, None where it waits or makes the call itself.
        made: Whether the call was made here.
        address: As it is written down.
        fields: What is written down beside it.
        where: The address that the call was made with.
        hold: A descriptor that has to stay open for as long as that address is used.
    """

    def __init__(
        self,
        answer: Answer | None,
        address: Address,
        *,
        made: bool,
        where: bytes = b"",
        hold: int | None = None,
        **fields: object,
    ) -> None:
        self.answer = answer
        self.address = address
        self.made = made
        self.where = where
        self.hold = hold
        self.fields = {"by": "supervisor" if made else "caller", **fields}


def is_path(raw: bytes) -> bool:
    """Return whether an address names a file."""
    return len(raw) > len(_AF_UNIX) and raw[:2] == _AF_UNIX and raw[2] != 0


def reach(call: Call, raw: bytes, address: Address, make: Make) -> Reached:
    """Make a call that names a Unix socket, leave it to its caller, or refuse it."""
    if is_path(raw):
        return _file(call, raw, address, make)
    if len(raw) <= len(_AF_UNIX) or raw[:2] != _AF_UNIX:  # no name at all, or another family's: the kernel says what
        return _made(call, address, raw, make, None)
    if call.sealed:  # such names are the network namespace's own
        return _made(call, address, raw, make, "watched")
    peer = call.post.peers.at_name(raw[2:])
    if peer == "unwatched" and address.name not in call.post.allowed:
        return Reached(None, address, made=False, peer=peer)
    return _made(call, address, raw, make, peer)


def _file(call: Call, raw: bytes, address: Address, make: Make) -> Reached:
    if not call.sealed and not rights.same_person(call.tid):
        return Reached(None, address, made=False, as_read=True)
    try:
        found = paths.follow(raw[2:].split(b"\0", 1)[0], call.process)
    except paths.Unfollowed as nowhere:
        outcome = NOBODY if nowhere.error != errno.EACCES else "EACCES"
        return Reached(Answer(error=nowhere.error), address, made=True, outcome=outcome)
    try:
        facts = os.fstat(found)
        if not stat.S_ISSOCK(facts.st_mode):
            return Reached(Answer(error=errno.ECONNREFUSED), address, made=True, outcome=NOBODY)
        if not paths.may_write(found, call.process):
            return Reached(Answer(error=errno.EACCES), address, made=True, outcome="EACCES")
        allowed = _allowed(call, facts)
        if call.sealed:
            leads_out = _crosses(call, facts)
            if leads_out and allowed is None:
                return Reached(Answer(error=errno.ECONNREFUSED), address, made=True, outcome=LEADS_OUT)
            peer: Peer = "unwatched" if leads_out else "watched"
        else:
            peer = call.post.peers.at_path(facts)
            if peer == "unwatched" and allowed is None:
                return Reached(None, address, made=False, peer=peer)
        with rights.of_thread(call.tid):
            reached = _made(call, address, _at(found), make, peer)
        if allowed is not None:
            reached.fields["allowed"] = allowed
        if reached.made and reached.answer is None:
            reached.hold = os.dup(found)
            reached.where = _at(reached.hold)
        return reached
    finally:
        os.close(found)


def _at(found: int) -> bytes:
    """Return the address of the socket whose file a descriptor holds."""
    return _AF_UNIX + paths.reachable(found) + b"\0"


def _made(call: Call, address: Address, raw: bytes, make: Make, peer: Peer | None) -> Reached:
    if not call.still_waits():
        return Reached(Answer(error=errno.EINTR), address, made=True, outcome="gone")
    answer, outcome = make(raw)
    if peer == "nobody" and (answer is None or not answer.error):
        peer = "unwatched"  # somebody was there, whom the kernel's table did not show
    return Reached(answer, address, made=True, where=raw, outcome=outcome, peer=peer)


def _crosses(call: Call, facts: os.stat_result) -> bool:
    """Return whether a socket leads out of the seal; where the kernel does not say, it does."""
    return call.post.station is None or call.post.station.crosses(facts) is not False


def _allowed(call: Call, facts: os.stat_result) -> str | None:
    """Return the allowed path that leads to the same file, None where none does."""
    for path in call.post.allowed:
        if path.startswith("/"):
            try:
                if crossings.identity(os.stat(path)) == crossings.identity(facts):  # noqa: PTH116 - as in procfs
                    return path
            except OSError:
                continue
    return None
