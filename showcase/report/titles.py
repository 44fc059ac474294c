"""How a claim is named beside its status, so that nobody reads “broken: nothing left the machine”.

An upheld claim is named by what it states, a broken one by what was found instead, an open one by the question. What it
states depends on where the store was: of a run that sent its memories away, no title says that nothing left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims import CLAIMS
from showcase.claims.store_server import away, on_the_way, server_of
from showcase.report.text import clipped

if TYPE_CHECKING:
    from showcase.evidence import Run, Status

UPHELD = {claim.id: claim.title for claim in CLAIMS}

BROKEN = {
    "processes": "The sessions were not apart from each other",
    "persistence": "What a new process recalled is not what an earlier one planted",
    "isolation": "The second user saw memories of somebody else",
    "egress": "A process tried to reach what is not allowed",
    "engine-local": "The model server or a model is on another machine",
    "telemetry": "Telemetry of a library was on, or its host was called",
    "context": "A prompt was cut",
    "daemon": "The model server reached, or could be reached, beyond this machine",
    "erasure": "Something is left of the user who was forgotten",
}

OPEN = {
    "processes": "Whether each session was a process of its own",
    "persistence": "Whether a new process recalled what an earlier one planted",
    "isolation": "Whether the second user saw any of the first user's memories",
    "egress": "Whether anything left the machine",
    "engine-local": "Whether the model server and its models are local",
    "telemetry": "Whether the libraries' telemetry was off",
    "context": "Whether a prompt was cut",
    "daemon": "Whether the model server sent anything away",
    "erasure": "Whether anything is left of the user who was forgotten",
}

SEALED = {"egress": "Nothing tried to leave the machine"}
"""Upheld titles where a seal kept in what was tried: a claim that is broken there is broken by a try."""

_OF_THE_STORE = "the store's server"
_OF_BOTH = "the model server and the store's server"


def title(claim: str, status: Status, run: Run | None = None) -> str:
    """Return how a claim of this status is named, in a run where one is given; its id where nobody knows it here."""
    known = {"upheld": UPHELD, "broken": BROKEN, "inconclusive": OPEN}[status]
    return known.get(claim, clipped(claim, 80)) if run is None else _in_a_run(claim, status, run, known)


def subject(run: Run) -> str:
    """Return of which servers the claim `daemon` speaks in a run: those that were there before, or that it started."""
    if server_of(run) is None:
        return "the model server"
    alone = run.engine is None or run.engine.kind == "rehearsal"
    return _OF_THE_STORE if alone else _OF_BOTH


def _in_a_run(claim: str, status: Status, run: Run, known: dict[str, str]) -> str:
    store = away(run)
    if claim == "egress" and store is not None:
        where = clipped(f"{store.where}", 60)
        return {
            "upheld": f"Memories went to {where} alone, {on_the_way(store)}",
            "broken": BROKEN["egress"],
            "inconclusive": f"Whether anything went elsewhere than to {where}",
        }[status]
    if claim == "daemon" and server_of(run) is not None:
        whose = subject(run)
        return {
            "upheld": f"{whose[0].upper()}{whose[1:]} sent nothing away",
            "broken": f"{whose[0].upper()}{whose[1:]} reached, or could be reached, beyond this machine",
            "inconclusive": f"Whether {whose} sent anything away",
        }[status]
    is_sealed = run.command is not None and run.command.sealing != "none"
    titles = known | (SEALED if is_sealed and status == "upheld" else {})
    return titles.get(claim, clipped(claim, 80))
