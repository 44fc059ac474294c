"""Swim lanes: each process as a bar on the run's time axis.

All horizontal places are percentages of the axis, so that the drawing scales with the page and its letters do
not.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

from showcase.evidence import Run, Session, StoreState
from showcase.report.text import counted, seconds
from showcase.shell.endings import ending

_ACTIVITIES = {
    "spawned": ("starts", "start"),
    "imported": ("imports", "start"),
    "opened": ("opens the store", "store"),
    "planted": ("plants", "store"),
    "listed": ("lists", "store"),
    "searched": ("searches", "store"),
    "asked": ("asks", "model"),
    "first-token": ("waits for the first token", "model"),
    "replied": ("reply streams", "model"),
    "erased": ("forgets and looks", "store"),
    "looked again": ("looks at every byte", "store"),
    "exit": ("ends", "start"),
}
"""What a process did until it reached a phase, and the colour group of that."""

SCENES = {
    "plant": "plants memories",
    "recall": "recalls them in a new process",
    "second-user": "another user asks the same",
    "forget": "the first user is forgotten",
    "after-forget": "another process looks for what is left",
    "empty-store": "the same question on an empty store",
    "unfiltered-read": "reads the store without the user filter",
}

_WIDE_ENOUGH = 9.0
"""Percent of the axis below which a bar has no room for its label."""

_TICKS = 8


@dataclass(frozen=True, slots=True)
class Axis:
    """The time axis of a page, from 0 to `end_s`."""

    end_s: float
    ticks: tuple[tuple[str, float], ...]

    def percent(self, moment: float) -> float:
        """Return where a moment lies, 0 to 100; what lies outside the axis is drawn at its end."""
        return round(min(max(moment / self.end_s, 0.0), 1.0) * 100, 3)


@dataclass(frozen=True, slots=True)
class Segment:
    """What a process did between two phases."""

    activity: str
    phase: str
    group: str
    x: float
    width: float
    labelled: bool
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One process."""

    label: str
    role: str
    what: str
    control: bool
    session: Session
    segments: tuple[Segment, ...]
    end: str
    ended_well: bool
    lived: str
    found: str
    after: str
    store: str


def axis(run: Run) -> Axis:
    """Return the axis that holds everything of the run."""
    end = max([run.duration_s, 0.001, *(s.ended_s or s.started_s for s in (*run.sessions, *run.controls))])
    step = 10 ** floor(log10(end / _TICKS))
    step = next(step * factor for factor in (1, 2, 5, 10, 20) if end / (step * factor) <= _TICKS)
    # A step below a millisecond needs digits behind the point.
    digits = max(0, -floor(log10(step * 1000)))
    ticks = [(f"{n * step * 1000:,.{digits}f} ms", round(n * step / end * 100, 3)) for n in range(int(end / step) + 1)]
    return Axis(end_s=end, ticks=tuple(ticks))


def role(session: Session, *, control: bool) -> str:
    """Return how connections name the process."""
    return f"control {session.scene}" if control else f"session {session.number}"


def lanes(run: Run, scale: Axis) -> tuple[Lane, ...]:
    """Return the sessions in their order, then the controls."""
    earlier = (None, *run.sessions[:-1])
    return (
        *(
            _lane(session, scale, control=False, earlier=before)
            for before, session in zip(earlier, run.sessions, strict=False)
        ),
        *(_lane(session, scale, control=True) for session in run.controls),
    )


def _lane(session: Session, scale: Axis, *, control: bool, earlier: Session | None = None) -> Lane:
    good = session.exit_code == 0 and session.fault is None
    lived = None if session.ended_s is None else session.ended_s - session.started_s
    return Lane(
        label=f"Control {session.scene}" if control else f"Session {session.number}",
        role=role(session, control=control),
        what=SCENES.get(session.scene, session.scene),
        control=control,
        session=session,
        segments=_segments(session, scale),
        end=_end(session),
        ended_well=good,
        lived="was not seen to end" if lived is None else f"lived {seconds(lived)}",
        after=_digest(session.store_after),
        found=_found(session, earlier),
        store=_store(session.store_before, session.store_after),
    )


def _end(session: Session) -> str:
    if session.fault is not None:
        return f"failed: {session.fault.kind}"
    if session.exit_code is None:
        return "never reaped"
    return ending(session.exit_code, status="exit", signal="killed by signal")


def _segments(session: Session, scale: Axis) -> tuple[Segment, ...]:
    moments = [(phase.name, phase.at_s) for phase in session.phases]
    if session.ended_s is not None:
        moments.append(("reaped", session.ended_s))
    segments, start = [], session.started_s
    for name, until in moments:
        activity, group = _ACTIVITIES.get(name, (f"until “{name}”", "start"))
        if name == "reaped":
            activity = "ends"
        x = scale.percent(start)
        width = round(max(scale.percent(until) - x, 0.0), 3)
        segments.append(
            Segment(
                activity=activity,
                phase=name,
                group=group,
                x=x,
                width=width,
                labelled=width >= _WIDE_ENOUGH,
                from_s=start,
                until_s=until,
            )
        )
        start = max(start, until)
    return tuple(segments)


def _digest(state: StoreState | None) -> str:
    return "" if state is None else state.digest


def _found(session: Session, earlier: Session | None) -> str:
    """Return how a session found the store, compared with how the one before it left it."""
    if earlier is None or session.store_before is None or earlier.store_after is None:
        return ""
    same = session.store_before.digest == earlier.store_after.digest
    return f"store {'found as' if same else 'no longer as'} session {earlier.number} left it"


def _store(before: StoreState | None, after: StoreState | None) -> str:
    if after is None:
        return "left in a state that was not recorded"
    held = (
        counted(sum(it.rows for it in after.tables), "row") if after.by == "rows" else counted(len(after.files), "file")
    )
    if before is None:
        return f"left with {held}"
    return f"left {'as it was found' if before.digest == after.digest else 'changed'}, {held}"
