"""Claim `erasure`: the first user was forgotten, down to the bytes, and the second user's rows are as they were."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.claims import limits
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.reading import counted, first_flaw, listing, pointer, session, shared_process
from showcase.claims.store import differ, unreadable
from showcase.erasure import verdict
from showcase.erasure.kinds import OF_RUNS

if TYPE_CHECKING:
    from showcase.evidence import Erasure as Facts
    from showcase.evidence import Run, Session, Verdict
    from showcase.evidence.erasure import AskedAfter

_CLOSE = 1e-6
"""How far two cosines of one vector may lie apart: they are told with six digits."""


class Erasure:
    """Nothing of the first user by bytes, search, list, id, history and `*`; bystanders' rows and answers unchanged."""

    id = "erasure"
    title = "Nothing is left of the user who was forgotten"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from sessions 4 and 5."""
        fourth, fifth = session(run, 4), session(run, 5)
        evidence = [pointer(run, item) for item in (fourth, fifth) if item is not None]
        if run.forgetting is not None:
            evidence.append("/forgetting")
            violation = _left(run.forgetting.erasure) or _answered(run, fifth)
            if violation is not None:
                return broken(self, "recorded", violation, evidence=evidence, limits=_limits(run))
        missing = first_flaw(run, ((fourth, "session 4"), (fifth, "session 5")))
        if missing is None and (run.forgetting is None or fourth is None or fifth is None):
            missing = "session 4 did not say what it forgot"
        if missing is not None or run.forgetting is None or fourth is None or fifth is None:
            return inconclusive(self, missing or "a process did not run", evidence=evidence)
        gap = _gap(run, run.forgetting.erasure, fourth, fifth)
        if gap is not None:
            return inconclusive(self, gap, evidence=evidence, limits=_limits(run))
        found = verdict.judge(_with_states(run.forgetting.erasure, fourth, fifth), but_for=OF_RUNS)
        if found.status != "upheld":
            return inconclusive(self, found.reason, evidence=evidence, limits=_limits(run))
        asked = (
            "a new process got none of it by search, list, id, history and the user id *, and recalls of the second "
            "user what it did before"
        )
        return upheld(self, "recorded", f"{found.reason}; {asked}", evidence=evidence, limits=_limits(run))


def _left(erasure: Facts) -> str | None:
    """Return what the scans and the rows show, None where nothing."""
    found = verdict.judge(erasure, but_for=OF_RUNS)
    return found.reason if found.status == "broken" else None


def _answered(run: Run, fifth: Session | None) -> str | None:
    """Return what stock mem0 still answered, or answered otherwise than before."""
    first, third = session(run, 1), session(run, 3)
    theirs = {row.memory_id for row in first.planted} | set(first.inventoried) if first is not None else set()
    for what, rows in (("search", fifth.recalled), ("list", fifth.listed)) if fifth is not None else ():
        found = [row.text for row in rows or () if row.memory_id in theirs or row.user_id == (first and first.user_id)]
        if found:
            return f"the {what} of a new process still returned: {listing(found)}"
    asked = None if run.forgetting is None else run.forgetting.asked
    if asked is None:
        return None
    ways = (
        (asked.got, "were returned by their ids"),
        (asked.history_lines, "lines of the history are about them"),
        (len(asked.wildcard), "were returned for the user id *"),
    )
    said = next((f"{number} of the forgotten memories {how}" for number, how in ways if number), None)
    return said or (None if third is None else _bystanders(asked, third))


def _bystanders(asked: AskedAfter, third: Session) -> str | None:
    before = [(row.memory_id, row.cosine) for row in third.recalled or ()]
    after = list(asked.second_recalled)
    if third.recalled is not None and (
        [each for each, _ in before] != [each for each, _ in after]
        or any(abs(one - other) > _CLOSE for (_, one), (_, other) in zip(before, after, strict=True))
    ):
        return f"the question of {third.user_id!r} recalls something else than before"
    lost = {row.memory_id for row in (*third.planted, *(third.listed or ()))} - set(asked.second_listed)
    return f"{counted(len(lost), 'row')} of {third.user_id!r} are gone" if lost else None


def _gap(run: Run, erasure: Facts, fourth: Session, fifth: Session) -> str | None:
    first, third = session(run, 1), session(run, 3)
    if run.scenario is None or first is None or third is None or not first.planted:
        return "nothing was planted that could be forgotten"
    if fourth.user_id != run.scenario.first.id or fifth.user_id != run.scenario.first.id:
        return "sessions 4 and 5 did not act as the first user of the scenario"
    if run.forgetting is None or run.forgetting.asked is None or fifth.recalled is None or fifth.listed is None:
        return "session 5 did not search, list and ask"
    if fifth.question != run.scenario.first.question:
        return "session 5 asked another question than the scenario's"
    if erasure.asked < len({row.memory_id for row in first.planted}):
        return f"{len(first.planted)} rows were planted, and {erasure.asked} were to be forgotten"
    return (
        unreadable(fourth.store_before, "before session 4")
        or unreadable(fourth.store_after, "after session 4")
        or unreadable(fifth.store_before, "before session 5")
        or _other_processes(run, erasure, fourth, fifth)
    )


def _other_processes(run: Run, erasure: Facts, fourth: Session, fifth: Session) -> str | None:
    """Return why the two who looked may not have been who they say, None where they were."""
    for item, scan in ((fourth, erasure.after), (fifth, erasure.verified)):
        shared = shared_process(run, item)
        if shared:
            return f"session {item.number} is no process of its own: {shared}"
        if scan is not None and scan.pid != item.pid:
            return f"the scan of session {item.number} was of another process"
    return None


def _with_states(erasure: Facts, fourth: Session, fifth: Session) -> Facts:
    """Return the facts with what was seen from outside of the time between the two scans."""
    return replace(erasure, unchanged_since=not differ(fourth.store_after, fifth.store_before))


def _limits(run: Run) -> tuple[str, ...]:
    said = () if run.forgetting is None else verdict.judge(run.forgetting.erasure, but_for=OF_RUNS).limits
    return (*said, limits.RECORDS_OF_RUNS.text, limits.SAID_BY_THE_SESSIONS.text)
