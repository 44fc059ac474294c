"""Claim `daemon`: the model server, too, sent nothing away, as far as it could be seen."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.claims import own_daemon
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.policy import dispositions
from showcase.claims.reading import counted, listing
from showcase.evidence import LEVELS, Endpoint, says_rehearsal

if TYPE_CHECKING:
    from showcase.evidence import Daemon, DaemonSocket, Run, Verdict

LONGEST_GAP_S = 5.0
"""A pause between two looks that is this long is an interruption, as for the witness `sockets`."""

NO_CLOUD = (
    'OLLAMA_NO_CLOUD=1 in its environment, or {"disable_ollama_cloud": true} in ~/.ollama/server.json, turns that off'
)
RELAY = "an allowed endpoint is a way out when it passes on what it is told"
SAMPLED = "it was looked at in intervals: connections shorter than that can be missed, and name lookups are not seen"
NOT_COVERED = "pull, push and sign-in work also with its cloud part off; a client can ask for them"
REHEARSAL = "it says that it is the rehearsal engine, which passes nothing on; nothing here looks into it"
BY_USER = "seen by user id: its user's sockets, whichever process has them"


class DaemonStaysLocal:
    """It listens on loopback, connects to loopback alone, and cannot pass on what it is told."""

    id = "daemon"
    title = "The model server sent nothing away"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from what was seen of the server and from what it says of its cloud part.

        Of a log of phases, each of which may have had another server, the worst that follows for one of them.
        """
        if len(run.phases) <= 1:
            return self._judge_one(run)
        verdicts = []
        for number, phase in enumerate(run.phases):
            sessions = tuple(item for item in run.sessions if item.number == phase.session)
            found = self._judge_one(replace(run, daemon=phase.daemon, sessions=sessions))
            evidence = (each.replace("/daemon", f"/phases/{number}/daemon") for each in found.evidence)
            verdicts.append(replace(found, evidence=tuple(evidence)))
        return max(verdicts, key=_badness)

    def _judge_one(self, run: Run) -> Verdict:
        daemon = run.daemon
        if daemon is None:
            return inconclusive(self, "no server was looked at")
        remote = _remote(run)
        if remote is not None:
            return broken(self, "sampled", remote, evidence=["/daemon"])
        if daemon.sight == "witnesses":
            return self._of_this_run(run, daemon)
        return self._beside(run, daemon)

    def _of_this_run(self, run: Run, daemon: Daemon) -> Verdict:
        """Judge a server whose processes were processes of the run, by what the run's witnesses say of them."""
        # Each phase starts one of its own, and they are in one table.
        kind = "a rehearsal engine" if says_rehearsal(daemon.ollama) else "an Ollama"
        name = _name(daemon) if len(run.phases) <= 1 else f"{kind} that a phase started"
        found = own_daemon.look(run, daemon)
        evidence = ["/daemon", *(f"/connections/{number}" for number in found.rows)]
        if found.violation is not None:
            said = f"{name} {found.violation}"
            return broken(self, found.seen_as, said, evidence=evidence, limits=found.limits)
        gap = found.gap or _unasked(run)
        limits = list(found.limits)
        if daemon.cloud_disabled is not True:
            limits.insert(0, f"its cloud part is on or unknown: it may contact ollama.com by itself; {NO_CLOUD}")
        if gap is not None or found.level is None:
            return inconclusive(self, gap or "nobody watched it", evidence=evidence, limits=limits)
        who = counted(len(daemon.processes), "process", "processes")
        return upheld(
            self,
            found.level,
            f"{name}: {who} of this run, watched by {listing(found.watched_by, limit=9)}, contacted nobody "
            "but each other",
            evidence=evidence,
            limits=limits,
        )

    def _beside(self, run: Run, daemon: Daemon) -> Verdict:
        """Judge a server that was there before the run, by its sockets."""
        evidence = ["/daemon"]
        seen = _seen_outside(daemon) or _done_outside(run, daemon)
        if seen is not None and daemon.ollama is not None:
            return broken(self, "sampled", seen, evidence=evidence)
        gap = _gap(daemon, run) or seen
        asked_for = REHEARSAL if says_rehearsal(daemon.ollama) else NOT_COVERED
        limits = [SAMPLED, asked_for if daemon.ollama is not None else RELAY]
        if daemon.sight == "user":
            limits.append(BY_USER)
        if gap is not None:
            return inconclusive(self, gap, evidence=evidence, limits=limits)
        if daemon.ollama is not None and daemon.cloud_disabled is not True:
            limits.insert(0, f"its cloud part is on or unknown: it may contact ollama.com by itself; {NO_CLOUD}")
        who = counted(len(daemon.processes), "process", "processes") if daemon.processes else f"user {daemon.uid}"
        return upheld(
            self,
            "sampled",
            f"{_name(daemon)}: {who}, looked at {counted(daemon.looks, 'time')}, connected to this machine alone",
            evidence=evidence,
            limits=limits,
        )


def _badness(verdict: Verdict) -> tuple[int, int]:
    level = 0 if verdict.level is None else LEVELS.index(verdict.level)
    return ("upheld", "inconclusive", "broken").index(verdict.status), level


def _seen_outside(daemon: Daemon) -> str | None:
    exposed = [each for each in daemon.sockets if each.kind == "listen" and not _is_loopback(each.address)]
    if exposed:
        return f"{_name(daemon)} listens at {_places(exposed)}: anyone on the network can use it"
    foreign = [each for each in daemon.sockets if each.kind == "connect" and not _is_loopback(each.address)]
    if foreign:
        by = f" (user id {daemon.uid}, whichever process)" if daemon.sight == "user" else ""
        return f"{_name(daemon)} was connected to {_places(foreign)}{by}"
    return None


def _remote(run: Run) -> str | None:
    if run.engine is None or run.engine.kind != "ollama":
        return None
    remote = [model.name for model in (run.engine.chat_model, run.engine.embed_model) if model.remote]
    remote += [loaded.name for loaded in run.engine.loaded or () if loaded.remote_host]
    return f"the server passed requests for {listing(remote)} on to another machine" if remote else None


def _gap(daemon: Daemon, run: Run) -> str | None:
    if run.command is None and (run.engine is None or run.engine.started or run.engine.endpoint != daemon.endpoint):
        return "the log does not say that the run used this server without having started it"
    if daemon.sight == "none":
        return f"the sockets of {_name(daemon)} could not be seen: {daemon.unseen}"
    if daemon.looks < 1:
        return f"the sockets of {_name(daemon)} were never looked at"
    late = _late(daemon, run)
    if late is not None:
        return late
    if daemon.longest_gap_s > LONGEST_GAP_S:
        return f"{_name(daemon)} was not looked at for {daemon.longest_gap_s:.1f} s"
    if daemon.ollama is None:
        proxies = [each for each in (run.command.weakened_by if run.command else ()) if "proxy" in each]
        return f"{proxies[0]}; {RELAY}" if proxies else None
    if run.command is not None and daemon.cloud_disabled is not True:
        return f"{_name(daemon)} has its cloud part on, or does not say: {RELAY}; {NO_CLOUD}"
    return _unasked(run)


def _late(daemon: Daemon, run: Run) -> str | None:
    """Return why it was not looked at for as long as it was used, None where it was."""
    began = [item.started_s for item in run.sessions[-1:] if run.phases] or [item.started_s for item in run.sessions]
    last = [phase.at_s for item in run.sessions for phase in item.phases]
    if run.command is not None:
        began, last = [run.command.started_s], []
    if began and not daemon.from_s <= min(began) + LONGEST_GAP_S:
        return f"{_name(daemon)} was looked at only from {daemon.from_s:.1f} s on"
    if last and not max(last) - LONGEST_GAP_S <= daemon.until_s:
        return f"{_name(daemon)} was looked at only until {daemon.until_s:.1f} s"
    return None


def _done_outside(run: Run, daemon: Daemon) -> str | None:
    """Return what the table of a run says that the server's own processes did, where it says so."""
    rows = [row for row, how in zip(run.connections, dispositions(run), strict=True) if how.kind == "finding"]
    rows = [row for row in rows if own_daemon.is_of_engine(row)]
    return (
        f"{_name(daemon)} did what no rule allows: {rows[0].kind} {rows[0].name or rows[0].address}" if rows else None
    )


def _unasked(run: Run) -> str | None:
    models = () if run.engine is None else (run.engine.chat_model, run.engine.embed_model)
    return "the server was not asked whether its models are local" if any(it.remote is None for it in models) else None


def _name(daemon: Daemon) -> str:
    kind = "the rehearsal engine" if says_rehearsal(daemon.ollama) else "Ollama"
    what = "the server" if daemon.ollama is None else f"{kind} {daemon.ollama}"
    return f"{what} at {daemon.endpoint}"


def _places(sockets: list[DaemonSocket]) -> str:
    return listing(sorted({str(Endpoint(address=each.address, port=each.port)) for each in sockets}))


def _is_loopback(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
