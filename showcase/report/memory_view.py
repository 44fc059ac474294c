"""Memory: what was planted and what came back, linked by id, and who could see whose rows."""

from __future__ import annotations

from dataclasses import dataclass

from showcase.claims.reply_use import ReplyUse, of_session
from showcase.evidence import MemoryRow, Message, Recall, Reply, Run, Session
from showcase.report.lanes import role
from showcase.report.prompt_view import EmptyAdds, Prompts, empty_adds, prompts

SHOWN_ROWS = 500
"""Rows of a list on the page; what is beyond is counted there and whole in the embedded log."""

_OPEN_ROWS = 25
_MERGED_TOKENS = 1_000


@dataclass(frozen=True, slots=True)
class Numbered:
    """A row with the number that links its appearances on the page, `M1`, `M2`, …; None for a stranger."""

    number: int | None
    row: MemoryRow | Recall


@dataclass(frozen=True, slots=True)
class RecalledRow:
    """A recalled row with its bar: place and width in percent of a scale from -1 (or 0) to 1."""

    number: int | None
    row: Recall
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of a list: those shown at once, those folded away, and how many are in the log alone."""

    shown: tuple[Numbered, ...]
    folded: tuple[Numbered, ...]
    left_off: int

    @property
    def total(self) -> int:
        """How many rows the log holds."""
        return len(self.shown) + len(self.folded) + self.left_off


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a streamed reply, and when it arrived in milliseconds after the request."""

    text: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class SessionMemory:
    """What one process did with memories. `recalled` and `listed` are None where it did not get there."""

    role: str
    scene: str
    user_id: str
    question: str | None
    planted: Listing
    listed: Listing | None
    recalled: tuple[RecalledRow, ...] | None
    recalled_left_off: int
    zero: float
    messages: tuple[Message, ...]
    reply: Reply | None
    pieces: tuple[Piece, ...]
    use: ReplyUse | None
    prompts: Prompts | None
    empty_adds: EmptyAdds | None


@dataclass(frozen=True, slots=True)
class Cell:
    """Rows of one owner that came back to one asker, by way of search and of list. None: did not ask.

    `matters` says that isolation is about this cell, and that nothing is in it.
    """

    searched: int | None
    listed: int | None
    own: bool
    foreign: bool
    matters: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Asker:
    """A row of the isolation matrix."""

    role: str
    user_id: str
    control: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who asked, and whose rows came back. An owner of None stands for rows that carry no user id."""

    owners: tuple[str | None, ...]
    askers: tuple[Asker, ...]


def numbers(run: Run) -> dict[str, int]:
    """Return a number for each planted memory id, in the order of planting."""
    ids = dict.fromkeys(row.memory_id for session in run.sessions for row in session.planted)
    return {memory_id: number for number, memory_id in enumerate(ids, start=1)}


def memories(run: Run) -> tuple[SessionMemory, ...]:
    """Return each process's dealings with the memory, sessions first."""
    known = numbers(run)
    zero = 50.0 if any(r.cosine < 0 for s in (*run.sessions, *run.controls) for r in s.recalled or ()) else 0.0
    return tuple(
        _memory(session, known, zero, control=control)
        for group, control in ((run.sessions, False), (run.controls, True))
        for session in group
    )


def _memory(session: Session, known: dict[str, int], zero: float, *, control: bool) -> SessionMemory:
    recalled = session.recalled
    return SessionMemory(
        role=role(session, control=control),
        scene=session.scene,
        user_id=session.user_id,
        question=session.question,
        planted=_listing(session.planted, known),
        listed=None if session.listed is None else _listing(session.listed, known),
        recalled=None if recalled is None else tuple(_bar(r, known, zero) for r in recalled[:SHOWN_ROWS]),
        recalled_left_off=max(0, len(recalled or ()) - SHOWN_ROWS),
        zero=zero,
        messages=session.messages,
        reply=session.reply,
        pieces=_pieces(session.reply),
        use=of_session(session),
        prompts=prompts(session),
        empty_adds=empty_adds(session),
    )


def _listing(rows: tuple[MemoryRow, ...], known: dict[str, int]) -> Listing:
    numbered = tuple(Numbered(known.get(row.memory_id), row) for row in rows[:SHOWN_ROWS])
    return Listing(shown=numbered[:_OPEN_ROWS], folded=numbered[_OPEN_ROWS:], left_off=max(0, len(rows) - SHOWN_ROWS))


def _bar(recall: Recall, known: dict[str, int], zero: float) -> RecalledRow:
    cosine = min(max(recall.cosine, -1.0), 1.0)
    length = abs(cosine) * (100 - zero)
    return RecalledRow(
        number=known.get(recall.memory_id),
        row=recall,
        x=round(zero if cosine >= 0 else zero - length, 3),
        width=round(length, 3),
    )


def _pieces(reply: Reply | None) -> tuple[Piece, ...]:
    """Merge neighbouring tokens, so that a long reply does not become as many elements."""
    if reply is None:
        return ()
    step = max(1, -(-len(reply.tokens) // _MERGED_TOKENS))
    groups = [reply.tokens[start : start + step] for start in range(0, len(reply.tokens), step)]
    return tuple(
        Piece(text="".join(token.text for token in group), at_ms=round(group[-1].at_s * 1000)) for group in groups
    )


def matrix(run: Run) -> Matrix:
    """Return who asked and whose rows came back."""
    asked = [
        (session, control)
        for group, control in ((run.sessions, False), (run.controls, True))
        for session in group
        if session.recalled is not None or session.listed is not None
    ]
    users = () if run.scenario is None else (run.scenario.first, run.scenario.second)
    owners: dict[str | None, None] = dict.fromkeys(user.id for user in users)
    for session, _ in asked:
        owners.update(dict.fromkeys(row.user_id for row in session.recalled or ()))
        owners.update(dict.fromkeys(row.user_id for row in session.listed or ()))
    first = None if run.scenario is None else run.scenario.first.id
    return Matrix(
        owners=tuple(owners),
        askers=tuple(
            Asker(
                role=role(session, control=control),
                user_id=session.user_id,
                control=control,
                cells=tuple(_cell(session, owner, first, control=control) for owner in owners),
            )
            for session, control in asked
        ),
    )


def _cell(session: Session, owner: str | None, first: str | None, *, control: bool) -> Cell:
    searched = None if session.recalled is None else sum(row.user_id == owner for row in session.recalled)
    listed = None if session.listed is None else sum(row.user_id == owner for row in session.listed)
    own = owner == session.user_id
    foreign = not own and not control and bool(searched or listed)
    matters = not own and not control and owner == first and not foreign
    if control:
        kind = "control" if searched or listed else "other"
    else:
        kind = "leak" if foreign else "own" if own else "must" if matters else "other"
    return Cell(searched=searched, listed=listed, own=own, foreign=foreign, matters=matters, kind=kind)
