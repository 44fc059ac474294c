"""The seal as its supervisor has it: sockets that were made inside, served from outside."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from showcase.witnesses import sock_diag
from showcase.witnesses.seal import crossings, devices, door, ipc, names, namespace
from showcase.witnesses.seal.bridge import Bridge, listener
from showcase.witnesses.seal.packets import PacketCounter, wire_socket
from showcase.witnesses.sink.sink import SOCKETS, Sink, sockets
from showcase.witnesses.syscalls.rules import privileges

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from showcase.witnesses.sink.reveal import Revealer
    from showcase.witnesses.syscalls.record.records import Records

_MAX_DESCRIPTORS = 240
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


class Station:
    """Makes the seal in the child (`in_child`), takes its sockets over (`in_parent`) and serves them (`serve`).

    Args:
        ports: Ports inside from which bridges lead out.
        records: Where it is written down.
        entrance: Port of a server inside that is to be reached from outside, None where nobody comes in.
        with_sink: Whether names lead to a sink.
        authority: The descriptor on which the authority is asked that the command trusts, None where the sink
            speaks no TLS.
        unix: Paths of Unix sockets outside that may be used.

    Raises:
        OSError: The entrance's port is taken.
    """

    def __init__(
        self,
        ports: list[int],
        records: Records,
        *,
        entrance: int | None = None,
        with_sink: bool = False,
        authority: int | None = None,
        unix: tuple[str, ...] = (),
    ) -> None:
        self._unix = unix
        self._ports = ports
        self._door = None if entrance is None else door.Door(entrance)
        self._with_sink = with_sink
        self._revealer = None if authority is None else _revealer(authority)
        self._sink: Sink | None = None
        self._records = records
        self._ours, self._theirs = socket.socketpair()
        self._sockets: list[socket.socket] = []
        self._packets: PacketCounter | None = None
        self._bridges: list[Bridge] = []
        self._diagnosis: socket.socket | None = None
        self._outside = crossings.file_systems()

    def in_child(self) -> None:
        """Enter the namespace, make the sockets, hand them over, and give up every right to make more."""
        self._ours.close()
        if self._door is not None:
            self._door.close()  # it leads out of here
        open_still = namespace.enter()
        open_still += namespace.protect_settings()
        made = [wire_socket(), sock_diag.diagnosis_socket()]
        made += [names.datagram_socket(family) for family in _FAMILIES]
        made += [names.stream_socket(family) for family in _FAMILIES]
        made += [listener(port) for port in self._ports]
        made += sockets() if self._with_sink else []
        made += [] if self._door is None else door.sockets()
        open_still += namespace.cover_services(self._unix) + ipc.cover_shared() + devices.cover()
        ipc.leave_session_keyring()
        facts: dict[str, object] = {"uncovered": open_still, "unprotected": namespace.protect_program()}
        facts["fence"] = namespace.give_up_rights()
        socket.send_fds(self._theirs, [json.dumps(facts).encode()], [each.fileno() for each in made])
        for each in (*made, self._theirs):
            each.close()

    def in_parent(self) -> None:
        """Take the sockets over; nothing happens where the child could not make them."""
        self._theirs.close()
        facts, descriptors, _flags, _address = socket.recv_fds(self._ours, 1 << 16, _MAX_DESCRIPTORS)
        self._ours.close()
        self._sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
        if facts:
            entrance = None if self._door is None else self._door.port
            dropped = privileges.any_at_all()
            self._records.write("sealed", **json.loads(facts), ports=self._ports, entrance=entrance, dropped=dropped)

    def serve(self) -> None:
        """Start to answer."""
        jobs: list[Callable[[], None]] = []
        if self._door is not None:
            self._sockets, unconnected = self._sockets[: -door.SOCKETS], self._sockets[-door.SOCKETS :]
            jobs.append(partial(self._door.serve, unconnected))
        if self._with_sink:
            self._sockets, unbound = self._sockets[:-SOCKETS], self._sockets[-SOCKETS:]
            self._sink = Sink(unbound, self._records, self._revealer)
        wire, self._diagnosis, *others = self._sockets
        self._packets = PacketCounter(wire)
        self._packets.start()
        self._bridges = [Bridge(server, port) for server, port in zip(others[4:], self._ports, strict=True)]
        jobs += [partial(names.serve_datagrams, server, self._asked) for server in others[:2]]
        jobs += [partial(names.serve_streams, server, self._asked) for server in others[2:4]]
        jobs += [bridge.serve for bridge in self._bridges]
        for job in jobs:
            threading.Thread(target=_until_closed, args=(job,), daemon=True).start()

    def diagnosis(self) -> socket.socket | None:
        """Return the socket on which the kernel tells of the sockets inside, None before this serves."""
        return self._diagnosis

    def crosses(self, found: os.stat_result) -> bool | None:
        """Return whether a Unix socket leads out of the seal, None where the kernel does not say."""
        if self._diagnosis is None:
            return None
        try:
            return crossings.crosses(self._diagnosis, found)
        except OSError:
            return None

    def is_private(self, inode: int) -> bool:
        """Return whether a Unix socket is bound where nobody outside comes: in a file system that was made inside.

        By the kernel's word: what a socket is bound to never changes, and a path may mean another the next moment.
        """
        if self._diagnosis is None or not self._outside:
            return False
        try:
            found = [each.file for each in crossings.unix_sockets(self._diagnosis) if each.inode == inode]
        except OSError:
            return False
        return len(found) == 1 and found[0] is not None and found[0][1] not in self._outside

    def finish(self) -> None:
        """Write down the totals, when no process is left inside."""
        if self._packets is None:
            return
        seen, lost = self._packets.finish()
        for destination, count in seen.items():
            self._records.write("packets", **destination._asdict(), count=count)
        bridges = [{"port": each.port, "carried": each.carried, "refused": each.refused} for each in self._bridges]
        entered = 0 if self._door is None else self._door.carried
        self._records.write("unsealed", bridges=bridges, entered=entered, lost=lost)

    def expect(self, address: str | None, port: int | None) -> None:
        """Be there before a process connects to an address that a name was given."""
        if self._sink is not None:
            self._sink.expect(address, port)

    def _asked(self, name: str, kind: str, transport: str) -> str | None:
        self._records.write("asked", name=name, query=kind, transport=transport)
        return None if self._sink is None else self._sink.address_for(name, kind)


def _revealer(authority: int) -> Revealer:
    from showcase.witnesses.sink.reveal import Revealer  # noqa: PLC0415 - no revealing, no ssl

    return Revealer(socket.socket(fileno=authority))


def _until_closed(job: Callable[[], None]) -> None:
    with suppress(OSError):
        job()
