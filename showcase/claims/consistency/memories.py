"""What was planted, listed and recalled, and the prompt that was made of it.

A memory that loses or changes rows is no contradiction but a finding, of the claims that this is held against alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import told, twice
from showcase.claims.consistency.sessions import called, is_whole
from showcase.settings import ASSISTANT, NOTHING_KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.evidence import MemoryRow, Recall, Run, Session

OPENING_LINES = 2
"""Lines of the system message before the first fact: what the assistant is, and that facts follow."""

_REDACTED = re.compile(r"prompt-\d+\n…")
"""What a redacted log has in the place of a prompt without memory."""

_MOST_SCORES = 2.5
"""What vector, words and names can score together: `max_possible` of `mem0/utils/scoring.py`."""

CLOSE = 1e-5
"""How far a score, a distance and a cosine may be from what one makes of the other: the last two are rounded to
six digits."""


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    for item in filter(is_whole, (*run.sessions, *run.controls)):
        for what in (*_planted(item, run), *_rows(item, run), *_asked(item)):
            yield f"{called(item)}: {what}"


def _planted(item: Session, run: Run) -> Iterator[str]:
    asked = item.recalled is not None or bool(item.messages)
    if asked is not (item.question is not None):
        yield "it searched or asked, and has a question, or neither: it says both"
    if item.scene not in ("plant", "second-user"):
        if item.planted:
            yield "it planted something, which its scene does not"
    elif run.scenario is not None and not run.options.infer:
        user = run.scenario.first if item.scene == "plant" else run.scenario.second
        if [row.text for row in item.planted] != list(user.memories):
            yield "it planted other memories than the scenario's, or in another order"


def _rows(item: Session, run: Run) -> Iterator[str]:
    for what, found in (("planted", item.planted), ("listed", item.listed), ("recalled", item.recalled)):
        if twice(row.memory_id for row in found or ()) is not None or not all(row.memory_id for row in found or ()):
            yield f"it {what} a row twice, or one without an id"
    if item.inventoried and not run.options.keep_store:
        yield "it found rows of an earlier run in a store that was emptied"
    if item.listed is None and item.scene != "forget":
        yield "it ended as it should, and did not list"
    elif item.listed is not None:
        yield from _listed(item, item.listed)
    by_cosine = run.store is not None and run.store.kind != "chroma"
    for row in item.recalled or ():
        yield from _similar(row, by_cosine=by_cosine)
    if item.recalled is not None and len(item.recalled) > run.options.top_k:
        yield f"it recalled {len(item.recalled)} rows, and asked for {run.options.top_k}"


def _listed(item: Session, listed: Sequence[MemoryRow]) -> Iterator[str]:
    """Hold what a process planted and recalled against what it listed: rows of its own user, all of them."""
    there = {row.memory_id: (row.text, row.user_id) for row in listed}
    for what, found in (("planted", item.planted), ("recalled", item.recalled or ())):
        strange = next((row for row in found if there.get(row.memory_id) != (row.text, row.user_id)), None)
        if strange is not None:
            yield f"it {what} a row that its list does not hold, or holds otherwise: {strange.memory_id}"
    if item.scene == "plant" and not set(there) <= {row.memory_id for row in item.planted} | set(item.inventoried):
        yield "its list holds a row that was not there before and that it did not plant"


def _similar(row: Recall, *, by_cosine: bool) -> Iterator[str]:
    """Hold score, distance and cosine of a row against each other.

    Of a row of Chroma mem0 may add to its score, and takes nothing off. Where an engine finds words as well, it divides
    the sum of what the vector, the words and the names in them score by what they can score together.
    """
    least = row.cosine / _MOST_SCORES if by_cosine else 1 / (1 + max(row.distance, 0.0))
    if not 0.0 <= row.distance < float("inf") or not abs(row.cosine - (1 - row.distance / 2)) <= CLOSE:
        yield f"a row is at the distance {told(row.distance)} and has the cosine {told(row.cosine)}"
    elif not least - CLOSE <= row.score < float("inf"):
        yield f"a row at the distance {told(row.distance)} has the score {told(row.score)}"


def _asked(item: Session) -> Iterator[str]:
    if not item.messages:
        return
    if [message.role for message in item.messages] != ["system", "user"]:
        yield "it asked with other than one system message and one question"
    elif item.messages[1].content != item.question:
        yield "it asked another question than it says"
    elif not _made_of_rows(item.messages[0].content, item):
        yield "its prompt is not made of what it recalled alone"
    elif item.scene == "empty-store" and not _is_without_memory(item.messages[0].content):
        yield "it asked without memory, and not with the words that this program has for that"


def _is_without_memory(system: str) -> bool:
    return system == f"{ASSISTANT}\n{NOTHING_KNOWN}" or _REDACTED.fullmatch(system) is not None


def _made_of_rows(system: str, item: Session) -> bool:
    """Return whether a system message is its opening lines and then one line for each row that was recalled."""
    facts = "".join(f"\n- {row.text}" for row in item.recalled or ())
    return system.endswith(facts) and len(system.removesuffix(facts).splitlines()) <= OPENING_LINES
