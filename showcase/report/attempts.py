"""Attempts in print: one line each, what deserves a look first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.destinations import names_of_the_sink, stands_for
from showcase.claims.reading import told_s
from showcase.report.network_view import MEANINGS, in_order, where
from showcase.report.room import cut, lines
from showcase.report.text import counted, listed, seconds

if TYPE_CHECKING:
    from showcase.claims.policy import Disposition
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
    """Return every attempt that the log holds, in the order of the page."""
    names = names_of_the_sink(run)
    return tuple(_line(attempt, how, run, stands_for(attempt, names)) for attempt, how in in_order(run))


def _line(attempt: Attempt, how: Disposition, run: Run, whom: str | None) -> AttemptLine:
    program = attempt.process or "a program that was not seen"
    pid = "pid not seen" if attempt.pid is None else f"pid {attempt.pid}"
    by = f", in {cut(attempt.package, 170)}" if attempt.package else ""
    what = f"{attempt.kind} {cut(where(attempt, whom), 90)}"
    who = f"{cut(attempt.role, 40)}: {cut(program, 30)} ({pid})"
    times = f"{counted(attempt.count, 'time')}, first after {seconds(told_s(run, attempt.first_seen_s))}"
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
    columns = ((line.what, 19), (f"{line.sign} {line.rule}", 14), (line.who, 25), (line.times, 11), (line.seen_by, 10))
    return max(lines(text, letters) for text, letters in (*columns, (line.outcome, 14))) + 0.5
