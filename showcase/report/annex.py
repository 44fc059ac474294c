"""What follows the finding in print: what it rests on, on as many pages as somebody reads.

The page on the screen and the log in it hold all of it; a list that does not fit says how many rows it leaves there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.store_server import described, is_at
from showcase.evidence import says_embedded, says_rehearsal
from showcase.evidence.addresses import numeric
from showcase.report import claims_view, drill_view, lanes, model_view, request_view, witness_view
from showcase.report.attempts import AttemptLine, attempt_lines, height
from showcase.report.limits import own_limits
from showcase.report.room import LINE, cut, fitting, lines, width
from showcase.report.text import counted, listed, plain, seconds
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from showcase.evidence import Daemon, Run, Session, Verdict, WitnessReport

_CLAIMS = 9
_PROCESSES = 6
_WITNESSES = 6
_REQUESTS = 6
_SERVERS = 3
"""How many of each are named."""

_REASONS = 2_800
_LIMITS_LINES = 40
_ATTEMPTS_LINES = 80
_WITNESSES_LINES = 46
_SAID = 240
_REPLIES = 3
_FORCED = 700
"""Small letters, and lines, of each kind: together less than five pages of US Letter, whatever the log holds."""


@dataclass(frozen=True, slots=True)
class ClaimInFull:
    """A claim with its limits; `witnesses` says whose blind spots are limits too."""

    status: str
    level: str
    meaning: str
    heading: str
    statement: str
    reason: str
    limits: tuple[str, ...]
    witnesses: str
    left_off: int


@dataclass(frozen=True, slots=True)
class Process:
    """A session or a control."""

    role: str
    user: str
    pid: str
    lived: str
    end: str
    rows: str
    asked: str
    replied: str


@dataclass(frozen=True, slots=True)
class WitnessLine:
    """A witness and what it cannot see."""

    name: str
    counts: str
    caught: str
    watched: str
    blind: tuple[str, ...]
    left_off: int


@dataclass(frozen=True, slots=True)
class Rows:
    """The first rows of a list, and how many others the page and the log hold; `noun` names one of them."""

    shown: tuple[str, ...]
    left: int
    noun: str


@dataclass(frozen=True, slots=True)
class Annex:
    """All that follows."""

    claims: tuple[ClaimInFull, ...]
    claims_left: int
    attempts: tuple[AttemptLine, ...]
    attempts_left: int
    requests: Rows | None
    servers: Rows
    drill: str
    witnesses: tuple[WitnessLine, ...]
    witnesses_left: int
    processes: tuple[Process, ...]
    processes_left: int
    replies: tuple[Process, ...]
    settings: tuple[str, ...]


def annex(run: Run) -> Annex:
    """Return what follows the finding of a run."""
    processes = [
        *(_process(session, control=False) for session in run.sessions),
        *(_process(session, control=True) for session in run.controls),
    ]
    attempts, attempts_left = fitting(attempt_lines(run), _ATTEMPTS_LINES, height)
    witnesses = _witnesses(run)
    return Annex(
        claims=_claims(run),
        claims_left=max(0, len(run.claims) - _CLAIMS),
        attempts=attempts,
        attempts_left=attempts_left,
        requests=_requests(run),
        servers=_servers(run),
        drill=_drill(run),
        witnesses=witnesses,
        witnesses_left=len(run.witnesses) - len(witnesses),
        processes=tuple(processes[:_PROCESSES]),
        replies=tuple(it for it in processes if it.replied)[:_REPLIES],
        processes_left=max(0, len(processes) - _PROCESSES),
        settings=_settings(run),
    )


def _claims(run: Run) -> tuple[ClaimInFull, ...]:
    found, room, reasons = [], _LIMITS_LINES, float(_REASONS)
    chosen = sorted(run.claims, key=_gravity)[:_CLAIMS]
    for place, verdict in enumerate(chosen):
        own, clause = own_limits(verdict, run)
        reason = cut(verdict.reason, reasons / (len(chosen) - place))
        reasons -= width(reason)
        shown, left = fitting(own, room, lines)
        room -= sum(map(lines, shown))
        found.append(
            ClaimInFull(
                status=verdict.status,
                level=verdict.level or "no level",
                meaning=claims_view.LEVEL_MEANINGS[verdict.level] if verdict.level else "nothing was decided",
                heading=cut(claims_view.named(verdict, run), 80),
                statement=claims_view.statement(verdict.id, run),
                reason=reason,
                limits=tuple(map(plain, shown)),
                witnesses=clause,
                left_off=left,
            )
        )
    return tuple(found)


def _gravity(verdict: Verdict) -> int:
    return ("broken", "inconclusive", "upheld").index(verdict.status)


def _requests(run: Run) -> Rows | None:
    found = request_view.requests(run)
    if found is None:
        return None
    lines = [
        f"{cut(it.said, 140)}, to {cut(it.where, 100)}, {it.times}, first after {seconds(it.first_s)}"
        for it in found.shown[:_REQUESTS]
    ]
    return Rows(tuple(lines), len(found.shown) + found.left_off - len(lines), "request")


def _servers(run: Run) -> Rows:
    servers = tuple(each for phase in run.phases for each in phase.daemons) or run.daemons
    return Rows(tuple(_server(it, run) for it in servers[:_SERVERS]), max(0, len(servers) - _SERVERS), "server")


def _server(server: Daemon, run: Run) -> str:
    called = "no Ollama, or one that does not say so" if server.ollama is None else f"Ollama {server.ollama}"
    if says_rehearsal(server.ollama) or says_embedded(server.ollama):
        called = f"{model_view.server(server)} {server.ollama}, no Ollama"
    if run.store is not None and is_at(server.endpoint, run.store):
        called = f"the store's server, {run.store.called}"
    said = {True: "disabled", False: "not disabled", None: "not told"}[server.cloud_disabled]
    cloud = "" if is_at(server.endpoint, run.store) else f"cloud functions {said}; "
    if server.sight == "witnesses":
        return f"{server.endpoint}: {cut(called, 80)}; seen by the witnesses, as it was started here."
    elsewhere = [
        f"{it.kind} {cut(it.address or 'without a name', 60)}, port {it.port}"
        for it in server.sockets
        if it.kind not in ("unix", "other") and not _is_loopback(it.address)
    ]
    how = "not seen at all" if server.sight == "none" else f"its sockets listed {counted(server.looks, 'time')}"
    there = f"away from loopback: {listed(elsewhere[:3])}" if elsewhere else "none seen away from loopback"
    more = f" and {len(elsewhere) - 3:,} more in the log" if len(elsewhere) > 3 else ""  # noqa: PLR2004 - as above
    seen = "" if server.sight == "none" else f", {there}{more}"
    what = "Not seen" if server.sight == "none" else "What it is is not known"
    why = f" {what}: {cut(server.unseen, 200)}." if server.unseen else ""
    return f"{server.endpoint}: {cut(called, 80)}; {cloud}{how}{seen}.{why}"


def _is_loopback(address: str) -> bool:
    found = numeric(address)
    return found is not None and found.is_loopback


def _drill(run: Run) -> str:
    matrix = drill_view.drill(run)
    if matrix is None:
        return "No drill is in the log."
    worse = f" Worse than documented: {cut(matrix.worse, 300)}." if matrix.worse else ""
    return cut(matrix.summary, 500) + worse


def _witnesses(run: Run) -> tuple[WitnessLine, ...]:
    found: list[WitnessLine] = []
    room = float(_WITNESSES_LINES)
    for seen in witness_view.witnesses(run)[:_WITNESSES]:
        told = (
            cut(seen.report.name, 40),
            f"carries no claim: {cut(seen.refused, 240)}" if seen.refused else "its silence counts",
            _caught(seen.report),
            _watched(seen.report),
        )
        room -= sum(map(_share, told)) + 1
        if found and room < 0:
            break
        blind, left = fitting(seen.report.unseen, room, _share)
        room -= sum(map(_share, blind)) + 1
        name, counts, caught, watched = told
        found.append(WitnessLine(name, counts, caught, watched, tuple(map(plain, blind)), left))
    return tuple(found)


def _share(text: str) -> float:
    """Return the lines that a text takes among others of one paragraph."""
    return width(text) / LINE


def _caught(report: WitnessReport) -> str:
    if report.control is None:
        return "no leak was planted for it"
    caught = "caught" if report.control.fired else "missed"
    return f"{caught} its planted leak, {cut(report.control.planted, 200)} ({cut(report.control.detail, 200)})"


def _watched(report: WitnessReport) -> str:
    if not report.active:
        return f"did not look: {cut(report.reason, 200) or 'no reason is in the log'}"
    whole = sum(row.complete for row in report.coverage)
    several = counted(len(report.coverage), "process", "processes")
    return f"watched {several}, {whole:,} of them whole, from {seconds(report.started_s)} to {seconds(report.ended_s)}"


def _process(session: Session, *, control: bool) -> Process:
    lived = None if session.ended_s is None else session.ended_s - session.started_s
    confirmed = session.pid is not None and session.confirmed_pid == session.pid
    counts = (("planted", session.planted), ("listed", session.listed), ("recalled", session.recalled))
    rows = [f"{word} {len(them):,}" for word, them in counts if them is not None and (them or word != "planted")]
    return Process(
        role=cut(lanes.role(session, control=control), 60),
        user=cut(session.user_id, 40),
        pid=f"{session.pid or 'not recorded'}{', as the process table says' if confirmed else ', not confirmed'}",
        lived="was not seen to end" if lived is None else seconds(lived),
        end=_end(session),
        rows=listed(rows) or "none",
        asked=cut(session.question, _SAID) if session.question else "",
        replied=cut(session.reply.text, _SAID) if session.reply is not None else "",
    )


def _end(session: Session) -> str:
    if session.fault is not None:
        return f"failed: {cut(session.fault.kind, 60)}"
    if session.exit_code is None:
        return "never reaped"
    return ending(session.exit_code)


def _settings(run: Run) -> tuple[str, ...]:
    kept = run.environment
    named = [f"{cut(name, 40)}={cut(value, 70)}" for name, value in kept.forced.items()]
    forced, left = fitting(named, _FORCED, width)
    more = f" and {left:,} more in the log" if left else ""
    asked = listed([cut(name, 20) for name in run.options.witnesses[:10]]) or "none by name"
    lines = [
        f"Witnesses asked for: {asked}.",
        (
            f"Environment: {counted(len(kept.forced), 'variable')} forced ({', '.join(forced) or 'none'}{more}), "
            f"{len(kept.kept):,} kept, {len(kept.left_out):,} left out; their names are in the log."
        ),
    ]
    if run.command is None:
        store = "kept from an earlier run" if run.options.keep_store else "wiped before session 1"
        store = store if run.store is None else f"{cut(described(run.store), 160)}, {store}"
        extraction = "by the model" if run.options.infer else "none, sentences are stored as they are"
        lines.insert(0, f"Store: {store}. Extraction: {extraction}. Rows asked for: {run.options.top_k:,}.")
    return tuple(lines)
