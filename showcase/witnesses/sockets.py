"""Witness `sockets`: looks at the sockets of the whole process tree every few milliseconds, from outside.

It needs no help of those it watches and sees native code and children too, but only what lives long enough:
of connections that lived 20 ms, a 50 ms period saw 0 of 60; of 100 ms, 20 of 20.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from showcase.evidence import Coverage, WitnessReport
from showcase.processes.orphans import survivors
from showcase.processes.table import UNTOLD
from showcase.witnesses import unseen
from showcase.witnesses.interface import Testimony
from showcase.witnesses.process_tree import ProcessTree
from showcase.witnesses.sightings import Look, Sightings
from showcase.witnesses.socket_table import look, time_wait_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.clock import RunClock
    from showcase.processes.protocol.events import Event

INTERRUPTION_S = 5.0
"""A pause between two looks that is this long is an interruption. Busy machines pause for a second; every pause
that is longer than three periods is counted, and the longest is said as a limit."""

LINGER_S = 0.0 if sys.platform == "linux" else 2.0
"""How long to go on looking after the last process ended. Linux hands orphans to us, so that none is left unseen."""


@dataclass(slots=True)
class _Watched:
    pid: int
    from_s: float
    until_s: float | None = None
    looks: int = 0
    longest_gap_s: float = 0.0
    last_look_s: float = 0.0
    denied: int = 0


class SocketsWitness:
    """Samples the sockets of this process and of all its descendants."""

    name = "sockets"

    def __init__(self, period_s: float, *, interruption_s: float = INTERRUPTION_S, linger_s: float = LINGER_S) -> None:
        self._period_s = period_s
        self._linger_s = linger_s
        self._interruption_s = interruption_s
        self._root = os.getpid()
        self._tree = ProcessTree()
        self._clock: RunClock | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._roles: dict[int, str] = {self._root: "orchestrator"}
        self._watched: dict[str, _Watched] = {}
        self._sightings = Sightings()
        self._counts = {"samples": 0, "gaps": 0, "access_denied": 0, "failed_samples": 0}
        # Whom we start has our rights, where no supervisor takes them away.
        self._counts["privileged"] = int(hasattr(os, "geteuid") and os.geteuid() == 0)
        self._last_sample_s: float | None = None
        self._started_s = 0.0
        self._started_at = 0.0
        self._lingering_before: int | None = None

    def unavailable(self) -> str | None:
        """Return why the sockets of our own processes cannot be listed here."""
        try:
            psutil.Process().net_connections(kind="inet")
        except (*UNTOLD, NotImplementedError) as error:
            return f"this system does not list the sockets of its own processes: {error}"
        return None

    def start(self, clock: RunClock) -> None:
        """Begin to sample, in a thread."""
        self._clock = clock
        self._started_s = clock.now_s()
        self._started_at = time.time()
        self._lingering_before = time_wait_rows()
        self._thread = threading.Thread(target=self._run, name="sockets witness", daemon=True)
        self._thread.start()

    def wrap(self, role: str, command: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002 - see `Witness`
        """Return the command unchanged: this witness looks from outside."""
        return tuple(command)

    def enter(self, role: str, pid: int) -> None:
        """Take the first sample of a process that waits before its first import."""
        with self._lock:
            now_s = self._now_s()
            # It and its children may have been seen before anybody knew who they are: they are asked about again.
            self._roles = {number: known for number, known in self._roles.items() if known != "child of orchestrator"}
            self._roles[pid] = role
            self._watched[role] = _Watched(pid=pid, from_s=now_s, last_look_s=now_s)
        self._sample()

    def heard(self, role: str, pid: int, event: Event) -> None:
        """Nothing: this witness does not listen to those it watches."""

    def leave(self, role: str, pid: int) -> None:  # noqa: ARG002 - see `Witness`
        """Take the last sample, after the process is gone: its children may live."""
        self._sample()
        with self._lock:
            watched = self._watched.get(role)
            if watched is not None:
                watched.until_s = self._now_s()

    def counts(self) -> dict[str, int]:
        """Return how often it looked so far, and how many different sockets it saw."""
        return {"samples": self._counts["samples"], "sockets": len(self._sightings)}

    def stop(self) -> Testimony:
        """Stop sampling and testify; whatever of the tree still lives has outlived the run."""
        self._stopped.wait(self._linger_s)
        self._sample()
        self._stopped.set()
        alive = True
        if self._thread is not None:
            alive = self._thread.is_alive()
            self._thread.join(timeout=5)
        self._counts["outlived"] = len(survivors(self._started_at))
        blind = [*unseen.texts(unseen.SOCKETS)]
        lingering = time_wait_rows()
        if lingering is not None and self._lingering_before is not None:
            self._counts["time_wait_rows"] = max(0, lingering - self._lingering_before)
            if self._counts["time_wait_rows"]:
                blind.append(unseen.TIME_WAIT.of(rows=self._counts["time_wait_rows"]))
        longest_s = max((watched.longest_gap_s for watched in self._watched.values()), default=0.0)
        if longest_s > 3 * self._period_s:
            blind.append(unseen.LONGEST_PAUSE.of(longest_s=f"{longest_s:.2f}"))
        if not alive:
            blind.append(unseen.SAMPLER_DIED.of())
        with self._lock:
            report = WitnessReport(
                name=self.name,
                active=alive and self._counts["samples"] > 0,
                reason="" if alive else "the sampling thread died",
                started_s=self._started_s,
                ended_s=self._now_s(),
                counts=dict(self._counts),
                coverage=tuple(self._coverage(role, watched) for role, watched in self._watched.items()),
                unseen=tuple(blind),
            )
            return Testimony(report=report, attempts=tuple(self._sightings.attempts(self.name)))

    def _run(self) -> None:
        while not self._stopped.wait(self._period_s):
            self._sample()

    def _sample(self) -> None:
        began_s = self._now_s()
        try:
            rows = look(self._tree.pids())
        except UNTOLD:
            with self._lock:
                self._counts["failed_samples"] += 1
            return
        with self._lock:
            now_s = self._now_s()
            self._counts["samples"] += 1
            if self._last_sample_s is not None and now_s - self._last_sample_s > 3 * self._period_s:
                self._counts["gaps"] += 1
            self._last_sample_s = now_s
            looks = [Look(pid=each.pid, role=self._role_of(each.pid), sockets=each.sockets) for each in rows]
            for known, each in zip(looks, rows, strict=True):
                self._look(known.role, each.pid, began_s, now_s, denied=each.denied)
            self._sightings.add(looks, now_s)

    def _look(self, role: str, pid: int, began_s: float, now_s: float, *, denied: bool) -> None:
        watched = self._watched.get(role)
        if watched is None or watched.pid != pid or watched.until_s is not None:
            return
        if began_s < watched.from_s:
            return  # a look that began before the process was known says nothing of it
        watched.longest_gap_s = max(watched.longest_gap_s, now_s - watched.last_look_s)
        watched.last_look_s = now_s
        if denied:
            watched.denied += 1
            self._counts["access_denied"] += 1
        else:
            watched.looks += 1

    def _role_of(self, pid: int) -> str:
        role = self._roles.get(pid)
        if role is None:
            try:
                parents = [parent.pid for parent in psutil.Process(pid).parents()]
            except UNTOLD:
                parents = []
            near = next((self._roles[each] for each in parents if each in self._roles), "orchestrator")
            role = near if near.startswith("child of ") else f"child of {near}"
            self._roles[pid] = role
        return role

    def _coverage(self, role: str, watched: _Watched) -> Coverage:
        notes = []
        if watched.denied and role.startswith("supervisor of "):
            notes.append("it closes itself to others of its user, so that those it watches cannot take hold of it")
        elif watched.looks == 0:
            notes.append("never seen")
        elif watched.denied:
            notes.append(f"access was denied {watched.denied} times")
        if watched.longest_gap_s > self._interruption_s:
            notes.append(f"not looked at for {watched.longest_gap_s:.2f} s")
        if watched.until_s is None:
            notes.append("its end was not seen")
        return Coverage(
            role=role,
            from_s=watched.from_s,
            until_s=watched.until_s,
            complete=not notes,
            note="; ".join(notes),
        )

    def _now_s(self) -> float:
        return self._clock.now_s() if self._clock else 0.0
