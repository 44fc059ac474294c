"""What went outside the policy, as a sentence: who tried to reach whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.destinations import destination, names_of_the_sink, stands_for
from showcase.claims.policy import Disposition, dispositions
from showcase.claims.witnessing import strength
from showcase.evidence.addresses import numeric
from showcase.report.names import reads_as_words
from showcase.report.sentences import Part, Sentence, sentence, some
from showcase.report.text import clipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.evidence import Attempt, Run

    Finding = tuple[Attempt, Disposition]

_SHOWN = 80
_INSIDE = "stayed inside the seal"
_NAMING = ("lookup", "connect", "send")
"""Kinds of attempt that name whom they are for."""


def findings(run: Run) -> list[Finding]:
    """Return what no rule allows: names before addresses, each in the order of time, other ways out last."""
    judged = zip(run.connections, dispositions(run), strict=True)
    return sorted(
        [(row, how) for row, how in judged if how.kind == "finding"],
        key=lambda found: (_rank(found[0]), found[0].first_seen_s),
    )


def _rank(row: Attempt) -> int:
    return 2 if row.kind not in _NAMING else 0 if row.name and numeric(row.name) is None else 1


def tried(run: Run, who: Callable[[Attempt], Part]) -> tuple[Sentence, ...]:
    """Return what was tried, and what kept it in, where something did; empty where there is no finding.

    Args:
        run: The run.
        who: How to name the program of an attempt.
    """
    found = findings(run)
    if not found:
        return ()
    return (_first(found, who(found[0][0]), run), *held_back(run))


def _first(found: list[Finding], who: Part, run: Run) -> Sentence:
    row, how = found[0]
    place, names = _place(row, run), names_of_the_sink(run)
    others = len({destination(other, names) for other, _ in found}) - 1
    more = f", and {some(others, 'more destination')}" if others else ""
    if row.kind in _NAMING:
        return sentence("broken", f"{{}} tried to reach {{}}{more}.", who, place)
    if row.kind == "accept":
        return sentence("broken", f"Another computer, {{}}, reached {{}}{more}.", place, who)
    if row.kind == "inherited":
        return sentence("broken", f"{{}} had a connection to {{}} that was open before{more}.", who, place)
    return sentence("broken", f"{{}} used {{}}: {how.rule}.", who, Part(clipped(row.family, _SHOWN), "exact"))


def _place(row: Attempt, run: Run) -> Part:
    """Return whom an attempt was for: the name, where one is known, else the address."""
    name = row.name or stands_for(row, names_of_the_sink(run))
    if name:
        return Part(clipped(name, _SHOWN), "id" if reads_as_words(name) else "exact")
    if not row.address:
        return Part(clipped(row.family, _SHOWN), "exact")
    host = f"[{row.address}]" if ":" in row.address else row.address
    return Part(clipped(host if row.port is None else f"{host}:{row.port}", _SHOWN), "exact")


def held_back(run: Run) -> tuple[Sentence, ...]:
    """Return whether something kept in what no rule allows, where there is such a thing and that is known."""
    found = findings(run)
    if not found:
        return ()
    if run.command is not None and run.command.sealing == "none":
        return (sentence("broken", "No seal held it back."),)
    return (sentence("upheld", "The seal held it back."),) if len(held(run)) == len(found) else ()


def held(run: Run) -> list[Attempt]:
    """Return the attempts that no rule allows of which a seal that counts saw that they stayed inside."""
    if "seal" not in strength(run).carried_by:
        return []
    return [row for row, _ in findings(run) if (row.outcome or "").startswith(_INSIDE)]
