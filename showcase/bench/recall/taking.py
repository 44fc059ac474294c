"""One pass of one arm over all questions: what it returned, and what that cost."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from showcase.bench.recall import stores
from showcase.bench.recall.arms import Bm25, ExactCosine, Plain, SkippedError, Vague
from showcase.bench.recall.asked import AT_MOST
from showcase.documents.leftovers import temporary
from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from showcase.bench.recall.arms import Ranks, Vectors
    from showcase.bench.recall.asked import RecallSet
    from showcase.engines.everyday import Opened

PROMPT_ROWS = 5
"""Rows of a ranking that come into a prompt: what `chat` and `ask` take where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Fact):
    """What an arm returned for a question.

    Attributes:
        question: Its id.
        rows: Places of the first ten rows in the set, best first.
        best: The score of the first; None where there is none.
        returned: All rows that came back.
        foreign: Those of them that are another user's.
        shown: Rows that come into the prompt.
        shown_right: Those of them that the question needs.
        tokens: Of the rows in the prompt.
        ms: How long it took.
    """

    question: str
    rows: tuple[int, ...]
    best: float | None
    returned: int
    foreign: int
    shown: int
    shown_right: int
    tokens: int
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(Fact):
    """An arm, asked every question once.

    Attributes:
        arm: Its name.
        skipped: Why it was not measured; empty where it was.
        answered: In the order of the questions.
        fill_s: How long storing the rows took; 0 where nothing is stored.
        everybody: Rows that the user id `*` got past our gate; None where the arm knows no user ids.
        refused: Whether our gate refuses `*`.
    """

    arm: str
    skipped: str = ""
    answered: tuple[Answered, ...] = ()
    fill_s: float = 0.0
    everybody: int | None = None
    refused: bool | None = None


class Around(NamedTuple):
    """What an arm needs: the set, the server, the vectors of the rows, the tokens of each row."""

    some: RecallSet
    server: Opened
    vectors: Vectors
    tokens: tuple[int, ...]
    limit_s: float


def take(name: str, around: Around, doing: Callable[[str], None]) -> Pass:
    """Ask an arm every question once; a backend gets a store of its own, made for this pass."""
    with temporary("showcase-bench-") as directory:
        try:
            began = time.perf_counter()
            with _ready(name, around, directory / "store", doing) as arm:
                fill_s = time.perf_counter() - began
                answered = answers(arm, around.some, around.tokens, name=name, doing=doing)
        except SkippedError as why:
            return Pass(arm=name, skipped=str(why))
        if name not in stores.STORES:
            return Pass(arm=name, answered=answered)
        everybody = stores.seen_by_everybody(
            name, around.some, around.server, directory / "store", limit_s=around.limit_s
        )
    return Pass(
        arm=name,
        answered=answered,
        fill_s=round(fill_s, 3),
        everybody=everybody,
        refused=stores.refuses_everybody(),
    )


def answers(
    arm: Ranks, some: RecallSet, tokens: tuple[int, ...], *, name: str, doing: Callable[[str], None]
) -> tuple[Answered, ...]:
    """Return what an arm answers.

    Before a user's first question it is asked that one untimed: opening their collection is no cost of a turn.
    """
    found = []
    user = None
    for count, asked in enumerate(some.asked):
        if asked.user != user:
            user = asked.user
            arm.rank(asked)
        if count % 20 == 0:
            doing(f"{count} of {len(some.asked)} questions")
        began = time.perf_counter()
        ranking = arm.rank(asked)
        ms = (time.perf_counter() - began) * 1000
        shown = ranking.rows if name in ("history", "everything") else ranking.rows[:PROMPT_ROWS]
        right = {some.number[each] for each in asked.right}
        found.append(
            Answered(
                question=asked.id,
                rows=ranking.rows[:AT_MOST],
                best=None if ranking.best is None else round(ranking.best, 9),
                returned=len(ranking.rows),
                foreign=sum(some.told[number].user != asked.user for number in ranking.rows),
                shown=len(shown),
                shown_right=len(right & set(shown)),
                tokens=sum(tokens[number] for number in shown),
                ms=round(ms, 3),
            )
        )
    return tuple(found)


@contextmanager
def _ready(name: str, around: Around, place: Path, doing: Callable[[str], None]) -> Iterator[Ranks]:
    some = around.some
    if name in stores.STORES:
        with stores.stored(name, some, around.server, place, limit_s=around.limit_s, doing=doing) as store:
            yield store
    elif name == "exact-cosine":
        yield ExactCosine(some, around.vectors)
    elif name == "vague":
        yield Vague(some, around.vectors)
    elif name == "bm25":
        yield Bm25(some)
    else:
        yield Plain(some, name)
