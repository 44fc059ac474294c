"""How to look at servers on Linux: `/proc`, where every socket of a process stands in some table, or in none.

What stands in none is told by its protocol, which the kernel names for each descriptor. So no socket is passed over
because nobody thought of its kind.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.engines.daemon_watch.process_table import Entry, ProcessTable, leads_to, process_table
from showcase.engines.daemon_watch.sighting import Held, Sighting, Wanted, unseen
from showcase.engines.daemon_watch.unix_sockets import UnixSocket, unix_sockets
from showcase.evidence import DaemonProcess
from showcase.evidence.addresses import is_loopback
from showcase.shell import here
from showcase.witnesses import proc_net
from showcase.witnesses.proc_net import Row

if TYPE_CHECKING:
    from collections.abc import Iterable


_ROOT, _INIT = 0, 1
_STANDARD_STREAMS = frozenset({0, 1, 2})
_LOG_SINKS = ("/run/systemd/journal/",)
"""Where a service of systemd writes its lines."""

_REACHES_NOBODY = frozenset({"NETLINK", "ALG"})
"""Protocols to the kernel itself."""

_STREAMS = ("TCP", "MPTCP")
_DATAGRAMS = ("UDP", "UDP-Lite", "PING")
_EVERY = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - told, not bound


class LinuxLooker:
    """Looks at every process that may be looked into, and at all sockets of the user of one that may not."""

    def __init__(self) -> None:
        self.blind = "" if proc_net.readable() else "there is no /proc/net/tcp here"
        self._families: dict[tuple[str, int], set[tuple[int, int]]] = {}
        """Who was of a server's family once, by number and birth: those whose parents ended are still."""

    def look(self, wanted: Wanted) -> list[Sighting]:
        """Return every listener of loopback that is wanted and none of ours."""
        rows = proc_net.tcp()
        listeners = [row for row in rows if row.listens and wanted(row.address, row.port)]
        if not listeners:
            return []
        look = _Look(process_table(), rows, self._families)
        return [sighting for row in listeners if (sighting := look.at(row)) is not None]


@dataclass(slots=True)
class _Tables:
    """The sockets of one network namespace by inode."""

    root: Path
    rows: dict[int, Row]
    _more: dict[int, Row] | None = None

    def row(self, inode: int) -> Row | None:
        """Return what stands in a table of a socket."""
        if inode in self.rows:
            return self.rows[inode]
        if self._more is None:
            found = proc_net.rows((*proc_net.TCP, *proc_net.DATAGRAMS, *proc_net.RAW), self.root)
            self._more = {row.inode: row for row in found}
        return self._more.get(inode)


@dataclass(slots=True)
class _Look:
    """One look: each process is asked once, however many servers it is of."""

    table: ProcessTable
    rows: list[Row]
    families: dict[tuple[str, int], set[tuple[int, int]]]
    _ours: set[int] = field(init=False)
    _seen: dict[int, list[tuple[Held, int]] | None] = field(default_factory=dict)
    _spaces: dict[str, _Tables] = field(default_factory=dict)
    _unix: dict[int, UnixSocket] | None = None
    _here: str = ""
    _others: dict[str, str] | None = None
    """Of each network namespace that can be named, a process in it."""

    def __post_init__(self) -> None:
        self._ours = self.table.descendants([os.getpid()])
        self._here = _space(os.getpid())
        self._spaces[self._here] = _Tables(proc_net.HERE, {row.inode: row for row in self.rows})

    def at(self, listener: Row) -> Sighting | None:
        """Return what is to be seen of those who serve a listener; None where it is ours, or not there any more."""
        holders = self.table.holders.get(listener.inode, set())
        # One that another user made may be held by others beside those that are seen.
        whole = listener.uid == os.geteuid() or not self.table.closed
        if holders and holders <= self._ours:
            return None
        servers = holders - self._ours - {_INIT}
        if not servers or not whole:
            if not any(row.inode == listener.inode for row in proc_net.tcp()):
                return None
            return self._by_user(listener, started_on_demand=bool(holders) and not servers)
        family = self._family(listener, servers)
        held: list[Held] = []
        for each in sorted(family, key=lambda entry: entry.started):
            own = self._of(each.pid)
            if own is None:
                return self._by_user(listener)
            held += [socket for socket, inode in own if socket.kind != "unix" or not self._within(inode, family)]
        return Sighting(
            address=listener.address,
            port=listener.port,
            uid=listener.uid,
            sight="processes",
            processes=tuple(DaemonProcess(pid=it.pid, name=it.name, serves=it.pid in servers) for it in family),
            held=tuple(_without_made_by_callers(held, self.rows)),
        )

    def _family(self, listener: Row, servers: set[int]) -> list[Entry]:
        """Return the servers and whoever came from them, also those whose parents have ended since."""
        known = self.families.setdefault((listener.address, listener.port), set())
        left = {pid for pid, started in known if (it := self.table.entries.get(pid)) and it.started == started}
        # Who served the port may also have started us: we are watched by others.
        pids = self.table.descendants(servers | left) - self._ours
        family = [self.table.entries[pid] for pid in sorted(pids) if pid in self.table.entries]
        known |= {(each.pid, each.started) for each in family}
        return family

    def _of(self, pid: int) -> list[tuple[Held, int]] | None:
        """Return the sockets of a process with their inodes, None where it may not be looked into."""
        if pid not in self._seen:
            held = self.table.sockets(pid)
            self._seen[pid] = None if held is None else list(self._sockets(pid, held))
        return self._seen[pid]

    def _sockets(self, pid: int, held: dict[int, set[int]]) -> Iterable[tuple[Held, int]]:
        space = _space(pid) or f"that of {pid}"
        tables = self._spaces.setdefault(space, _Tables(Path(f"/proc/{pid}/net"), {}))
        for inode, descriptors in held.items():
            protocol = _protocol(pid, inode, descriptors)
            if protocol is None:  # closed meanwhile
                continue
            name, version = protocol.removesuffix("v6"), 6 if protocol.endswith("v6") else 4
            if name in _REACHES_NOBODY:
                continue
            if name.startswith("UNIX"):
                if not descriptors <= _STANDARD_STREAMS and (led := self._led_by_unix(inode)) is not None:
                    yield Held("unix", led, 0, pid, inode), inode
                continue
            row, is_here = tables.row(inode), space == self._here
            if row is None and name in _STREAMS and (row := self._elsewhere(pid, inode)) is not None:
                is_here = False
            found = _held(name, version, row, pid, inode)
            if found is not None and found.kind == "connect" and not is_here and is_loopback(found.address):
                found = Held("other", f"{name} of another network", 0, pid)
            if found is not None:
                yield found, inode

    def _elsewhere(self, pid: int, inode: int) -> Row | None:
        """Return what stands of a socket in a network namespace that its process is not in, or not any more.

        Whoever carries a port into a container makes one there, by a thread of its own or before it comes back.
        """
        if self._others is None:
            self._others = {_space(each): each for each in map(str, self.table.entries)}
        threads = (holder.removeprefix("/proc/") for holder in _holders(pid))
        for space, each in {**self._others, **{_space(thread): thread for thread in threads}}.items():
            if not space:
                continue
            row = self._spaces.setdefault(space, _Tables(Path(f"/proc/{each}/net"), {})).row(inode)
            if row is not None:
                return row
        return None

    def _led_by_unix(self, inode: int) -> str | None:
        """Return the name of where a Unix socket leads, None where it is connected to nobody or was accepted."""
        if self._unix is None:
            self._unix = unix_sockets()
        own = self._unix.get(inode & 0xFFFFFFFF)
        if own is None:
            return ""  # of another namespace
        peer = self._unix.get(own.peer) if own.peer else None
        name = peer.name if peer else ""
        if own.peer is None or (own.name and not name) or name.startswith(_LOG_SINKS):
            return None
        return name

    def _within(self, inode: int, family: list[Entry]) -> bool:
        """Return whether the other end of a Unix socket is held by the family alone."""
        own = (self._unix or {}).get(inode & 0xFFFFFFFF)
        holders = self.table.holders.get(own.peer, set()) if own is not None and own.peer else set()
        return bool(holders) and holders <= {each.pid for each in family}

    def _by_user(self, listener: Row, *, started_on_demand: bool = False) -> Sighting:
        """Look at all sockets of the user that has the port, where that user is the server's own."""
        if listener.uid in (_ROOT, os.getuid()) or started_on_demand:
            why = unseen(listener.uid, here().rights)
            if started_on_demand:
                why = "the system holds the port and starts a server on demand. Start the server before this"
            return Sighting(address=listener.address, port=listener.port, uid=listener.uid, sight="none", unseen=why)
        return Sighting(
            address=listener.address,
            port=listener.port,
            uid=listener.uid,
            sight="user",
            held=tuple(_without_made_by_callers(list(self._users_sockets(listener.uid)), self.rows)),
        )

    def _users_sockets(self, uid: int) -> Iterable[Held]:
        kinds = (("TCP", proc_net.TCP), ("UDP", proc_net.DATAGRAMS), ("RAW", proc_net.RAW))
        for name, tables in kinds:
            for row in proc_net.rows(tables):
                if row.uid == uid and row.inode and (found := _held(name, 4, row, None, row.inode)) is not None:
                    yield found
        if uid in proc_net.packet_owners():
            yield Held("other", "PACKET", 0, None)


def _held(name: str, version: int, row: Row | None, pid: int | None, inode: int) -> Held | None:
    """Return what a socket of a protocol can do, by its row in the tables; None where it is nothing yet."""
    if name in _STREAMS:
        if row is None:
            return None
        if row.listens:
            return Held("listen", row.address, row.port, pid, inode)
        return Held("connect", row.peer_address, row.peer_port, pid, (row.address, row.port)) if row.connected else None
    if name in _DATAGRAMS or name == "RAW":
        if row is not None and row.connected:
            return Held("connect", row.peer_address, row.peer_port, pid, None)
        address = _EVERY[version] if row is None else row.address
        if name == "RAW":
            return Held("raw", address, 0, pid)
        return Held("datagram", address, 0 if row is None else row.port, pid)
    return Held("other", name or "unknown", 0, pid)


def _without_made_by_callers(held: list[Held], rows: list[Row]) -> Iterable[Held]:
    """Yield the sockets but for connections that came in: those at an address where the server listens.

    One that leads to a listener was made by the server, whatever address it has itself.
    """
    waiting = {(each.address, each.port) for each in held if each.kind == "listen"}
    others = {(row.address, row.port) for row in rows if row.listens}
    for each in held:
        own = each.identity
        if each.kind == "connect" and isinstance(own, tuple):
            came_in = any((address, own[1]) in waiting for address in (own[0], *_EVERY.values()))
            leads = any((address, each.port) in others for address in (each.address, *_EVERY.values()))
            if came_in and not leads:
                continue
        yield each


def _protocol(pid: int, inode: int, descriptors: set[int]) -> str | None:
    """Return what the kernel calls the protocol of a socket, as `TCPv6`; empty where it does not say.

    None: neither the process nor a thread of it holds it any more.
    """
    for holder in _holders(pid):
        for number in descriptors:
            place = f"{holder}/fd/{number}"
            with suppress(OSError):
                said = os.getxattr(place, "system.sockprotoname").rstrip(b"\0").decode("ascii", "replace")
                if leads_to(place, inode):
                    return said
            if leads_to(place, inode):
                return ""
    return None


def _holders(pid: int) -> Iterable[str]:
    """Yield where the descriptors of a process stand, then those of its threads, which rarely have others."""
    yield f"/proc/{pid}"
    with suppress(OSError):
        yield from (f"/proc/{pid}/task/{name}" for name in os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208 - often


def _space(pid: int | str) -> str:
    """Return which network namespace a process, or a thread, is in; empty where that is not told."""
    try:
        return os.readlink(f"/proc/{pid}/ns/net")  # noqa: PTH115 - of every process of a server, ten times a second
    except OSError:
        return ""
