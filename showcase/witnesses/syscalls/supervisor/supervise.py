"""The supervisor: a process that runs one command under the filter and writes down what it tries.

Its exit status is the command's. It keeps no descriptor of the command's open, ends when no process of the
command's tree is left, and says in its last line how it ended: without that line it was killed.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import stat
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import kernel
from showcase.witnesses.syscalls.calls.address import from_peer
from showcase.witnesses.syscalls.calls.call import Post, transport
from showcase.witnesses.syscalls.filter.launch import Refused, launch
from showcase.witnesses.syscalls.filter.listener import Closed, Listener
from showcase.witnesses.syscalls.record.records import Records
from showcase.witnesses.syscalls.rules import privileges
from showcase.witnesses.syscalls.rules.peers import Peers
from showcase.witnesses.syscalls.rules.routes import Routes
from showcase.witnesses.syscalls.supervisor.dispatch import Dispatcher
from showcase.witnesses.syscalls.supervisor.fence import Fence
from showcase.witnesses.syscalls.supervisor.order import Order, parse
from showcase.witnesses.syscalls.supervisor.running import Start
from showcase.witnesses.syscalls.supervisor.stopping import Stops
from showcase.witnesses.syscalls.supervisor.tree import Tree, become_reaper, end_like

if TYPE_CHECKING:
    from showcase.witnesses.seal.station import Station

REFUSED = 125
"""Exit status where the command was not run because it could not have been watched."""

OUTLIVED_S = 1.0
"""From when on a process counts as one that outlived the command; helpers of a runtime end sooner."""

TERM_GRACE_S = 5.0
"""Time that a command gets to end when its time is up, before it is killed."""

_TICK_MS = 50
_TICK_WAITING_MS = 20
"""Likewise while a call waits: nobody tells us of a signal to its caller, or that a Unix socket has room again."""


def main(arguments: list[str]) -> None:
    """Run one command and end as it ended."""
    order = parse(arguments)
    records = Records(order.records)
    records.write("supervisor", pid=os.getpid())
    _report_inherited_sockets(records)
    become_reaper()
    try:
        station = None if order.ports is None else _station(order, records)
        own_session = order.front is None
        if station is None:
            fence = Fence()
            launched = launch(
                order.command,
                own_session=own_session,
                in_child=lambda: _unsealed(order, fence),
                in_parent=fence.in_parent,
            )
            fenced = fence.holds
        else:
            launched = launch(
                order.command,
                own_session=own_session,
                sealed=True,
                in_child=station.in_child,
                in_parent=station.in_parent,
            )
            fenced = True  # or the seal says that it is not whole
    except Refused as refused:
        records.write("refused", stage=refused.stage, errno=refused.error)
        records.close()
        sys.stderr.write(f"this command cannot be watched: {refused}\n")
        sys.exit(REFUSED)
    if order.front is not None:
        # Ctrl-Z must stop the command and not us: processes in the background still ask.
        os.setsid()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGTERM)
    _let_go_of_standard_streams()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)  # closes our memory and descriptors to the one who is watched
    start = Start(launched.pid, launched.outcome, records)
    tree = Tree(launched.pid, before_end=start.settle)
    tree.forward_signals()
    stops = Stops(tree, order.front, records)
    listener = Listener(launched.listener)
    peers = Peers(launched.pid, None if station is None else station.diagnosis)
    post = Post(listener, records, station, peers, Routes(), {}, order.unix, fenced and station is None)
    watch = _Watch(listener, Dispatcher(post), tree, records, start=start, stops=stops)
    records.write("launched", pid=launched.pid, rights=privileges.at_exec(launched.pid), fenced=fenced)
    if privileges.of_its_file(order.command[0]):
        records.write("call", call="refused", pid=launched.pid, name="the privilege of its file")
    if station is not None:
        station.serve()
    launched.release()
    try:
        watch.until_the_end(order.linger_s, order.limit_s)
    except Exception as error:
        records.write("failed", why=f"{type(error).__name__}: {error}")  # stderr is no longer ours
        raise
    if station is not None:
        station.finish()
    records.close(counts=watch.dispatcher.counts, closed_early=watch.closed_early)
    end_like(tree.status or 0)


def _unsealed(order: Order, fence: Fence) -> None:
    """Prepare a command that gets no seal. Whose rights lower the level anyway may use them: a fence forbids mounts."""
    if order.without_rights:
        privileges.give_up()
    fence.in_child(wanted=not privileges.at_exec(os.getpid()))


def _station(order: Order, records: Records) -> Station:
    from showcase.witnesses.seal.station import Station  # noqa: PLC0415 - no seal, no cost

    try:
        return Station(
            order.ports or [],
            records,
            entrance=order.entrance,
            with_sink=order.with_sink,
            authority=order.authority,
            unix=order.unix,
        )
    except OSError as error:
        raise Refused(f"port {order.entrance} cannot be had", error.errno or errno.EADDRINUSE) from error


class _Watch:
    """The loop: questions and ends of processes, until nobody is left."""

    def __init__(
        self, listener: Listener, dispatcher: Dispatcher, tree: Tree, records: Records, *, start: Start, stops: Stops
    ) -> None:
        self.dispatcher = dispatcher
        self.closed_early = False
        """Whether processes lived on that nobody watched."""
        self._closed: float | None = None
        self._ended: float | None = None
        self._named = False
        self._began = time.monotonic()
        self._out_of_time: float | None = None
        self._looked = 0.0
        self._listener = listener
        self._tree = tree
        self._records = records
        self._start = start
        self._stops = stops
        self._poll = select.poll()
        self._poll.register(listener.descriptor, select.POLLIN)
        wake_end, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        self._poll.register(wake_end, select.POLLIN)
        self._wake = wake_end

    def until_the_end(self, linger_s: float, limit_s: float | None) -> None:
        """Answer until the tree is gone.

        The command is ended `limit_s` after its start; what is left of its tree `linger_s` after its own end, or at
        that time too where it comes before.
        """
        self._tree.reap()
        while not self._tree.gone:
            self._answer()
            self._start.settle()
            self._stops.look()
            if self._closed is not None and time.monotonic() - self._closed >= OUTLIVED_S:
                self.closed_early = True
            if self._tree.status is not None:
                left_s = linger_s if limit_s is None else self._left_s(linger_s, limit_s)
                self._after_the_command(0 if self._stops.abandoned else left_s)
            elif self._stops.abandoned or (limit_s is not None and time.monotonic() - self._began >= limit_s):
                self._hurry()
        self._note_end()
        self._stops.release()

    def _left_s(self, linger_s: float, limit_s: float) -> float:
        """Return how long after its end what a command left behind may live."""
        return min(linger_s, max(OUTLIVED_S, limit_s - (self._note_end() - self._began)))

    def _after_the_command(self, linger_s: float) -> None:
        """Name who outlives the command, and end them when their time is up."""
        since_s = time.monotonic() - self._note_end()
        if not self._named and since_s >= min(OUTLIVED_S, linger_s):
            self._named = True
            for pid, ppid, executable in self._tree.living():
                self._records.write("outlived", pid=pid, ppid=ppid, exe=executable)
        if since_s >= linger_s:
            for pid, _ppid, executable in self._tree.living():
                self._records.write("ended", pid=pid, exe=executable)
            self._tree.end(self._answer)

    def _hurry(self) -> None:
        """End a command whose time is up: politely, and then not."""
        if self._out_of_time is None:
            self._out_of_time = time.monotonic()
            self._records.write("out of time")
            self._tree.send(signal.SIGTERM)
            self._tree.send(signal.SIGCONT)  # a stopped process takes no other signal
            self._stops.release()
        elif time.monotonic() - self._out_of_time >= TERM_GRACE_S:
            self._tree.end(self._answer)

    def _note_end(self) -> float:
        """Write down the command's end, once; return when that was."""
        if self._ended is None:
            self._ended = time.monotonic()
            self._records.write("exited", status=self._tree.status)
        return self._ended

    def _answer(self) -> None:
        waiting = self.dispatcher.waiting
        told = []
        for descriptor, event in self._poll.poll(_TICK_WAITING_MS if waiting else _TICK_MS):
            if descriptor in waiting:
                told.append(descriptor)
            elif descriptor == self._wake:
                os.read(descriptor, 4096)
                self._tree.reap()
            elif event & select.POLLIN:
                self._one()
            else:
                self._close()
        if waiting and (time.monotonic() - self._looked) * 1000 >= _TICK_WAITING_MS:
            self._looked = time.monotonic()
            told = list(waiting)
        for descriptor in told:
            if self.dispatcher.go_on(descriptor):
                with suppress(KeyError):  # of those that the kernel does not tell of
                    self._poll.unregister(descriptor)
        if self._tree.status is not None:
            self._tree.reap()

    def _one(self) -> None:
        try:
            question = self._listener.receive()
        except Closed:
            self._close()
            return
        waits = None if question is None else self.dispatcher.answer(question)
        if waits is not None and waits.tells:
            self._poll.register(waits.descriptor, select.POLLOUT)

    def _close(self) -> None:
        """Nobody can ask any more: the last process is about to end, or something took the listener away."""
        self._poll.unregister(self._listener.descriptor)
        self._closed = time.monotonic()


def _report_inherited_sockets(records: Records) -> None:
    for descriptor in range(3):
        try:
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
            with socket.socket(fileno=os.dup(descriptor)) as subject:
                try:
                    peer = from_peer(subject.getpeername())
                except OSError:
                    peer = from_peer(subject.getsockname())
                fields = {key: value for key, value in peer._asdict().items() if value is not None}
                records.write("call", call="inherited", descriptor=descriptor, transport=transport(subject), **fields)
        except OSError:
            continue  # closed


def _let_go_of_standard_streams() -> None:
    """Whoever reads the command's output must see its end when the command ends, not when we do."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
