"""Who is where in a workshop: what `lab verify --json` says, and `report --class` gathers. Self-reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence.fact import Fact

LAB_RECORD: Literal["showcase/lab-record"] = "showcase/lab-record"

LabStatus = Literal["verified", "started", "not started"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabProgress(Fact):
    """One lab of one participant.

    Attributes:
        number: Of the lab.
        title: Of the lab, in the participant's language.
        status: Where they are.
        predicted: Whether their prediction came true; None where it is a sentence, or the lab is not verified.
        recorded: Whether the recorded run took the place of one.
        hints: How many they asked for.
        solution_seen: Whether they asked for the solution.
        met: Checks that were met when it was looked at last.
        checks: Checks that it has.
        unmet: What the first one that is not met saw; None where there is none, or nothing was looked at.
    """

    number: int
    title: str
    status: LabStatus
    predicted: bool | None = None
    recorded: bool = False
    hints: int = 0
    solution_seen: bool = False
    met: int = 0
    checks: int = 0
    unmet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabRecord(Fact):
    """All labs of one participant, as their own machine tells it.

    Attributes:
        schema: Says what the document is.
        version: Of its form.
        program: The version of this program.
        name: Whose it is, as they typed it; None: nobody said.
        checked_in: The line of their check-in; None: there was none.
        written_at: When, in UTC.
        labs: In the order of the course.
    """

    schema: Literal["showcase/lab-record"] = LAB_RECORD
    version: Literal[1] = 1
    program: str
    name: str | None
    checked_in: str | None
    written_at: str
    labs: tuple[LabProgress, ...]
