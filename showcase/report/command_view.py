"""The command of an audit, and what a run or an audit allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.withheld import way_out, withheld
from showcase.report.text import seconds
from showcase.shell import of_system
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from showcase.evidence import Command, Run

_ENDINGS = {
    "itself": "by itself",
    "duration": "after the time it was given",
    "interruption": "by whoever stopped the audit",
}

_SEALINGS = {
    "none": "none: the command ran on the machine as it is",
    "namespace": "a namespace of its own that leads nowhere",
    "sink": "a namespace of its own, where names lead to a sink that records what was asked",
}


@dataclass(frozen=True, slots=True)
class CommandView:
    """The command as the page shows it."""

    line: str
    pid: str
    lived: str
    end: str
    seal: str
    bridges: str
    weakened_by: tuple[str, ...]


def command(run: Run) -> CommandView | None:
    """Return the command of an audit, None for a run of the sessions."""
    found = run.command
    if found is None:
        return None
    return CommandView(
        line=of_system(run.platform.system).line(found.arguments),
        pid="not known" if found.pid is None else str(found.pid),
        lived="was not seen to end" if found.ended_s is None else seconds(found.ended_s - found.started_s),
        end=_end(found),
        seal="; ".join(filter(None, (_SEALINGS[found.sealing], withheld(run), way_out(run)))),
        bridges=", ".join(str(port) for port in found.bridges) or "none",
        weakened_by=found.weakened_by,
    )


def _end(found: Command) -> str:
    if found.exit_code is None:
        return "never reaped"
    return f"{ending(found.exit_code)}, {_ENDINGS[found.ended_by]}"


def allowed(run: Run) -> tuple[str, ...]:
    """Return what the policy allows: the endpoints of a run, the rules of an audit."""
    return tuple(str(item) for item in (*run.policy.rules, *run.policy.allowed))
