"""What the log says of a model server that the run itself started, under its own witnesses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims import limits
from showcase.claims.policy import STREAMS, Kind, dispositions
from showcase.claims.reading import listing
from showcase.claims.store_server import is_at
from showcase.claims.table import incomplete
from showcase.claims.witnessing import ENGINE_ROLE, strength
from showcase.evidence import LEVELS, Level
from showcase.evidence.addresses import numeric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import Attempt, Daemon, Endpoint, Run

_UNSAID = "nothing is written of its process"
_DID = {"lookup": "looked up", "connect": "tried to connect to", "send": "sent to"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDaemon:
    """What follows.

    Attributes:
        violation: What it did that it should not, a phrase; None where nothing of the kind was seen.
        seen_as: Level of what shows the violation.
        gap: Why nothing can be concluded, None where all was seen.
        level: How strong silence is, None where nobody watched.
        watched_by: Names of the witnesses that watched it.
        rows: Numbers of the connections that are about it.
        limits: Sentences.
    """

    violation: str | None
    seen_as: Level
    gap: str | None
    level: Level | None
    watched_by: tuple[str, ...]
    rows: tuple[int, ...]
    limits: tuple[str, ...]


def look(run: Run, daemon: Daemon) -> OwnDaemon:
    """Return what the witnesses' table says of the server's processes, and what those who watched it are worth."""
    pids = {process.pid for process in daemon.processes}
    judged = [
        (number, row, how.kind)
        for number, (row, how) in enumerate(zip(run.connections, dispositions(run), strict=True))
        if is_of_engine(row) or row.pid in pids
    ]
    rows = [(row, kind) for _, row, kind in judged]
    carried = strength(run)
    watchers = carried.engine_watched_by
    outside = [row for row, kind in rows if kind in ("finding", "exposed")]
    said = [_walls(run, watchers), limits.OWN_CALLERS.text, limits.OWN_FILES.text]
    if carried.engine_level == "sampled":
        said.append(limits.OWN_SAMPLED.text)
    if len(run.phases) > 1:
        said.append(limits.PHASES.of())
    numbers = [number for number, _, kind in judged if not outside or kind in ("finding", "exposed")]
    return OwnDaemon(
        violation=_violation(rows),
        seen_as="sampled" if outside and all(row.witnesses == ("sockets",) for row in outside) else "recorded",
        gap=_gap(run, daemon, rows),
        level=carried.engine_level,
        watched_by=watchers,
        rows=tuple(numbers),
        limits=(*said, *carried.refused),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """How strong it is that an engine of this program's own answered itself and told nobody.

    Attributes:
        level: That of those who watched it; `self-reported` where its silence is worth nothing.
        why: Why it is worth nothing, empty where it is worth something.
        violation: What it did that it should not, a phrase; None where nothing of the kind was seen.
        limits: Sentences.
    """

    level: Level
    why: str = ""
    violation: str | None = None
    limits: tuple[str, ...] = ()


def silence(run: Run) -> Silence:
    """Return what follows for the engine of a run, over all phases: the least that follows for one of them."""
    of_phases = [phase.daemons for phase in run.phases] if len(run.phases) > 1 else [run.daemons]
    servers = [[each for each in daemons if not is_at(each.endpoint, run.store)] for daemons in of_phases]
    seen = [look(run, each) for daemons in servers for each in daemons]
    violation = next((each.violation for each in seen if each.violation is not None), None)
    if violation is not None:
        return Silence(level="self-reported", why=violation, violation=violation)
    if not all(servers) or any(each.sight != "witnesses" for daemons in servers for each in daemons):
        return Silence(level="self-reported", why=_UNSAID)
    why = next((each.gap for each in seen if each.gap is not None), None)
    levels = [each.level for each in seen if each.level is not None]
    if why is not None or len(levels) != len(seen):
        return Silence(level="self-reported", why=why or "nobody watched it")
    said = (limits.PHASES.of(),) if len(run.phases) > 1 else ()
    return Silence(level=max(levels, key=LEVELS.index), limits=said)


def is_of_engine(row: Attempt) -> bool:
    """Return whether a row is of a process of the server that the run started."""
    return row.role.removeprefix("child of ") == ENGINE_ROLE


def _walls(run: Run, watchers: Sequence[str]) -> str:
    if "seal" in watchers:
        return limits.OWN_SEALED.text
    parts = [item for report in run.witnesses if report.name == "seal" and report.active for item in report.coverage]
    own = next((item for item in parts if item.role == ENGINE_ROLE), None)
    if own is None:
        embedded = run.engine is not None and run.engine.kind == "embedded"
        return limits.OWN_UNWALLED.text if embedded else limits.OWN_UNSEALED.text
    return limits.OWN_HALF_SEALED.of(why=own.note or "it was not whole")


def _violation(rows: list[tuple[Attempt, Kind]]) -> str | None:
    exposed = [_place(row) for row, kind in rows if kind == "exposed"]
    if exposed:
        return f"listened at {listing(exposed)}: anyone on the network could use it"
    tried = [f"{_DID.get(row.kind, row.kind)} {_place(row)}" for row, kind in rows if kind == "finding"]
    return listing(tried) if tried else None


def _gap(run: Run, daemon: Daemon, rows: list[tuple[Attempt, Kind]]) -> str | None:
    if run.interrupted:
        return f"the run was interrupted: {run.interrupted}"
    if run.engine is None or not run.engine.started or daemon.endpoint not in _endpoints(run):
        return "the log does not say that the run started this server"
    if daemon.unseen:
        return daemon.unseen
    if daemon.ollama is None:
        return "what answered at its port did not say that it is an Ollama"
    if daemon.sockets:
        return "the log holds sockets of it that nobody can have looked at"
    carried = strength(run)
    if not any(_serves(row, daemon, carried.engine_watched_by) for row, _ in rows):
        # Silence of other processes would say nothing of the one that answered.
        return f"no process that was watched was seen to listen at {daemon.endpoint}"
    return _beside_it(run, rows, carried.engine_watched_by) or incomplete(run, carried.carried_by)


def _endpoints(run: Run) -> Sequence[Endpoint]:
    """Return where the servers listened that the run started: one, or one a phase."""
    if run.engine is None:
        return ()
    if len(run.phases) <= 1:
        return (run.engine.endpoint,)
    return [each for each in run.policy.allowed if not is_at(each, run.store)]


def _serves(row: Attempt, daemon: Daemon, watchers: Sequence[str]) -> bool:
    """Return whether a row says that the server listened at its port, for connections, and by when it was used."""
    return (
        is_of_engine(row)
        and row.kind == "listen"
        and (row.transport is None or row.transport in STREAMS)
        and row.outcome in (None, "LISTEN")
        and row.port == daemon.endpoint.port
        and numeric(row.address) == numeric(daemon.endpoint.address)
        and row.first_seen_s <= daemon.until_s
        and bool(set(row.witnesses) & set(watchers))
    )


def _beside_it(run: Run, rows: list[tuple[Attempt, Kind]], watchers: Sequence[str]) -> str | None:
    """Return what else it may have reached, None where nothing is known of the kind."""
    used = [_place(row) for row, kind in rows if kind == "unwatched"]
    if used:
        return f"it used {listing(used)}, whose other end was not watched"
    unseen = [_place(row) for row, kind in rows if kind == "unseen"]
    if unseen:
        return f"a datagram socket of it was connected to {listing(unseen)}, and what it may have sent was not seen"
    orphans = [row for row, how in zip(run.connections, dispositions(run), strict=True) if how.kind == "finding"]
    orphans = [row for row in orphans if row.role == "child of orchestrator"]
    if orphans and not {"syscalls", "seal"} & set(watchers):
        return f"a process without a parent did what no rule allows, and may be its own: {_place(orphans[0])}"
    return None


def _place(row: Attempt) -> str:
    where = row.name if row.kind == "lookup" else row.address
    if where is None:
        return row.name or row.family
    host = f"[{where}]" if ":" in where else where
    return host if row.port is None or row.kind == "lookup" else f"{host}:{row.port}"
