"""Claim `daemon`: the model server, too, sent nothing away, as far as it could be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.claims import beside, own_daemon
from showcase.claims.contacts import unwatched
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.reading import counted, listing
from showcase.claims.store_server import called, is_at, server_of
from showcase.evidence import LEVELS, says_embedded, says_rehearsal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.claims.contacts import Contact
    from showcase.evidence import Daemon, Run, Store, Verdict


class DaemonStaysLocal:
    """It listens on loopback, connects to its own processes alone, and cannot pass on what it is told.

    That holds for every server: in an audit, for whoever is at an allowed endpoint of loopback that the command used;
    in a run, for the server of its store too.
    """

    id = "daemon"
    title = "The model server sent nothing away"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from what was seen of each server and from what it says of its cloud part.

        The worst of it, where there were several: those of an audit, or those that the phases of a log had.
        """
        if len(run.phases) <= 1:
            return self._worst(run, run.daemons, "/daemons")
        verdicts = []
        for number, phase in enumerate(run.phases):
            sessions = tuple(item for item in run.sessions if item.number == phase.session)
            verdicts.append(self._worst(replace(run, sessions=sessions), phase.daemons, f"/phases/{number}/daemons"))
        return max(verdicts, key=_badness)

    def _worst(self, run: Run, daemons: Sequence[Daemon], place: str) -> Verdict:
        verdicts = [self._judge_one(run, daemon, f"{place}/{number}") for number, daemon in enumerate(daemons)]
        verdicts += [self._without(contact, run) for contact in unwatched(run)]
        if _lacks_model_server(run, daemons):
            verdicts.append(inconclusive(self, "no model server was looked at"))
        store = server_of(run)
        if store is not None and not any(is_at(daemon.endpoint, store) for daemon in daemons):
            verdicts.append(inconclusive(self, _unwatched_store(store), evidence=["/store"]))
        return _together(verdicts) if verdicts else inconclusive(self, "no server was looked at")

    def _judge_one(self, run: Run, daemon: Daemon, place: str) -> Verdict:
        remote = None if is_at(daemon.endpoint, run.store) else _remote(run)
        if remote is not None:
            return broken(self, "sampled", remote, evidence=[place])
        if daemon.sight == "witnesses":
            return self._of_this_run(run, daemon, place)
        return self._beside(run, daemon, place)

    def _of_this_run(self, run: Run, daemon: Daemon, place: str) -> Verdict:
        """Judge a server whose processes were processes of the run, by what the run's witnesses say of them."""
        # Each phase starts one of its own, and they are in one table.
        name = beside.name(daemon, run) if len(run.phases) <= 1 else f"{_a(daemon)} that a phase started"
        found = own_daemon.look(run, daemon)
        evidence = [place, *(f"/connections/{number}" for number in found.rows)]
        if found.violation is not None:
            said = f"{name} {found.violation}"
            return broken(self, found.seen_as, said, evidence=evidence, limits=found.limits)
        gap = found.gap or beside.unasked(run)
        limits = list(found.limits)
        if daemon.cloud_disabled is not True:
            limits.insert(0, beside.cloud_on(run))
        if gap is not None or found.level is None:
            return inconclusive(self, gap or "nobody watched it", evidence=evidence, limits=limits)
        who = counted(len(daemon.processes), "process", "processes")
        others = " but each other" if len(daemon.processes) > 1 else ""
        return upheld(
            self,
            found.level,
            f"{name}: {who} of this run, watched by {listing(found.watched_by, limit=9)}, contacted nobody{others}",
            evidence=evidence,
            limits=limits,
        )

    def _beside(self, run: Run, daemon: Daemon, place: str) -> Verdict:
        """Judge a server that was there before the run, by its sockets."""
        found = beside.look(run, daemon)
        if found.violation is not None:
            return broken(self, "sampled", found.violation, evidence=[place])
        if found.gap is not None:
            return inconclusive(self, found.gap, evidence=[place], limits=found.limits)
        who = counted(len(daemon.processes), "process", "processes") if daemon.processes else f"user {daemon.uid}"
        return upheld(
            self,
            "sampled",
            f"{beside.name(daemon, run)}: {who}, looked at {counted(daemon.looks, 'time')}, connected to this machine "
            "alone",
            evidence=[place],
            limits=found.limits,
        )

    def _without(self, contact: Contact, run: Run) -> Verdict:
        """Return what follows where the command used an endpoint and nobody saw who was there."""
        return inconclusive(
            self,
            f"the command contacted {contact.endpoint}, which is allowed, after {contact.first_s:.2f} s, and no server "
            "was seen there: start it before the audit, or " + beside.audit_it(run),
            evidence=[f"/connections/{number}" for number, _ in contact.rows],
        )


def _a(daemon: Daemon) -> str:
    if says_rehearsal(daemon.ollama):
        return "a rehearsal engine"
    return "an embedded engine" if says_embedded(daemon.ollama) else "an Ollama"


def _lacks_model_server(run: Run, daemons: Sequence[Daemon]) -> bool:
    """Return whether a run with an Ollama says nothing of it, beside what it says of the server of its store."""
    if run.command is not None or run.engine is None or run.engine.kind == "rehearsal":
        return False
    return bool(daemons) and all(is_at(daemon.endpoint, run.store) for daemon in daemons)


def _unwatched_store(store: Store) -> str:
    if store.is_here:
        return f"{called(store)} was not looked at"
    return f"{called(store)} is on another machine: whom it lets in and is connected to cannot be seen from here"


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the worst of the verdicts, with what is said of every server of which the same follows."""
    worst = max(verdicts, key=_badness)
    same = [each for each in verdicts if each.status == worst.status]
    return replace(
        worst,
        reason="; ".join(dict.fromkeys(each.reason for each in same)),
        evidence=tuple(dict.fromkeys(pointer for each in same for pointer in each.evidence)),
        limits=tuple(dict.fromkeys(limit for each in same for limit in each.limits)),
    )


def _badness(verdict: Verdict) -> tuple[int, int]:
    level = 0 if verdict.level is None else LEVELS.index(verdict.level)
    return ("upheld", "inconclusive", "broken").index(verdict.status), level


def _remote(run: Run) -> str | None:
    if run.engine is None or run.engine.kind == "rehearsal":
        return None
    remote = [model.name for model in (run.engine.chat_model, run.engine.embed_model) if model.remote]
    remote += [loaded.name for loaded in run.engine.loaded or () if loaded.remote_host]
    return f"the server passed requests for {listing(remote)} on to another machine" if remote else None
