"""Claim `persistence`: what one process planted, another recalled, by way of the store and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.claims import language, limits
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.isolation import disclosed, memories_but_for
from showcase.claims.reading import control, counted, first_flaw, listing, pointer, returned, session, shared_process
from showcase.claims.store import differ, unreadable
from showcase.settings import ASSISTANT, NOTHING_KNOWN

if TYPE_CHECKING:
    from showcase.claims.disclosure import Memories
    from showcase.evidence import Run, Session, Verdict

_REDACTED = re.compile(r"prompt-\d+(: [^\n]*)?( \([^\n]*\))?(\n…)?")
"""This program's own system message without facts, as a redacted log has it; see `report.redaction`."""


class Persistence:
    """Rows recalled in session 2 that session 1 planted, an unchanged store between, an empty one empty."""

    id = "persistence"
    title = "A new process recalled what an earlier one planted"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from sessions 1 and 2 and the control on an empty store."""
        first, second = session(run, 1), session(run, 2)
        empty = control(run, "empty-store")
        parts = ((first, "session 1"), (second, "session 2"), (empty, "the control on an empty store"))
        evidence = [pointer(run, item) for item, _ in parts if item is not None]
        missing = first_flaw(run, parts)
        if missing is not None or first is None or second is None or empty is None:
            return inconclusive(self, missing or "a process did not run", evidence=evidence)
        gap = self._gap(run, first, second, empty)
        if gap is not None:
            return inconclusive(self, gap, evidence=evidence)
        violation = self._violation(first, second, empty)
        if violation is not None:
            return broken(self, "recorded", violation, evidence=evidence)
        told = _told(run, empty)
        if told is not None:
            return inconclusive(self, told, evidence=[*evidence, pointer(run, empty, "reply")])
        return self._upheld(run, first, second, evidence)

    def _gap(self, run: Run, first: Session, second: Session, empty: Session) -> str | None:
        return (
            _other_people(run, first, second, empty)
            or _other_rows(run, first, second)
            or _no_control(run, empty)
            or _other_prompt(empty)
            or unreadable(first.store_after, "after session 1")
            or unreadable(second.store_before, "before session 2", may_be_empty=True)
        )

    def _violation(self, first: Session, second: Session, empty: Session) -> str | None:
        if differ(first.store_after, second.store_before):
            return "the store changed between session 1's end and session 2's start"
        if empty.recalled or empty.listed:
            return (
                "the control on an empty store recalled "
                f"{counted(len(empty.recalled or empty.listed or ()), 'row')}: recall does not come from the store"
            )
        if not second.recalled:
            return f"session 2 recalled nothing of the {counted(len(first.planted), 'row')} planted"
        planted = {row.memory_id: row.text for row in first.planted}
        known = set(planted) | set(first.inventoried)
        rows = [(row.memory_id, row.text) for row in returned(second)]
        theirs = [row.text for row in returned(second) if row.user_id != first.user_id]
        if theirs:
            return f"session 2 has rows of another user: {listing(theirs)}"
        strangers = [text for memory_id, text in rows if memory_id not in known]
        if strangers:
            return f"session 2 has rows that session 1 never planted: {listing(strangers)}"
        changed = [text for memory_id, text in rows if planted.get(memory_id, text) != text]
        if changed:
            return f"rows came back with another text: {listing(changed)}"
        lost = sorted(set(planted) - {row.memory_id for row in second.listed or ()})
        if lost:
            return f"{counted(len(lost), 'planted row')} not there any more: {listing(lost)}"
        if not any(row.memory_id in planted for row in second.recalled):
            return "session 2 recalled older rows only, none that session 1 planted"
        return None

    def _upheld(self, run: Run, first: Session, second: Session, evidence: list[str]) -> Verdict:
        confirmed = _confirmed(run, first)
        planted = {row.memory_id for row in first.planted}
        recalled = sum(row.memory_id in planted for row in second.recalled or ())
        older = len(second.recalled or ()) - recalled
        reason = (
            f"session 2 (pid {second.pid}) recalled {counted(recalled, 'row')} of "
            f"{counted(len(first.planted), 'row')} that session 1 (pid {first.pid}) planted"
            f"{f', and {older} older' if older else ''}; an empty store recalled nothing"
        )
        said = (limits.CONFIRMED.text if confirmed else limits.UNCONFIRMED.of(),)
        return upheld(
            self,
            "recorded" if confirmed else "self-reported",
            reason,
            evidence=[*evidence, pointer(run, first, "store_after"), pointer(run, second, "recalled")],
            limits=(limits.MEM0_SAYS.text, limits.BESIDE_THE_STORE.text, *said, *language.of_the_texts(run)),
        )


def _other_people(run: Run, first: Session, second: Session, empty: Session) -> str | None:
    if run.scenario is None:
        return "the log names no scenario"
    if first.user_id != second.user_id or first.user_id != run.scenario.first.id:
        return "sessions 1 and 2 did not act as the same user"
    question = run.scenario.first.question
    if not question or second.question != question:
        return "session 2 asked another question than the scenario's"
    if empty.user_id != second.user_id or empty.question != question:
        return "the control on an empty store did not ask the same question as the same user"
    return None


def _other_rows(run: Run, first: Session, second: Session) -> str | None:
    """Return what is amiss with the planted rows; a model that extracts them words them as it likes."""
    if not first.planted:
        return "session 1 planted nothing"
    if any(row.user_id != first.user_id for row in first.planted):
        return "session 1 planted rows of another user"
    texts = sorted(row.text.strip() for row in first.planted)
    if not all(texts):
        return "session 1 planted rows without a text"
    wanted = sorted(text.strip() for text in run.scenario.first.memories) if run.scenario is not None else []
    if not run.options.infer and texts != wanted:
        return "session 1 did not plant the memories of the scenario"
    if second.recalled is None or second.listed is None:
        return "session 2 did not search and list"
    if any(row.user_id is None for row in returned(second)):
        return "session 2 has rows of nobody"
    return None


def memories_for_the_control(run: Run) -> Memories:
    """Return what session 1 planted and the control is not told by its question: what no reply to it can hold."""
    return memories_but_for(run, [] if run.scenario is None else [run.scenario.first.question])


def _told(run: Run, empty: Session) -> str | None:
    """Return what the control got of what was planted, though it recalled nothing, None where nothing.

    A server that remembers by itself would answer session 2 as well without what it recalled. Words in a row may be
    said by chance; they leave the question open all the same.
    """
    found = disclosed(empty, memories_for_the_control(run))
    if not found:
        return None
    place, what = found[0]
    words = listing([what.memory if what.whole else what.words])
    part = "" if what.whole else "words in a row of what was planted "
    return (
        f"the control, which recalled nothing, was told {part}in the {place}: {words}; the model server may remember "
        "by itself"
    )


def is_without_facts(system: str) -> bool:
    """Return whether a system message is this program's own for a user of whom nothing is known, or its pseudonym."""
    return system == f"{ASSISTANT}\n{NOTHING_KNOWN}" or _REDACTED.fullmatch(system) is not None


def _other_prompt(empty: Session) -> str | None:
    """Return what is amiss with the prompt of the control, which has to be this program's own for one without facts."""
    if not empty.messages:  # it was not asked, or the log is of a version that did not ask
        return None if empty.reply is None else "the control on an empty store has a reply, and asked nothing"
    if [message.role for message in empty.messages] != ["system", "user"]:
        return "the control on an empty store did not ask with one system message and one question"
    system, user = empty.messages
    if user.content != empty.question:
        return "the control on an empty store asked the model another question"
    if not is_without_facts(system.content):
        return "the prompt of the control on an empty store is not this program's own for one without facts"
    return None


def _no_control(run: Run, empty: Session) -> str | None:
    """Return why the control on an empty store is none, None where it is."""
    if empty.recalled is None or empty.listed is None:
        return "the control on an empty store did not search and list"
    if empty.store_before is not None and empty.store_before.files:
        return "the control on an empty store had a store with something in it"
    shared = shared_process(run, empty)
    return f"the control on an empty store is no process of its own: {shared}" if shared else None


def _confirmed(run: Run, first: Session) -> bool:
    """Return whether a reader without mem0, in a process of its own, found the planted rows as they were planted."""
    reader = control(run, "unfiltered-read")
    if reader is None or first_flaw(run, ((reader, "the unfiltered reader"),)) or shared_process(run, reader):
        return False
    rows = {(row.memory_id, row.text, row.user_id) for row in reader.listed or ()}
    return {(row.memory_id, row.text, first.user_id) for row in first.planted} <= rows
