"""Watches the server behind a loopback port from beside it: which processes serve it, and whom they are connected to.

It is no process of ours: it runs before us and after us, often as another user. What can be seen of it is its sockets,
looked at every few milliseconds; of another user's, on Linux, those of the user as a whole.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import psutil

from showcase import proc_net
from showcase.errors import EngineError
from showcase.evidence import Daemon, DaemonProcess, DaemonSocket, Endpoint
from showcase.processes import descendants
from showcase.witnesses.panel import ENGINE_ROLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.clock import RunClock
    from showcase.evidence import Attempt, Sight

PERIOD_S = 0.1
ANSWER_S = 1.0
"""Time that a server has to say that it speaks HTTP."""

_ROOT = 0


class DaemonWatch:
    """Looks from `start` to `stop`.

    Args:
        endpoint: Where the server listens; loopback.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._version: str | None = None
        self._cloud_disabled: bool | None = None
        self._clock: RunClock | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._processes: dict[int, DaemonProcess] = {}
        self._sockets: dict[tuple[str, str, int, int | None], DaemonSocket] = {}
        self._uid: int | None = None
        self._sight: Sight = "none"
        self._looks = 0
        self._from_s = 0.0
        self._last_s = 0.0
        self._longest_gap_s = 0.0

    def start(self, clock: RunClock) -> None:
        """Ask the server what it is, take a first look, and go on looking in a thread."""
        self._version, self._cloud_disabled = ask(self.endpoint)
        self._clock = clock
        self._from_s = self._last_s = clock.now_s()
        self._look()
        self._thread = threading.Thread(target=self._run, name="daemon watch", daemon=True)
        self._thread.start()

    def stop(self) -> Daemon:
        """Take a last look, ask the server again, and return what was seen."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self._look()
        # What spoke no HTTP at the start is not waited for again.
        version, cloud_disabled = ask(self.endpoint) if self._version is not None else (None, None)
        if self._cloud_disabled is not True:
            cloud_disabled = self._cloud_disabled  # it was on for a while, or nobody knows
        return Daemon(
            endpoint=self.endpoint,
            ollama=version or self._version,
            cloud_disabled=cloud_disabled,
            sight=self._sight,
            uid=self._uid,
            processes=tuple(self._processes[pid] for pid in sorted(self._processes)),
            sockets=tuple(self._sockets.values()),
            looks=self._looks,
            longest_gap_s=round(self._longest_gap_s, 6),
            from_s=self._from_s,
            until_s=self._last_s,
            unseen="" if self._sight != "none" else self._why_unseen(),
        )

    def _run(self) -> None:
        while not self._stopped.wait(PERIOD_S):
            self._look()

    def _look(self) -> None:
        began_s = self._clock.now_s() if self._clock else 0.0
        servers = self._servers()
        sight = self._look_at_processes(servers, began_s) if servers else self._look_at_user(began_s)
        if self._looks and sight != self._sight:
            # Seen in two ways, it was not seen in one of them all the time: say the lesser.
            sight = min(sight, self._sight, key=["none", "user", "processes"].index)
        self._sight = sight
        if sight != "none":
            self._looks += 1
            self._longest_gap_s = max(self._longest_gap_s, began_s - self._last_s)
            self._last_s = began_s

    def _servers(self) -> list[psutil.Process]:
        """Return the processes that listen on the port, those that may be seen."""
        try:
            rows = psutil.net_connections(kind="tcp")
        except (psutil.Error, OSError):
            rows = []
        pids = {row.pid for row in rows if _listens(row, self.endpoint.port)}
        return [process for process in psutil.process_iter(["pid"]) if process.pid in pids]

    def _look_at_processes(self, servers: list[psutil.Process], now_s: float) -> Sight:
        ours = {os.getpid(), *(process.pid for process in descendants(os.getpid()))}
        for server in servers:
            try:
                # Who served the port may also have started us: we are watched by others.
                family = [each for each in (server, *server.children(recursive=True)) if each.pid not in ours]
                self._uid = server.uids().real if sys.platform != "win32" else None
            except psutil.Error:
                return "none"
            for process in family:
                try:
                    rows = process.net_connections(kind="inet")
                    name = process.name()
                except psutil.NoSuchProcess:
                    continue
                except psutil.Error:
                    return "none"
                self._processes.setdefault(
                    process.pid, DaemonProcess(pid=process.pid, name=name, serves=process.pid == server.pid)
                )
                self._note(rows, process.pid, now_s)
        return "processes"

    def _look_at_user(self, now_s: float) -> Sight:
        """Look at all sockets of the user that has the port, where that user is the server's own."""
        rows = proc_net.tcp()
        owners = {row.uid for row in rows if row.listens and row.port == self.endpoint.port}
        if len(owners) != 1:
            return "none"
        self._uid = owners.pop()
        if self._uid in (_ROOT, os.getuid()):
            return "none"
        own = [row for row in rows if row.uid == self._uid]
        waiting = {row.port for row in own if row.listens}
        for row in own:
            if row.listens and row.port == self.endpoint.port:
                self._add("listen", row.address, row.port, None, now_s)
            elif row.connected and row.port not in waiting:
                self._add("connect", row.peer_address, row.peer_port, None, now_s)
        return "user"

    def _note(self, rows: list[Any], pid: int, now_s: float) -> None:
        waiting = {row.laddr.port for row in rows if row.status == psutil.CONN_LISTEN}
        for row in rows:
            if row.status == psutil.CONN_LISTEN:
                self._add("listen", row.laddr.ip, row.laddr.port, pid, now_s)
            elif row.raddr and row.laddr.port not in waiting:
                self._add("connect", row.raddr.ip, row.raddr.port, pid, now_s)

    def _add(self, kind: Any, address: str, port: int, pid: int | None, now_s: float) -> None:  # noqa: ANN401 - a Literal
        before = self._sockets.get((kind, address, port, pid))
        self._sockets[kind, address, port, pid] = DaemonSocket(
            kind=kind,
            address=address,
            port=port,
            pid=pid,
            first_seen_s=now_s if before is None else before.first_seen_s,
            last_seen_s=now_s,
        )

    def _why_unseen(self) -> str:
        owner = "" if self._uid is None else f" It runs as user id {self._uid}."
        if sys.platform == "win32":
            return f"this system does not show another user's sockets.{owner} Run this from an administrator's shell"
        return f"this system shows them to their owner and to root.{owner} Run this with sudo"


def of_this_run(
    endpoint: Endpoint,
    *,
    version: str,
    cloud_disabled: bool | None,
    connections: Sequence[Attempt],
    from_s: float,
    until_s: float,
    unseen: str,
) -> Daemon:
    """Return the facts of a server that the run started: nobody had to look from beside it.

    Its processes ran under the run's witnesses. What they did is in the table of connections, and only there.
    """
    own = [row for row in connections if row.role.removeprefix("child of ") == ENGINE_ROLE and row.pid is not None]
    serving = {row.pid for row in own if row.kind == "listen" and row.port == endpoint.port}
    names = {row.pid: row.process or "?" for row in own if row.pid is not None}
    return Daemon(
        endpoint=endpoint,
        ollama=version,
        cloud_disabled=cloud_disabled,
        sight="witnesses",
        uid=None if sys.platform == "win32" else os.getuid(),
        processes=tuple(
            DaemonProcess(pid=pid, name=name, serves=pid in serving) for pid, name in sorted(names.items())
        ),
        sockets=(),
        looks=0,
        longest_gap_s=0.0,
        from_s=from_s,
        until_s=until_s,
        unseen=unseen,
    )


def ask(endpoint: Endpoint) -> tuple[str | None, bool | None]:
    """Return the server's version and whether its cloud part is off, each None where it does not say."""
    if not _speaks_http(endpoint):
        return None, None
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy, and only where a server is there

    gate = OllamaGate(endpoint)
    try:
        return gate.version(), gate.cloud_disabled()
    except EngineError:
        return None, None
    finally:
        gate.close()


def _speaks_http(endpoint: Endpoint) -> bool:
    """Return whether a server answers as one of HTTP does, at once; any other is not asked further."""
    try:
        with socket.create_connection((endpoint.address, endpoint.port), timeout=ANSWER_S) as connection:
            connection.sendall(b"GET /api/version HTTP/1.0\r\n\r\n")
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False


def _listens(row: Any, port: int) -> bool:  # noqa: ANN401 - psutil ships no types
    return bool(row.status == psutil.CONN_LISTEN and row.laddr and row.laddr.port == port)
