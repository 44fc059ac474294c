"""What the witnesses say of themselves: who looked, at whom, from when to when, and what their control came to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import in_order, several_phases, told, twice
from showcase.claims.coverage import COMMAND_ROLE, ENGINE_ROLE, has_own_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Control, Coverage, Run, WitnessReport

WITNESSES = ("sockets", "hook", "syscalls", "seal")
"""Whom a log can hold, in the order in which they wrap a command."""

CONTROL_ROLE = "witness control"

_PROCESS = r"session [1-5]|control (?:empty-store|unfiltered-read)|engine|witness control|drill"
ROLES = {
    "sockets": re.compile(rf"(?:supervisor of )?(?:{_PROCESS})"),
    "hook": re.compile(r"session [1-5]|control (?:empty-store|unfiltered-read)|witness control"),
    "syscalls": re.compile(r"session [1-5]|control (?:empty-store|unfiltered-read)|engine|witness control"),
    "seal": re.compile(r"session [1-5]|control (?:empty-store|unfiltered-read)|engine|witness control"),
}
"""Whom each of them can have watched in a run. The engine and the drill say nothing that the hook could hear."""

OF_AN_AUDIT = {
    "sockets": frozenset({COMMAND_ROLE}),
    "hook": frozenset({COMMAND_ROLE, CONTROL_ROLE}),
    "syscalls": frozenset({COMMAND_ROLE, CONTROL_ROLE}),
    "seal": frozenset({COMMAND_ROLE, CONTROL_ROLE}),
}
"""Whom each of them watches in an audit. The control is told to none that has to be told."""

BY_THEIR_SUPERVISORS = frozenset({"syscalls", "seal"})
"""Witnesses who look as long as they have somebody to look at, and no longer."""

_NOBODY = "the decoy process did not run"
_AT = r" (?P<at>\d+\.\d{3}) s into the run"
DETAILS = {
    True: re.compile(rf"caught{_AT}|prevented{_AT.replace('at', 'seal')}: the decoy heard nothing"),
    False: re.compile(rf"missed(?:: .+)?|it got out{_AT}|{_NOBODY}"),
}
"""What a control can come to, by whether it fired; a log of phases has several, put together by semicolons."""

_PLANTED = re.compile(r"a connection from pid \d+ to a decoy at \S+")
_LEFT = re.compile(r"outlived the command|was ended|had to be continued|pipes were put in between")
_CONTINUED = re.compile(r"(?:(?:^|; )[^;]*(?:had to be continued|pipes were put in between)[^;]*)+")


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    names = [report.name for report in run.witnesses]
    strange = next((name for name in names if name not in WITNESSES), None)
    if strange is not None:
        yield f"the log holds a witness {strange!r}, which there is not"
        return
    again = twice(names)
    if again is not None:
        yield f"the log holds more than one report of the witness {again}"
    if names != [report.name for report in sorted(run.witnesses, key=lambda each: (not each.active, each.name))]:
        yield "the reports of the witnesses are not in their order"
    if list(run.options.witnesses) != [name for name in WITNESSES if name in run.options.witnesses]:
        yield "the witnesses who were to look are not in their order, each once"
    if not several_phases(run):
        there = [name for name in WITNESSES for each in run.witnesses if each.name == name and each.control is not None]
        if list(run.options.witnesses) != there:
            yield "the witnesses who report are not those who looked"
    planted = {report.control.planted for report in run.witnesses if report.control is not None}
    if len(planted) > 1 and not several_phases(run):
        yield "the witnesses do not speak of one and the same planted leak"
    for report in run.witnesses:
        yield from _report(report, run)


def _report(report: WitnessReport, run: Run) -> Iterator[str]:
    name = f"the witness {report.name}"
    if report.control is None and not several_phases(run):
        if report.active or not report.reason:
            yield f"{name} was not put to the test, and does not say that it did not look"
        if report.coverage or report.counts or report.started_s is not None or report.ended_s is not None:
            yield f"{name} did not look, and says what it saw"
        return
    yield from _looked(report, run)
    if report.control is not None:
        yield from _control(report.control, report.name, run)
    yield from _span(report, run)
    again = twice(item.role for item in report.coverage)
    if again is not None:
        yield f"{name} says twice how it watched {again}"
    for item in report.coverage:
        yield from _coverage(item, report, run)
    watched = {item.role for item in report.coverage}
    left = [role for role in _to_be_watched(report, run) if role not in watched]
    if report.active and left and not several_phases(run):
        yield f"{name} looked, and says nothing of {left[0]}"
    known = run.command is not None and (report.name != "sockets" or run.command.pid is not None)
    if run.command is not None and watched != OF_AN_AUDIT[report.name] and (known or watched):
        yield f"{name} watched others than the command and the control"


def _to_be_watched(report: WitnessReport, run: Run) -> Iterator[str]:
    """Yield the processes of a run that ended as they should: each was made known to every witness."""
    if run.command is not None:
        return
    yield from (f"session {item.number}" for item in run.sessions if item.exit_code == 0)
    yield from (f"control {item.scene}" for item in run.controls if item.exit_code == 0)
    if report.control is not None and report.control.planted != "nothing":
        yield CONTROL_ROLE
    if has_own_engine(run) and report.name != "hook":
        yield ENGINE_ROLE


def _looked(report: WitnessReport, run: Run) -> Iterator[str]:
    name = f"the witness {report.name}"
    if report.active and report.reason:
        yield f"{name} looked, and says why it did not"
    own = report.name not in BY_THEIR_SUPERVISORS and report.control is not None
    if (report.active or own) and (report.started_s is None or report.ended_s is None or not report.unseen):
        yield f"{name} looked, and does not say from when to when or what it cannot see"
    if not report.active and not report.reason and run.command is not None and report.name == "hook":
        yield f"{name} did not look, and does not say why"
    if not report.active and not report.reason and any(item.complete for item in report.coverage):
        yield f"{name} did not look, and watched {next(item.role for item in report.coverage if item.complete)}"


def _control(control: Control, name: str, run: Run) -> Iterator[str]:
    nothing = control.planted == "nothing"
    if not nothing and not all(_PLANTED.fullmatch(part) for part in control.planted.split("; ")):
        yield f"nobody plants {control.planted!r} for the witness {name}"
    fired = []
    for part in control.detail.split("; "):
        found = {caught: pattern.fullmatch(part) for caught, pattern in DETAILS.items()}
        fired.append(found[True] is not None)
        match = found[True] or found[False]
        if match is None:
            yield f"the control of the witness {name} came to {part!r}, which none does"
            return
        moments = [text for text in match.groupdict().values() if text is not None]
        if not all(in_order(0.0, float(text), run.duration_s) for text in moments):
            yield f"the witness {name} caught its leak after the end"
        if part.startswith("prevented") is (name != "seal") and found[True] is not None:
            yield f"the control of the witness {name} came to {part!r}, which is another's"
    if control.fired is not all(fired):
        yield f"the control of the witness {name} fired or not, and it caught its leak or not: it says both"
    if nothing is not (control.detail == _NOBODY) and not several_phases(run):
        yield f"something was planted for the witness {name} or not: it says both"


def _span(report: WitnessReport, run: Run) -> Iterator[str]:
    moments = [moment for moment in (report.started_s, report.ended_s) if moment is not None]
    if not in_order(0.0, *moments, run.duration_s):
        yield f"the witness {report.name} looked from {told(report.started_s)} s to {told(report.ended_s)} s"
    if report.name not in BY_THEIR_SUPERVISORS or several_phases(run):
        return
    began = [item.from_s for item in report.coverage if item.from_s is not None]
    ended = [item.until_s for item in report.coverage if item.until_s is not None]
    if (report.started_s, report.ended_s) != (min(began, default=None), max(ended, default=None)):
        yield f"the witness {report.name} looked at other times than it says of those that it watched"
    if report.active is not bool(report.coverage):
        yield f"the witness {report.name} looked or not, and watched somebody or not: it says both"


def _coverage(item: Coverage, report: WitnessReport, run: Run) -> Iterator[str]:
    yield from _note(item, report)
    what = f"the witness {report.name} watched {item.role}"
    if run.command is None and not ROLES[report.name].fullmatch(item.role):
        yield f"the witness {report.name} watched {item.role!r}, which it cannot"
    if report.name == "hook" and run.command is not None and (item.complete or item.from_s or item.until_s):
        yield f"{what} from begin to end, which nobody can say of Python alone"
    if report.name == "sockets" and (
        item.from_s is None or (item.until_s is None and "its end was not seen" not in item.note)
    ):
        yield f"{what}, and does not say from when to when"
    bounds = (report.started_s, item.from_s, item.until_s, report.ended_s)
    if not in_order(0.0, *(bound for bound in bounds if bound is not None), run.duration_s):
        yield f"{what} at other times than it looked at all"
    since_s = began(item.role, run)
    if since_s is not None and item.from_s is not None and not since_s <= item.from_s:
        yield f"{what} before it began"


def _note(item: Coverage, report: WitnessReport) -> Iterator[str]:
    what = f"the witness {report.name} watched {item.role}"
    if item.complete and (item.from_s is None or item.until_s is None):
        yield f"{what} to the end, and does not say from when to when"
    noted = {"syscalls": _LEFT.search, "sockets": _CONTINUED.fullmatch}.get(report.name)
    if item.complete and item.note and not (noted is not None and noted(item.note)):
        yield f"{what} to the end, and says why not"
    gaps = [part for part in item.note.split("; ") if part and not _LEFT.search(part)]
    if not item.complete and not gaps:
        yield f"{what} not to the end, and does not say why"


def began(role: str, run: Run) -> float | None:
    """Return when the process of this role was started, None where the log does not say."""
    if run.command is not None:
        return run.command.started_s if role == COMMAND_ROLE else None
    kind, _, which = role.partition(" ")
    if kind == "session":
        return next((item.started_s for item in run.sessions if str(item.number) == which), None)
    return next((item.started_s for item in run.controls if kind == "control" and item.scene == which), None)
