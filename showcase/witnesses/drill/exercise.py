"""One leak under the witnesses: plant it, hear them, compare."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.clock import RunClock
from showcase.documents.resources import SOURCE
from showcase.processes.protocol.events import Leaked, NotLeaked, Spawned
from showcase.processes.protocol.wire import read_event
from showcase.witnesses.interface import Testimony

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import Attempt
    from showcase.witnesses.drill.catalogue import Leak, Result
    from showcase.witnesses.drill.decoys import Decoys
    from showcase.witnesses.drill.plants import Target
    from showcase.witnesses.interface import Witness

ROLE = "leak"
_TIMEOUT_S = 20.0
_ARRIVAL_S = 1.0
"""How long a decoy may take to hear of a leak that a process planted as it ended."""

_LOCAL = frozenset({"unix", "netlink"})
_DECOY_OF = {"udp": "udp", "sendmmsg": "udp", "udp-connect-write": "udp", "ipv6": "tcp6"}
_DECOY_OF |= {"unix-proxy": "unix", "second-port": "second", "inherited": "tcp data"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One leak, planted once.

    Attributes:
        place: Where it led: address and port, or a name; None where the sort of attempt says enough.
        ran: Whether the child came so far as to try.
        obstacle: Why it was not planted, None where it was.
        reached: Whether the decoy heard of it.
        testimonies: What each witness that watched says.
    """

    place: tuple[str, int] | str | None
    ran: bool
    obstacle: str | None
    reached: bool
    testimonies: dict[str, Testimony]

    def result(self, leak: Leak, witness: str) -> Result:
        """Return what a witness made of it."""
        testimony = self.testimonies.get(witness)
        if testimony is None or not self.ran:
            return "unavailable"
        if witness == "seal":
            return self._of_seal(leak, testimony)
        return "caught" if self._told(leak, testimony) else "missed"

    def _of_seal(self, leak: Leak, testimony: Testimony) -> Result:
        """A leak is prevented where the decoy heard nothing and the attempt was written down; both are needed."""
        if not self.reached:
            told = any(self._told(leak, each) for each in self.testimonies.values())
            return "prevented" if told else "missed"
        coverage = testimony.report.coverage
        return "caught" if coverage and not all(each.complete for each in coverage) else "missed"

    def _told(self, leak: Leak, testimony: Testimony) -> bool:
        return any(self._tells(leak, row) for row in testimony.attempts)

    def _tells(self, leak: Leak, row: Attempt) -> bool:
        if row.kind not in leak.kinds or row.role == "orchestrator":
            return False
        if self.place is None:
            return row.family not in _LOCAL
        if isinstance(self.place, str):
            return self.place in {row.name, row.address}
        return (row.address, row.port) == self.place or row.kind == "socket"


def run(leak: Leak, witnesses: Sequence[Witness], decoys: Decoys, target: Target) -> Trial:
    """Plant `leak` in a child under all `witnesses` at once."""
    clock = RunClock()
    decoys.forget()
    command: tuple[str, ...] = (
        sys.executable,
        "-m",
        "showcase.witnesses.drill.child",
        leak.id,
        json.dumps(target._asdict()),
    )
    path = os.pathsep.join(filter(None, (str(SOURCE), os.environ.get("PYTHONPATH"))))
    for witness in witnesses:
        witness.start(clock)
    for witness in witnesses:
        command = witness.wrap(ROLE, command)
    with ExitStack() as stack:
        stdin = stack.enter_context(decoys.connected()).fileno() if leak.id == "inherited" else subprocess.PIPE
        child = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=sys.platform != "win32",
        )
        stack.callback(child.wait)
        stack.callback(child.kill)
        pid, planted = _listen(child, witnesses)
        try:
            child.wait(_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.terminate()
    for witness in witnesses:
        witness.leave(ROLE, pid)
    sealed = any(witness.name == "seal" for witness in witnesses)
    reached = _heard(decoys, leak, patiently=leak.reaches and not sealed)
    return Trial(
        place=planted.place if isinstance(planted, Leaked) else None,
        ran=planted is not None,
        obstacle=None if isinstance(planted, Leaked) else "the child said nothing" if planted is None else planted.why,
        reached=reached,
        testimonies={witness.name: witness.stop() for witness in witnesses},
    )


def _listen(child: subprocess.Popen[bytes], witnesses: Sequence[Witness]) -> tuple[int, Leaked | NotLeaked | None]:
    """Pass the child's events on to the witnesses; return its pid and what it says of the leak."""
    pid = child.pid
    planted: Leaked | NotLeaked | None = None
    assert child.stdout is not None, "it is a pipe"  # noqa: S101 - Popen's contract
    with child.stdout:
        for line in child.stdout:
            event = read_event(line)
            if isinstance(event, Spawned):
                pid = event.pid
                for witness in witnesses:
                    witness.enter(ROLE, pid)
            for witness in witnesses:
                witness.heard(ROLE, pid, event)
            if isinstance(event, Spawned) and child.stdin is not None:
                child.stdin.write(b"go\n")
                child.stdin.close()
            if isinstance(event, (Leaked, NotLeaked)):
                planted = event
    return pid, planted


def _heard(decoys: Decoys, leak: Leak, *, patiently: bool) -> bool:
    """Return whether the leak's decoy had a visitor."""
    decoy = _DECOY_OF.get(leak.id, "tcp")
    until = time.monotonic() + (_ARRIVAL_S if patiently else 0)
    while decoy not in decoys.visits and time.monotonic() < until:
        time.sleep(0.005)
    return decoy in decoys.visits
