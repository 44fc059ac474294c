"""What was seen from beside of servers of other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import PORTS, in_order, is_amount, is_count, is_pid, several_phases, told, twice
from showcase.claims.coverage import ENGINE_ROLE
from showcase.claims.store_server import is_at
from showcase.evidence import says_embedded
from showcase.evidence.addresses import numeric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Daemon, DaemonSocket, Endpoint, Run, Sight

ROUNDING_S = 1e-5
"""Moments and pauses are rounded to the microsecond, each by itself."""

AFTER_S = 60.0
"""How long after a run took its own length the last look at a server of another program may begin: the look before it
has to end first, on a busy machine."""

_MOST_UID = (1 << 32) - 1


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    for daemons in (run.daemons, *(phase.daemons for phase in run.phases)):
        if twice(daemon.endpoint for daemon in daemons) is not None:
            yield "the log holds a server twice"
        for daemon in daemons:
            for what in (
                *_kind(daemon, run),
                *_said(daemon, run),
                *_allowed(daemon, run),
                *_seen(daemon, run),
                *_times(daemon, run),
            ):
                yield f"the server at {daemon.endpoint}: {what}"


def _kind(daemon: Daemon, run: Run) -> Iterator[str]:
    embeds = daemon.sight == "witnesses" and run.engine is not None and run.engine.kind == "embedded"
    if embeds and daemon.ollama is not None and not says_embedded(daemon.ollama):
        yield f"the run started its embedded engine, and what answered says that it is {daemon.ollama!r}"


def _said(daemon: Daemon, run: Run) -> Iterator[str]:
    if not _is_place(daemon.endpoint):
        yield "it is at no port of a machine"
    if daemon.uid is not None and not 0 <= daemon.uid <= _MOST_UID:
        yield f"it runs as user {daemon.uid}, which there is not"
    if daemon.ollama == "" or (daemon.ollama is None and daemon.cloud_disabled is not None):
        yield "it is no Ollama, and said how its cloud part is set"
    if not is_count(daemon.looks, run):
        yield f"it was looked at {daemon.looks} times"
    if daemon.uid is None and daemon.sight != "none" and run.platform.system != "Windows":
        yield "it was seen, and not whose it is"
    if daemon.sight == "witnesses":
        if daemon.looks or daemon.sockets or daemon.longest_gap_s != 0.0:
            yield "it was a process of the run, and somebody looked at it from beside"
        return
    if daemon.sight == "none" and not daemon.unseen:
        yield "it could not be seen, and why not is not said"
    if daemon.sight != "none" and daemon.unseen:
        yield from _unsaid(daemon, run)


def _unsaid(daemon: Daemon, run: Run) -> Iterator[str]:
    if is_at(daemon.endpoint, run.store):
        yield "nobody asked the store's server what it is, and it did not answer in time"
    elif daemon.ollama is not None:
        yield "it said what it is, and it did not say so in time: the log says both"


def _allowed(daemon: Daemon, run: Run) -> Iterator[str]:
    """Hold a server of an audit against what was allowed and contacted; that of a run is its engine."""
    if run.command is None:
        return
    port = daemon.endpoint.port
    if daemon.sight == "witnesses":
        yield "it was a process of an audit, which starts none"
    if not any(rule.port in (None, port) for rule in run.policy.rules):
        yield "no rule allows its port"
    if not any(row.port == port for row in run.connections):
        yield "it was looked at, and nobody contacted it"


def _seen(daemon: Daemon, run: Run) -> Iterator[str]:
    pids = [process.pid for process in daemon.processes]
    if not all(map(is_pid, pids)) or pids != sorted(set(pids)):
        yield "its processes are not in their order, each once"
    if daemon.sight == "witnesses":
        yield from (_of_a_phase if several_phases(run) else _of_this_run)(daemon, run)
    if daemon.sight not in ("processes", "user"):
        return
    if not any(each.kind == "listen" and each.port == daemon.endpoint.port for each in daemon.sockets):
        yield "it was seen, and nobody was seen to listen at its port"
    if daemon.sight == "user" and (pids or run.platform.system != "Linux"):
        yield "its user alone was seen, which Linux alone shows, and its processes are named"
    if daemon.sight == "processes" and not any(process.serves for process in daemon.processes):
        yield "its processes were seen, and none of them serves"
    if twice(daemon.sockets) is not None:
        yield "one of its sockets is there twice"
    for each in daemon.sockets:
        yield from _socket(each, daemon.sight, pids)


def _of_this_run(daemon: Daemon, run: Run) -> Iterator[str]:
    """Hold a server that the run started against the table: its processes are those that did something there."""
    own = [row for row in run.connections if row.role.removeprefix("child of ") == ENGINE_ROLE and row.pid is not None]
    serving = {row.pid for row in own if row.kind == "listen" and row.port == daemon.endpoint.port}
    if {process.pid: process.serves for process in daemon.processes} != {row.pid: row.pid in serving for row in own}:
        yield "its processes are others than those that the witnesses saw, or serve otherwise"
    engine = run.engine
    if engine is None or engine.kind == "rehearsal" or (daemon.cloud_disabled and not engine.cloud_disabled):
        yield "it was the model server of the run, and the log says otherwise of its kind or its cloud part"
    elif daemon.ollama not in (None, engine.version):
        yield f"it was the model server of the run: it says {daemon.ollama!r}, and the other says {engine.version!r}"


def _of_a_phase(daemon: Daemon, run: Run) -> Iterator[str]:
    """Hold one of several against the table, which is of all phases: no other process is named, and who serves is."""
    own = [row for row in run.connections if row.role.removeprefix("child of ") == ENGINE_ROLE and row.pid is not None]
    serving = {row.pid for row in own if row.kind == "listen" and row.port == daemon.endpoint.port}
    serves = {process.pid for process in daemon.processes if process.serves}
    named = {process.pid for process in daemon.processes}
    if not named <= {row.pid for row in own} or not serves <= serving or bool(serves) is not bool(serving):
        yield "its processes are others than those that the witnesses saw, or serve otherwise"


def _socket(each: DaemonSocket, sight: Sight, pids: list[int]) -> Iterator[str]:
    if (each.pid is None) is not (sight == "user") or (each.pid is not None and each.pid not in pids):
        yield f"a socket at port {each.port} is of process {told(each.pid)}, which was not seen"
    place = each.kind in ("listen", "connect", "datagram", "raw")
    if place and (numeric(each.address) is None or each.port not in PORTS):
        yield f"a socket is at {each.address!r}, port {each.port}"
    if (each.kind in ("raw", "unix", "other") and each.port) or (each.kind == "other" and not each.address):
        yield f"a socket of the kind {each.kind} is at {each.address!r}, port {each.port}"


def _times(daemon: Daemon, run: Run) -> Iterator[str]:
    over_s = run.duration_s + AFTER_S
    if not in_order(0.0, daemon.from_s, daemon.until_s, over_s):
        yield f"it was looked at from {told(daemon.from_s)} s to {told(daemon.until_s)} s"
    if daemon.sight == "witnesses":
        return
    for each in daemon.sockets:
        if not in_order(daemon.from_s, each.first_seen_s, each.last_seen_s, over_s):
            span = f"from {told(each.first_seen_s)} s to {told(each.last_seen_s)} s"
            yield f"a socket was seen {span}, and nobody looked then"
    # The first look may begin before it is over and the server is known.
    if not is_amount(daemon.longest_gap_s, daemon.until_s + ROUNDING_S):
        yield f"it was not looked at for {told(daemon.longest_gap_s)} s, and until {told(daemon.until_s)} s at all"
    if daemon.looks > 1 and not daemon.longest_gap_s:
        yield f"it was looked at {daemon.looks} times, and never not"
    first_s = min((each.first_seen_s for each in daemon.sockets), default=daemon.from_s)
    # Who was seen at all was seen by the first look.
    if daemon.sight in ("processes", "user") and first_s - daemon.from_s > daemon.longest_gap_s + ROUNDING_S:
        yield "it was looked at before anybody saw it"


def _is_place(endpoint: Endpoint) -> bool:
    return numeric(endpoint.address) is not None and 0 < endpoint.port < len(PORTS)
