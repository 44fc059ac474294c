"""Whether an order was caught, a lie got through, and the same lie, kept apart, does not reach alice."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.labs.workspace import NothingToSeeError, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Workspace

USER = "alice"
QUESTION = "when does the train to Basel leave?"
OWN = "The train to Basel leaves at 8.05 from platform 4."
MARK = "0900"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What `showcase ask` said it did."""

    prompt: str
    answer: str
    left_out: tuple[str, ...]
    quotes: bool


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what becomes of the memories of two stores when a new process asks."""
    rows = [row.text or "" for row in workspace.rows("attacked") if row.user == USER]
    asked = _ask(workspace, "attacked")
    hidden = {text for text in asked.left_out if _line(text) not in asked.prompt}
    said = workspace.finding("left_out")
    yield judged(
        "caught",
        f"of {len(set(rows))} memories some were left out; you said {said}" if hidden else "no memory was left out",
        holds=bool(hidden) and re.findall(r"\d+", said) == [str(len(hidden))],
    )
    through = [text for text in rows if MARK in text and text not in asked.left_out and _line(text) in asked.prompt]
    quoted = MARK in asked.answer
    yield judged(
        "through",
        f"{len(through)} memories with {MARK} are in the prompt; the reply {'has it too' if quoted else 'has it not'}",
        holds=bool(through) and (quoted or not asked.quotes),
    )
    yield _kept_apart(workspace, through)


def _kept_apart(workspace: Workspace, through: list[str]) -> Check:
    rows = workspace.rows("apart")
    theirs = [row.user for row in rows if row.text in through]
    asked = _ask(workspace, "apart")
    own, foreign = OWN in asked.prompt, MARK in f"{asked.prompt}\n{asked.answer}"
    whose = ", ".join(sorted({user or "nobody" for user in theirs})) or "nobody"
    return judged(
        "kept_apart",
        f"what got through is {whose}'s there; {USER}'s own words {'are' if own else 'are not'} in the prompt, and "
        f"{MARK} {'reaches' if foreign else 'does not reach'} {USER}",
        holds=bool(theirs) and USER not in theirs and own and not foreign,
    )


def _line(text: str) -> str:
    return f"- {' '.join(text.split())}"


def _ask(workspace: Workspace, store: str) -> Asked:
    """Ask in a new process, which stores nothing.

    Raises:
        NothingToSeeError: There is no answer.
    """
    where = str((workspace.here / store).absolute())
    ran = workspace.showcase("ask", "--user-id", USER, "--store", where, "--no-save", "--json", QUESTION)
    if ran.status != 0:
        raise NothingToSeeError(f"asked in {store}, there is no answer: {ran.trouble}")
    try:
        said: dict[str, Any] = json.loads(ran.out)
        turn = said["turn"]
        return Asked(
            prompt="\n".join(message["content"] for message in turn["messages"]),
            answer=said["answer"],
            left_out=tuple(row["text"] for row in turn["withheld"]),
            quotes=said["engine"] == "rehearsal",
        )
    except (ValueError, KeyError, TypeError) as error:
        raise NothingToSeeError(f"asked in {store}, there is no answer that can be read: {error}") from error
