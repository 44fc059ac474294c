"""The ground on which a drill is held: a namespace with nothing but loopback, so that nothing real is contacted.

`python -m showcase.witnesses.drill.ground ORDER` runs there and prints the matrix as JSON. Where no namespace can be
made it runs on the machine's loopback, without the leaks that would contact somebody else (a name lookup).
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from showcase.documents.leftovers import temporary
from showcase.witnesses.drill.catalogue import LEAKS, Leak, Result
from showcase.witnesses.drill.decoys import Decoys
from showcase.witnesses.drill.exercise import run
from showcase.witnesses.drill.plants import Target
from showcase.witnesses.registry import NOT_HERE, can_look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.witnesses.interface import Witness

FOREIGN = "192.0.2.10"
"""An address of nobody (RFC 5737), which on this ground belongs to us."""

_NEEDS_GROUND = frozenset({"dns-lookup", "raw-socket"})
_SAMPLE_PERIOD_S = 0.05
_ROOT = 0


def enclose() -> bool:
    """Move this process, while it has one thread, to a ground of its own; return whether that worked."""
    if sys.platform != "linux":
        return False
    from showcase.witnesses.seal import names, namespace  # noqa: PLC0415 - modules of Linux
    from showcase.witnesses.syscalls import kernel  # noqa: PLC0415 - likewise

    try:
        namespace.enter()
    except OSError:
        return False
    import socket  # noqa: PLC0415 - with the rest of Linux

    def unheard(*_: str) -> None:
        """Drop what is asked on this ground: it is for the witnesses to hear."""

    servers = []
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):  # no IPv6
            servers.append(names.datagram_socket(family))
    # Supervisors open what they write to by way of this process, and it looks at its children: neither may have rights
    # that the other lacks. A child of root gets them anew with its program, any other has none.
    if os.geteuid() != _ROOT:
        namespace.give_up_capabilities()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    for server in servers:
        serve = partial(names.serve_datagrams, server, unheard)
        threading.Thread(target=serve, name="names", daemon=True).start()
    return True


def _sockets() -> Witness:
    from showcase.witnesses.sockets import SocketsWitness  # noqa: PLC0415 - imports psutil

    return SocketsWitness(_SAMPLE_PERIOD_S)


def _hook() -> Witness:
    from showcase.witnesses.hook import HookWitness  # noqa: PLC0415 - with the others

    return HookWitness()


def _syscalls() -> Witness:
    from showcase.witnesses.syscalls.witness import SyscallsWitness  # noqa: PLC0415 - with the others

    return SyscallsWitness("--linger", "3")


def _sealed() -> tuple[Witness, Witness]:
    from showcase.witnesses.seal.witness import SealWitness  # noqa: PLC0415 - with the others
    from showcase.witnesses.syscalls.witness import SyscallsWitness  # noqa: PLC0415 - with the others

    syscalls = SyscallsWitness("--linger", "3")
    return syscalls, SealWitness(syscalls)


OPEN: dict[str, Callable[[], Witness]] = {"sockets": _sockets, "hook": _hook, "syscalls": _syscalls}
"""Witnesses that let the leak happen; they watch one and the same child."""


def hold(leaks: Sequence[str], witnesses: Sequence[str], *, enclosed: bool) -> dict[str, Any]:
    """Hold the drill.

    Returns:
        `enclosed`, `unavailable` (reason by witness), and `leaks`: id, results by witness, obstacle, broken.
    """
    unavailable: dict[str, str] = {}
    present = []
    for name in witnesses:
        reason = _why_not(name)
        if reason is None:
            present.append(name)
        else:
            unavailable[name] = reason
    with temporary("showcase-drill-") as directory:
        decoys = Decoys(directory, everywhere=enclosed)
        target = Target(FOREIGN if enclosed else "127.0.0.1", decoys.ports, getattr(decoys, "path", ""))
        try:
            rows = [
                _row(leak, present, witnesses, decoys, target, enclosed=enclosed) for leak in LEAKS if leak.id in leaks
            ]
        finally:
            decoys.close()
    return {"enclosed": enclosed, "unavailable": unavailable, "leaks": rows}


def _why_not(name: str) -> str | None:
    """Return why a witness cannot look here, None where it can."""
    if name not in can_look(sys.platform):  # their modules cannot even be imported
        return NOT_HERE
    return (_sealed()[1] if name == "seal" else OPEN[name]()).unavailable()


def _row(
    leak: Leak, present: list[str], asked: Sequence[str], decoys: Decoys, target: Target, *, enclosed: bool
) -> dict[str, Any]:
    results: dict[str, Result] = dict.fromkeys(asked, "unavailable")
    row: dict[str, Any] = {"id": leak.id, "results": results, "obstacle": None, "broken": False}
    if leak.id in _NEEDS_GROUND and not enclosed:
        return {**row, "obstacle": "it would contact somebody else: no namespace can be made here"}
    watchers = [OPEN[name]() for name in present if name in OPEN]
    if watchers:
        trial = run(leak, watchers, decoys, target)
        row["obstacle"] = trial.obstacle
        # A leak that should have reached its decoy and did not: somebody who watches broke it.
        row["broken"] = not trial.ran or (trial.obstacle is None and leak.reaches and not trial.reached)
        if row["obstacle"] is None and not row["broken"]:
            results.update({name: trial.result(leak, name) for name in trial.testimonies})
    if "seal" in present and row["obstacle"] is None and not row["broken"]:
        trial = run(leak, _sealed(), decoys, target)
        results["seal"] = trial.result(leak, "seal")
    return row


def main() -> None:
    """Hold the drill that the argument orders (JSON: `leaks`, `witnesses`)."""
    order = json.loads(sys.argv[1])
    enclosed = enclose()
    matrix = hold(order["leaks"], order["witnesses"], enclosed=enclosed)
    sys.stdout.write(json.dumps(matrix) + "\n")


if __name__ == "__main__":
    main()
