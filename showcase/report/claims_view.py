"""Verdicts for the first screen: the sentence, and a card for each claim."""

from __future__ import annotations

from dataclasses import dataclass, replace

from showcase.claims import is_less, judge
from showcase.claims.store_server import away, on_the_way, server_of
from showcase.evidence import LEVELS, Run, Status, Verdict
from showcase.report.text import clipped, counted, listed
from showcase.report.titles import subject, title

STATEMENTS = {
    "processes": "Each session has a pid of its own, this program as an ancestor, and no other session beside it.",
    "persistence": "What one process planted comes back in the next, by way of the store and nothing else.",
    "isolation": "No row, prompt or reply of the second user holds anything of the first.",
    "egress": "No connection, name lookup or datagram goes anywhere but to the allowed endpoints.",
    "engine-local": "The model server answers on loopback, and neither model runs elsewhere.",
    "daemon": "The server listens on loopback, is connected to this machine alone, and passes nothing on.",
    "context": "The model read each prompt whole: nothing was cut to fit its context.",
    "telemetry": "Each library reads its switch as off, in each process, and no telemetry host is looked up.",
    "erasure": "Nothing of the first user is in any byte of the store, and a new process gets nothing of it; what the "
    "second user has and is answered is as before.",
}
"""What each claim means, in a sentence."""

SIGNS = {"upheld": "✓", "broken": "✕", "inconclusive": "?"}

LEVEL_MEANINGS = {
    "enforced": "a violation could not have happened: the kernel refuses it",
    "recorded": "every event of the kind was written down as it happened",
    "sampled": "looked at in intervals: what is shorter can be missed",
    "self-reported": "the party that is judged says so",
}

_ANCHORS = {
    "sessions": "story",
    "controls": "story",
    "connections": "network",
    "daemons": "daemon",
    "drill": "drill",
    "storage": "disk",
    "forgetting": "forgotten",
    "witnesses": "witnesses",
    "engine": "engine",
    "environment": "settings",
    "policy": "network",
    "scenario": "memory",
    "store": "disk",
    "options": "settings",
}


@dataclass(frozen=True, slots=True)
class Pointer:
    """A reference into the run log, and the section of the page that shows what it points at."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Card:
    """One claim; `pips` is how many of the four steps of the level are filled."""

    id: str
    heading: str
    statement: str
    status: Status
    sign: str
    level: str
    pips: int
    meaning: str
    reason: str
    evidence: tuple[Pointer, ...]
    limits: tuple[str, ...]

    @property
    def more(self) -> str:
        """What is folded away on the card, in words; empty where there is nothing."""
        parts = [(len(self.limits), "limit"), (len(self.evidence), "reference")]
        return ", ".join(counted(number, noun) for number, noun in parts if number)


@dataclass(frozen=True, slots=True)
class Headline:
    """What someone reads who reads nothing else."""

    status: str
    sentence: str
    detail: str


def cards(run: Run) -> tuple[Card, ...]:
    """Return a card for each stored verdict, in the log's order."""
    return tuple(_card(verdict, run) for verdict in run.claims)


def _card(verdict: Verdict, run: Run) -> Card:
    return Card(
        id=verdict.id,
        heading=named(verdict, run),
        statement=statement(verdict.id, run),
        status=verdict.status,
        sign=SIGNS[verdict.status],
        level=verdict.level or "no level",
        pips=len(LEVELS) - LEVELS.index(verdict.level) if verdict.level else 0,
        meaning=LEVEL_MEANINGS[verdict.level] if verdict.level else "nothing was decided",
        reason=verdict.reason,
        evidence=tuple(Pointer(text=pointer, anchor=_anchor(pointer)) for pointer in verdict.evidence),
        limits=verdict.limits,
    )


def _anchor(pointer: str) -> str:
    return _ANCHORS.get(pointer.lstrip("/").split("/")[0], "log")


def named(verdict: Verdict, run: Run) -> str:
    """Return what a claim is called beside its verdict: what holds, what was found, or what is open."""
    return title(verdict.id, verdict.status, run)


def heading(claim: str, run: Run | None = None) -> str:
    """Return what a claim states: its title, in a run where one is given, or its id where nobody knows it here."""
    return title(claim, "upheld", run)


def statement(claim: str, run: Run) -> str:
    """Return what a claim means in a run, in a sentence; empty where nobody knows it here."""
    store = away(run)
    if claim == "egress" and store is not None:
        return (
            "No connection, name lookup or datagram goes anywhere but to the model server on this machine and to the "
            f"store's server at {clipped(store.where, 60)}, which is another machine's: {on_the_way(store)}."
        )
    if claim == "daemon" and server_of(run) is not None:
        whose = subject(run)
        verbs = "listen on loopback, are connected to this machine alone, and pass nothing on"
        if " and " in whose:
            return f"{whose[0].upper()}{whose[1:]} {verbs}."
        return f"{whose[0].upper()}{whose[1:]} listens on loopback and is connected to this machine alone."
    return STATEMENTS.get(claim, "")


def engine_kind(run: Run) -> str:
    """Return which kind of engine a run used; that the rehearsal engine is no language model is always said."""
    if run.engine is None:
        return "no engine was reached"
    return run.engine.called.removeprefix("the ")


def name(claim: str, run: Run) -> str:
    """Return the heading of a claim within a sentence."""
    return f"“{heading(claim, run)}”"


def headline(run: Run) -> Headline:
    """Return the sentence of the verdict: the worst first, and never better than it is."""
    if differing := departing(run):
        return _departed(run, len(differing))
    by_status: dict[str, list[str]] = {"broken": [], "inconclusive": [], "upheld": []}
    for verdict in run.claims:
        by_status[verdict.status].append(f"“{title(verdict.id, verdict.status, run)}”")
    total = len(run.claims)
    if not total:
        return Headline("inconclusive", "Nothing was judged.", "This log holds observations and no verdict.")
    broken, undecided, upheld = by_status["broken"], by_status["inconclusive"], by_status["upheld"]
    if broken:
        return Headline(
            "broken",
            f"{counted(len(broken), 'claim')} of {total} {'is' if len(broken) == 1 else 'are'} broken.",
            f"Found: {listed(broken)}."
            + (f" Could not be decided: {listed(undecided)}." if undecided else "")
            + (f" Upheld: {counted(len(upheld), 'claim')}." if upheld else ""),
        )
    if undecided:
        return Headline(
            "inconclusive",
            f"{counted(len(undecided), 'claim')} of {total} could not be decided.",
            f"Open: {listed(undecided)}. That is no success: what a verdict needs was not seen or did not work. "
            f"Upheld: {counted(len(upheld), 'claim')}; broken: none.",
        )
    return Headline(
        "upheld",
        f"All {counted(total, 'claim')} are upheld." if total > 1 else "The claim is upheld.",
        _weakest(run),
    )


def _weakest(run: Run) -> str:
    levels = [verdict.level for verdict in run.claims if verdict.level]
    if not levels:
        return "None of them states at which level it was observed."
    weakest = max(levels, key=LEVELS.index)
    claims = [name(verdict.id, run) for verdict in run.claims if verdict.level == weakest]
    return f"The weakest level is “{weakest}” ({LEVEL_MEANINGS[weakest]}): {listed(claims)}."


def _departed(run: Run, differing: int) -> Headline:
    """Return the headline of a log that does not give its own verdicts: the worst of what is stored and follows."""
    derived = judge(run)
    follows = [
        f"{sum(it.status == status for it in derived)} {status}" for status in ("broken", "inconclusive", "upheld")
    ]
    return Headline(
        "broken" if any(verdict.status == "broken" for verdict in (*run.claims, *derived)) else "inconclusive",
        f"{counted(differing, 'verdict')} of this log {'does' if differing == 1 else 'do'} not follow from it.",
        f"The log was edited, or another version judged it. What follows from it: {listed(follows)}.",
    )


def departures(run: Run) -> tuple[str, ...]:
    """Return a sentence for each stored verdict that is not the one which this log gives, or that is missing."""
    return tuple(
        f"{name(claim, run)} is stored as {stored}; the log gives {given}."
        for claim, (stored, given) in departing(run).items()
    )


def departing(run: Run) -> dict[str, tuple[str, str]]:
    """Return by id the claims whose verdict is not the one which this log gives: what is stored, and what it gives.

    A log without any verdict was never judged: nothing is missing from it. From one of an older version less may follow
    now than did then.
    """
    stored = {verdict.id: verdict for verdict in run.claims}
    given = {verdict.id: verdict for verdict in judge(run)} if stored else {}
    found = {claim: (stored.get(claim), given.get(claim)) for claim in (*stored, *given)}
    return {
        claim: (_outcome(before), _outcome(now))
        for claim, (before, now) in found.items()
        if _outcome(before) != _outcome(now) and not is_less(run, now, before)
    }


def of_now(run: Run) -> Run:
    """Return an older log with the verdicts that follow from it now, unless it says more than followed then."""
    return run if run.written_as is None or departing(run) else replace(run, claims=judge(run) if run.claims else ())


def as_of_now(run: Run) -> Run:
    """Return an older log as this version would have written it, with the verdicts that follow from it now.

    A stored verdict that never followed stays, so that whoever verifies what is returned finds it.
    """
    if run.written_as is None:
        return run
    stored, departed = {verdict.id: verdict for verdict in run.claims}, departing(run)
    given = {verdict.id: verdict for verdict in judge(run)} if stored else {}
    claims = [(stored if claim in departed else given).get(claim) for claim in dict.fromkeys((*given, *stored))]
    return replace(run, written_as=None, claims=tuple(claim for claim in claims if claim is not None))


def _outcome(verdict: Verdict | None) -> str:
    if verdict is None:
        return "no verdict"
    return f"{verdict.status} ({verdict.level or 'no level'})"
