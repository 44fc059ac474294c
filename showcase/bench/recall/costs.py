"""The tables beside recall: whose rows were seen, what a turn costs, and whether a second pass gives the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from showcase.bench.recall.figures import percent
from showcase.bench.results.intervals import SPREAD, median, share_of
from showcase.bench.results.result import Cell, Column, Row, Section, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.recall.asked import RecallSet
    from showcase.bench.recall.sections import Seen
    from showcase.bench.recall.taking import Pass


def isolation(seen: Sequence[Seen]) -> Section:
    """Return how many rows of others were seen, by a user's own id and by `*`."""
    rows = []
    for each in seen:
        passes = list(each.passes.values())
        answered = [one for some in passes for one in some.answered]
        asked = next((some for some in passes if some.everybody is not None), None)
        cells = {
            "foreign": Cell(value=sum(one.foreign for one in answered) if answered else None, of=len(answered)),
            "questions": share_of(one.foreign > 0 for one in answered),
        }
        if asked is not None:
            cells["gate"] = Cell(value="refused" if asked.refused else "let through", of=1)
            cells["everybody"] = Cell(value=asked.everybody, of=1)
        rows.append(Row(arm=each.arm, cells=cells))
    return Section(
        key="isolation",
        title="Are rows of others seen?",
        text=(
            (
                "Counted in all that came back, in both passes. Then one question with the user id `*`: whether "
                "this program's gate refuses it, and how many rows come back past that gate, from stock mem0 and "
                "from Chroma."
            ),
        ),
        tables=(
            Table(
                key="isolation",
                title="Rows of other users",
                columns=(
                    Column(key="foreign", title="rows of other users", unit="rows"),
                    percent("questions", "questions that returned such a row"),
                    Column(key="gate", title="user id `*` at our gate"),
                    Column(key="everybody", title="rows that `*` gets without our gate, of 10", unit="rows"),
                ),
                rows=tuple(rows),
            ),
        ),
    )


def cost(some: RecallSet, seen: Sequence[Seen]) -> Section:
    """Return time and tokens of a turn."""
    rows = []
    for each in seen:
        passes = list(each.passes.values())
        answered = [one for taken in passes for one in taken.answered]
        filled = [taken.fill_s for taken in passes if taken.fill_s]
        rows.append(
            Row(
                arm=each.arm,
                cells={
                    "ms": median([one.ms for one in answered]),
                    "tokens": median([one.tokens for one in answered]),
                    "rows": median([one.shown for one in answered]),
                    "fill": median(filled),
                },
            )
        )
    return Section(
        key="cost",
        title="What does a turn cost?",
        text=(
            (
                "Time from the question's text to the rows, with the embedding of the question where the arm "
                "needs it. Tokens of the rows in a prompt, one a line, are counted by the rehearsal engine's "
                f"tokenizer: an estimate for any other model. A set of {len(some.told)} rows."
            ),
        ),
        tables=(
            Table(
                key="cost",
                title="Time and prompt of a turn, and the time to store all rows",
                columns=(
                    Column(key="ms", title="time of a question", unit="ms", digits=2),
                    Column(key="tokens", title="prompt", unit="tokens"),
                    Column(key="rows", title="prompt", unit="rows"),
                    Column(key="fill", title="all rows stored in", unit="s", digits=1),
                ),
                rows=tuple(rows),
                interval=SPREAD,
            ),
        ),
    )


def determinism(seen: Sequence[Seen]) -> Section:
    """Return whether two passes, each on a store of its own, gave the same rankings."""
    rows = []
    for each in seen:
        cells = {}
        for number in (1, 2):
            taken = each.passes.get(number)
            there = taken is not None and bool(taken.answered)
            cells[f"pass{number}"] = Cell(value=digest(taken)[:12] if taken and there else None, of=int(there))
        both = [each.passes[number] for number in (1, 2) if number in each.passes and each.passes[number].answered]
        if len(both) == 2:  # noqa: PLR2004 - a pair
            order, score = differing(*both)
            cells |= {
                "order": Cell(value=order, of=len(both[0].answered)),
                "score": Cell(value=score, of=len(both[0].answered)),
            }
        rows.append(Row(arm=each.arm, cells=cells))
    return Section(
        key="determinism",
        title="Does it give the same twice?",
        text=(
            (
                "Every arm is asked everything twice, each time on a store made anew. Equal digests: the same "
                "rows in the same order with the same best score, to nine decimals. Where the order differs and no "
                "score does, rows lie equally far and the store breaks the tie by its own random ids or the order "
                "of its index."
            ),
        ),
        tables=(
            Table(
                key="determinism",
                title="Rankings of two passes, by the first digits of their SHA-256",
                columns=(
                    Column(key="pass1", title="first pass"),
                    Column(key="pass2", title="second pass"),
                    Column(key="order", title="with other rows, or in another order", unit="questions"),
                    Column(key="score", title="with another best score", unit="questions"),
                ),
                rows=tuple(rows),
            ),
        ),
    )


def digest(taken: Pass) -> str:
    """Return the SHA-256 of all that a pass ranked, times left out."""
    told = "".join(f"{each.question} {each.rows} {each.best!r} {each.returned}\n" for each in taken.answered)
    return hashlib.sha256(told.encode()).hexdigest()


def differing(one: Pass, other: Pass) -> tuple[int, int]:
    """Return at how many questions two passes have other rows or another order, and at how many another best score."""
    theirs = {each.question: each for each in other.answered}
    pairs = [(each, theirs[each.question]) for each in one.answered if each.question in theirs]
    return sum(a.rows != b.rows for a, b in pairs), sum(a.best != b.best for a, b in pairs)
