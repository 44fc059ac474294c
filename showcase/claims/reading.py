"""Reading a run log with suspicion: what is there, what is whole, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.consistency import disorder
from showcase.claims.consistency.order import numbers_of
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from showcase.evidence import MemoryRow, Recall, Run, Session

SESSION_SCENES = ("plant", "recall", "second-user", "forget", "after-forget")


def session(run: Run, number: int) -> Session | None:
    """Return the session of this number if there is exactly one and it played the scene it should."""
    found = [item for item in run.sessions if item.number == number]
    if len(found) != 1 or found[0].scene != SESSION_SCENES[number - 1]:
        return None
    return found[0]


def control(run: Run, scene: str) -> Session | None:
    """Return the control that played this scene if there is exactly one."""
    found = [item for item in run.controls if item.scene == scene]
    return found[0] if len(found) == 1 else None


def flaw(item: Session | None, what: str) -> str | None:
    """Return why nothing can be concluded from this process, None where it ran to its end."""
    if item is None:
        return f"{what} did not run"
    if item.fault is not None:
        return f"{what} failed: {item.fault.kind}: {_short(item.fault.message)}"
    if item.exit_code is None:
        return f"{what} was never seen to end"
    if item.exit_code != 0:
        return f"{what} ended with {ending(item.exit_code)}"
    return None


def first_flaw(run: Run, parts: Iterable[tuple[Session | None, str]]) -> str | None:
    """Return the first reason why these processes prove nothing, None where all are whole and in order."""
    flaws = [found for item, what in parts if (found := flaw(item, what)) is not None]
    if flaws and run.interrupted:
        return f"the run was interrupted ({run.interrupted}): {flaws[0]}"
    return flaws[0] if flaws else disorder(run)


def shared_process(run: Run, item: Session) -> str | None:
    """Return why this process may be that of another session or control, None where it is one of its own."""
    identity = (item.confirmed_pid, item.create_time)
    if None in identity:
        return "the process table did not confirm it"
    for other in (*run.sessions, *run.controls):
        if other is not item and (other.confirmed_pid, other.create_time) == identity:
            return f"it was the process of {other.scene}"
    return None


def all_sessions(run: Run) -> list[tuple[Session | None, str]]:
    """Return the sessions a whole run has, each with its name."""
    return [(session(run, number), f"session {number}") for number in numbers_of(run)]


def returned(item: Session) -> list[MemoryRow | Recall]:
    """Return the rows that a process found, by searching or by listing."""
    return [*(item.recalled or ()), *(item.listed or ())]


def pointer(run: Run, item: Session, *parts: str) -> str:
    """Return the JSON pointer to a session or control, or to a part of it."""
    for key, items in (("sessions", run.sessions), ("controls", run.controls)):
        for number, other in enumerate(items):
            if other is item:
                return "/" + "/".join((key, str(number), *parts))
    raise ValueError(item.number)


def told_s(run: Run, moment_s: float) -> float:
    """Return a moment of the run on the clock that tells it: an audit's begins with its command, and tells its end."""
    return moment_s if run.command is None else moment_s - run.command.started_s


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 row`, `3 rows`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listing(items: Sequence[str], limit: int = 3) -> str:
    """Return the first few items as words."""
    shown = ", ".join(_short(item, 80) for item in items[:limit])
    return f"{shown} and {len(items) - limit} more" if len(items) > limit else shown


def _short(text: str, length: int = 200) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
