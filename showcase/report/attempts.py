"""Attempts in print: one line each, what deserves a look first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.policy import Disposition, dispositions
from showcase.report.network_view import MEANINGS, where
from showcase.report.room import cut, lines
from showcase.report.text import counted, listed, seconds

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Run

_HARMLESS = ("local", "allowed", "internal")


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """An attempt in words, as a sentence and by column. Nothing of it is empty: what was not seen is said."""

    sign: str
    rule: str
    harmless: bool
    sentence: str
    what: str
    who: str
    times: str
    seen_by: str
    outcome: str


def attempt_lines(run: Run) -> tuple[AttemptLine, ...]:
    """Return every attempt that the log holds: what no rule allows before what one does, then as they happened."""
    order = list(MEANINGS)
    pairs = sorted(
        zip(run.connections, dispositions(run), strict=True),
        key=lambda pair: (order.index(pair[1].kind), pair[0].first_seen_s),
    )
    return tuple(_line(attempt, how) for attempt, how in pairs)


def _line(attempt: Attempt, how: Disposition) -> AttemptLine:
    program = attempt.process or "a program that was not seen"
    pid = "pid not seen" if attempt.pid is None else f"pid {attempt.pid}"
    by = f", in {cut(attempt.package, 170)}" if attempt.package else ""
    what = f"{attempt.kind} {cut(where(attempt), 90)}"
    who = f"{cut(attempt.role, 40)}: {cut(program, 30)} ({pid})"
    times = f"{counted(attempt.count, 'time')}, first after {seconds(attempt.first_seen_s)}"
    outcome = cut(attempt.outcome, 60) if attempt.outcome else "not seen"
    return AttemptLine(
        sign=MEANINGS[how.kind][0],
        rule=cut(how.rule, 80),
        harmless=how.kind in _HARMLESS,
        sentence=f"{what}, by {who}: {cut(how.rule, 80)}; {times}, outcome {outcome}",
        what=what,
        who=who + by,
        times=times,
        seen_by=cut(listed(attempt.witnesses), 60) or "not said by whom",
        outcome=outcome,
    )


def height(line: AttemptLine) -> float:
    """Return how many lines of paper the row of an attempt takes; see `templates/print.css` for its columns."""
    columns = ((line.what, 20), (f"{line.sign} {line.rule}", 15), (line.who, 29), (line.times, 11), (line.seen_by, 10))
    return max(lines(text, letters) for text, letters in (*columns, (line.outcome, 10))) + 0.5
