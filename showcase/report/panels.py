"""What convinces, on one screen: what was told, what a new program made of it, and what the second user got.

A memory has one colour and one number wherever it appears. The colours repeat; the numbers do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.disclosure import held
from showcase.claims.reading import control, session
from showcase.claims.reply_use import reply_use, unused
from showcase.report.memory_view import numbers
from showcase.report.names import Name, names
from showcase.report.reply_marks import Piece, marked, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import MemoryRow, Recall, Run, Session

COLOURS = 6
"""How many colours there are for memories; the style sheet has as many classes, `m1` to `m6`."""

_ROWS = 6
_CHIPS = 10
_ANSWER = 420
"""Characters of an answer that a panel shows; the whole of it stands in the section on memory."""

_COMPARED = 50
"""Memories that a reply is compared with."""


@dataclass(frozen=True, slots=True)
class Told:
    """A memory that was planted."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A memory that came back. `number` is None for one that no session of this run planted, which `text` then names.

    `foreign` says that it is not the asker's own.
    """

    number: int | None
    cosine: float
    text: str
    foreign: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply in pieces. `clipped` says that the panel shows its beginning, `cut` that the stream was cut off."""

    pieces: tuple[Piece, ...]
    clipped: bool
    cut: bool


@dataclass(frozen=True, slots=True)
class Telling:
    """What one user told. `ran` is false where there was no session for it."""

    ran: bool
    who: Name
    pid: int | None
    rows: tuple[Told, ...]
    left_off: int


@dataclass(frozen=True, slots=True)
class Asking:
    """What one user asked and got. `recalled` is None where nothing was searched, `ran` as above."""

    ran: bool
    who: Name
    pid: int | None
    question: str | None
    recalled: tuple[Chip, ...] | None
    left_off: int
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Panels:
    """The three panels; `without` is the answer to the first user's question where nothing was remembered.

    `unused` says that the answer uses nothing of what was recalled; empty where it does, or that cannot be told.
    """

    told: Telling
    asked: Asking
    unused: str
    without: Answer | None
    second_told: Telling
    second_asked: Asking
    same_question: bool


def colour(number: int) -> str:
    """Return the class of the colour of a memory."""
    return f"m{(number - 1) % COLOURS + 1}"


def panels(run: Run, *, redacted: bool = False) -> Panels | None:
    """Return the panels of a run, None for an audit.

    Args:
        run: The run.
        redacted: Whether its texts are pseudonyms; then a memory is found in a reply by its own.
    """
    if run.command is not None:
        return None
    named, known = names(run), numbers(run)
    rehearsed = run.engine is not None and run.engine.is_rehearsal
    first_ran, second_ran, third_ran = (any(it.number == number for it in run.sessions) for number in (1, 2, 3))
    first, second, third = (session(run, number) for number in (1, 2, 3))
    empty = control(run, "empty-store")
    if empty is not None and second is not None and empty.question != second.question:
        empty = None  # it was asked something else, whatever the answer
    back = {row.memory_id for row in (second.recalled or () if second else ())}
    asked = _asking(second, named.first, known, (), ran=second_ran, redacted=redacted)
    # A reply that holds a memory which was never recalled for it tells of a leak as well.
    theirs = () if first is None else first.planted[:_COMPARED]
    second_asked = _asking(third, named.second, known, theirs, ran=third_ran, redacted=redacted)
    return Panels(
        told=_telling(first, named.first, known, back, ran=first_ran),
        asked=asked,
        unused="" if redacted or second is None else unused(second, rehearsed=rehearsed) or "",
        without=None if empty is None else _answer(empty, {}, redacted=redacted),
        second_told=_telling(third, named.second, known, set(), ran=third_ran),
        second_asked=second_asked,
        same_question=asked.question is not None and asked.question == second_asked.question,
    )


def _telling(item: Session | None, who: Name, known: dict[str, int], back: set[str], *, ran: bool) -> Telling:
    """Return what was told, a few of it: what came back before what did not, in the order of telling."""
    rows = () if item is None else item.planted
    chosen = sorted(range(len(rows)), key=lambda n: (rows[n].memory_id not in back, n))[:_ROWS]
    return Telling(
        ran=ran,
        who=who,
        pid=None if item is None else item.pid,
        rows=tuple(Told(known[rows[n].memory_id], rows[n].text) for n in sorted(chosen)),
        left_off=max(0, len(rows) - _ROWS),
    )


def _asking(
    item: Session | None, who: Name, known: dict[str, int], others: Sequence[MemoryRow], *, ran: bool, redacted: bool
) -> Asking:
    if item is None:
        return Asking(ran=ran, who=who, pid=None, question=None, recalled=None, left_off=0, answer=None)
    recalled = None if item.recalled is None else tuple(_chip(row, item, known) for row in item.recalled[:_CHIPS])
    texts = {known[row.memory_id]: row.text for row in (item.recalled or ())[:_COMPARED] if row.memory_id in known}
    if item.reply is not None:
        said = set(held([row.text for row in others], item.reply.text))
        texts |= {known[row.memory_id]: row.text for row in others if row.text in said}
    return Asking(
        ran=ran,
        who=who,
        pid=item.pid,
        question=item.question,
        recalled=recalled,
        left_off=max(0, len(item.recalled or ()) - _CHIPS),
        answer=_answer(item, texts, redacted=redacted),
    )


def _chip(row: Recall, item: Session, known: dict[str, int]) -> Chip:
    return Chip(number=known.get(row.memory_id), cosine=row.cosine, text=row.text, foreign=row.user_id != item.user_id)


def _answer(item: Session, texts: dict[int, str], *, redacted: bool) -> Answer | None:
    reply = item.reply
    if reply is None:
        return None
    shown = reply.text if len(reply.text) <= _ANSWER else reply.text[:_ANSWER].rstrip()
    if redacted:
        pieces = quoted(shown, texts)
    else:
        use = reply_use(list(texts.values()), reply.text, question=item.question or "")
        terms = {each.memory: each.words for each in use.used}
        pieces = marked(shown, {number: terms[text] for number, text in texts.items() if text in terms})
    return Answer(
        pieces=pieces, clipped=shown != reply.text, cut=reply.done_reason is None and reply.reply_tokens is None
    )
