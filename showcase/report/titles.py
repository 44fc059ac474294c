"""How a claim is named beside its status, so that nobody reads “broken: nothing left the machine”.

An upheld claim is named by what it states, a broken one by what was found instead, an open one by the question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims import CLAIMS
from showcase.report.text import clipped

if TYPE_CHECKING:
    from showcase.evidence import Status

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


def title(claim: str, status: Status, *, sealed: bool = False) -> str:
    """Return how a claim of this status is named; its id where nobody knows it here."""
    known = {"upheld": UPHELD | (SEALED if sealed else {}), "broken": BROKEN, "inconclusive": OPEN}[status]
    return known.get(claim, clipped(claim, 80))
