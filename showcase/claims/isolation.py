"""Claim `isolation`: the second user sees none of the first user's rows, although they are there to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims import language, limits
from showcase.claims.disclosure import Memories
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.reading import control, counted, first_flaw, listing, pointer, returned, session, shared_process
from showcase.claims.store import differ, unreadable
from showcase.settings import ASSISTANT, FACTS_FOLLOW, NOTHING_KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.claims.disclosure import Found
    from showcase.evidence import Run, Session, Verdict

OPENING_LINES = 2
"""Lines of the system message before the first fact: what the assistant is, and that facts follow."""


class Isolation:
    """Nothing of the first user in the second's search, list, prompt or reply; own rows recalled."""

    id = "isolation"
    title = "The second user saw none of the first user's memories"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from sessions 1 and 3 and the reader without a user filter."""
        first, third = session(run, 1), session(run, 3)
        reader = control(run, "unfiltered-read")
        parts = ((first, "session 1"), (third, "session 3"), (reader, "the reader without a user filter"))
        evidence = [pointer(run, item) for item, _ in parts if item is not None]
        memories = memories_of_the_first(run)
        if first is not None and third is not None and (first.planted or first.inventoried):
            got = f"session 3 acted as {third.user_id!r} and got"
            found = disclosed(third, memories)
            leak = next(_foreign_rows(first, third), None) or next((_in_words(it) for it in found if it[1].whole), None)
            if leak is not None:
                return broken(self, "recorded", f"{got} what {first.user_id!r} planted: {leak}", evidence=evidence)
            if found:
                said = f"words in a row that {first.user_id!r} planted and nobody else says: {_in_words(found[0])}"
                return inconclusive(self, f"{got} {said}", evidence=evidence)
        missing = first_flaw(run, parts)
        if missing is not None or first is None or third is None or reader is None:
            return inconclusive(self, missing or "a process did not run", evidence=evidence)
        shared = shared_process(run, reader)
        gap = f"the reader is no process of its own: {shared}" if shared else _gap(run, first, third, reader)
        if gap is not None:
            return inconclusive(self, gap, evidence=evidence)
        theirs = len(first.planted)
        uncovered = [limits.FILTERED.text]
        if memories.shared:
            both = counted(len(memories.shared), "memory", "memories")
            uncovered.append(limits.SHARED.of(memories=both, first=repr(first.user_id), third=repr(third.user_id)))
        return upheld(
            self,
            "recorded",
            f"{third.user_id!r} recalled {counted(len(third.recalled or ()), 'row')} of their own and none of the "
            f"{counted(theirs, 'row')} of {first.user_id!r}, which a reader without the user filter did find",
            evidence=[*evidence, pointer(run, third, "recalled"), pointer(run, reader, "listed")],
            limits=(*uncovered, limits.WORDS.text, limits.SELF.text, *language.of_the_texts(run)),
        )


def _foreign_rows(first: Session, third: Session) -> Iterator[str]:
    """Yield where session 3 got rows that are the first user's, or another's, by their ids."""
    ids = {row.memory_id for row in first.planted} | set(first.inventoried)
    for what, rows in (("search", third.recalled or ()), ("list", third.listed or ())):
        foreign = [row.text for row in rows if row.memory_id in ids or row.user_id not in (None, third.user_id)]
        if foreign:
            yield f"in the {what}: {listing(foreign)}"


def memories_of_the_first(run: Run) -> Memories:
    """Return what session 1 planted and was to plant, but for what others say too."""
    own = [] if run.scenario is None else [*run.scenario.second.memories, run.scenario.second.question]
    return memories_but_for(run, own)


def memories_but_for(run: Run, own: Sequence[str]) -> Memories:
    """Return what session 1 planted and was to plant, but for what these texts or the program's own prompt hold."""
    first = session(run, 1)
    texts = [row.text for row in first.planted] if first is not None else []
    texts += run.scenario.first.memories if run.scenario is not None else ()
    return Memories(texts, [ASSISTANT, FACTS_FOLLOW, NOTHING_KNOWN, *own])


def given_to(item: Session) -> list[tuple[str, str]]:
    """Return every text that a session got or made of what it got, each with where it was."""
    reply = item.reply
    return [
        *(("search", row.text) for row in item.recalled or ()),
        *(("list", row.text) for row in item.listed or ()),
        *(("rows it planted", row.text) for row in item.planted),
        *(("prompt", message.content) for message in item.messages),
        *((("reply", reply.text), ("streamed reply", "".join(it.text for it in reply.tokens))) if reply else ()),
    ]


def disclosed(item: Session, memories: Memories) -> list[tuple[str, Found]]:
    """Return what a session got of these memories, each with where it was; whole ones first."""
    given = given_to(item)
    return [(given[found.text][0], found) for found in memories.look([text for _, text in given])]


def _in_words(found: tuple[str, Found]) -> str:
    place, what = found
    return f"in the {place}: {listing([what.memory if what.whole else what.words])}"


def _gap(run: Run, first: Session, third: Session, reader: Session) -> str | None:
    return (
        _other_people(run, first, third)
        or _other_rows(run, third)
        or _other_prompt(run, third)
        or _other_store(run, third, reader)
        or _unseen(first, third, reader)
    )


def _other_people(run: Run, first: Session, third: Session) -> str | None:
    if run.scenario is None:
        return "the log names no scenario"
    if not first.planted:
        return "session 1 planted nothing"
    if third.user_id != run.scenario.second.id or first.user_id != run.scenario.first.id:
        return "the sessions did not act as the users of the scenario"
    if first.user_id == third.user_id:
        return "both users are the same"
    return None


def _other_rows(run: Run, third: Session) -> str | None:
    """Return what is amiss with the second user's own rows, which the search has to find and the list to show."""
    if not third.planted:
        return "session 3 planted nothing of its own"
    if run.scenario is not None and not run.options.infer:
        # What the second user says anyway is taken from the scenario: it has to be what was planted.
        wanted = sorted(text.strip() for text in run.scenario.second.memories)
        if sorted(row.text.strip() for row in third.planted) != wanted:
            return "session 3 did not plant the memories of the scenario"
    if third.recalled is None or third.listed is None:
        return "session 3 did not search and list"
    rows = [*third.planted, *returned(third)]
    if any(row.user_id != third.user_id for row in rows):
        return "session 3 has rows that are not the second user's"
    mine = {row.memory_id for row in third.planted}
    if not mine & {row.memory_id for row in third.recalled}:
        return f"{third.user_id!r} did not even recall a row of their own: the search proves nothing"
    if not mine <= {row.memory_id for row in third.listed}:
        return f"{third.user_id!r} did not find all rows of their own in the list"
    if not run.options.keep_store and any(row.memory_id not in mine for row in rows):
        return "session 3 has rows that nobody planted"
    return None


def _other_prompt(run: Run, third: Session) -> str | None:
    """Return what is amiss with the question and its answer: the prompt has to be what was recalled, no more."""
    asked = run.scenario.second.question if run.scenario is not None else None
    if [message.role for message in third.messages] != ["system", "user"]:
        return "session 3 did not ask with one system message and one question"
    system, user = third.messages
    if third.question != asked or user.content != asked:
        return "session 3 asked another question than the scenario's"
    if not _made_of_rows(system.content, [row.text for row in third.recalled or ()]):
        return "the prompt of session 3 is not made of what it recalled alone"
    reply = third.reply
    # A reply that the model ended by itself; one that was cut ends with `length`, or with nothing.
    if reply is not None and reply.done_reason is None and reply.reply_tokens is not None:
        return "the server did not say why the reply of session 3 ended, as old ones do not"
    if reply is None or reply.done_reason != "stop":
        return "session 3 got no whole reply"
    if not reply.text.strip():
        return "the reply of session 3 is empty: in nothing, nothing can be looked for"
    if "".join(token.text for token in reply.tokens) != reply.text:
        return "the reply of session 3 is not what was streamed"
    return None


def _made_of_rows(system: str, texts: list[str]) -> bool:
    """Return whether a system message is an opening of up to two lines and one line a fact, each a recalled row."""
    facts = "".join(f"\n- {text}" for text in texts)
    return system.endswith(facts) and len(system.removesuffix(facts).splitlines()) <= OPENING_LINES


def _other_store(run: Run, third: Session, reader: Session) -> str | None:
    """Return why the three processes may not have had the same store, None where it was the same."""
    second = session(run, 2)
    missing = (
        "session 2 did not run"
        if second is None
        else unreadable(second.store_after, "after session 2")
        or unreadable(third.store_before, "before session 3")
        or unreadable(third.store_after, "after session 3")
        or unreadable(reader.store_before, "before the reader")
    )
    if missing is not None or second is None:
        return missing
    if differ(second.store_after, third.store_before):
        return "the store changed between session 2's end and session 3's start"
    if not differ(third.store_before, third.store_after):
        return "session 3 planted nothing in this store: it did not change"
    if differ(third.store_after, reader.store_before):
        return "the store changed between session 3's end and the reader's start"
    return None


def _unseen(first: Session, third: Session, reader: Session) -> str | None:
    """Return whose rows the reader did not find, or why it is no reader, None where it found both users'."""
    rows = {(row.memory_id, row.text, row.user_id) for row in reader.listed or ()}
    if not {(row.memory_id, row.text, first.user_id) for row in first.planted} <= rows:
        return "the reader without a user filter did not find the first user's rows: nothing was there to isolate"
    if not {(row.memory_id, row.text, third.user_id) for row in third.planted} <= rows:
        return "the reader without a user filter did not find the second user's rows: it read another store"
    return None
