"""What a chat was asked for on the command line, and what was played in it of the user who speaks."""

from __future__ import annotations

from dataclasses import dataclass, field

from showcase.cli.everyday_options import BackendAsked, RankingAsked
from showcase.conversation.turn import Turn
from showcase.memory.stored import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for on the command line, beside the server and the store.

    Attributes:
        backend: Which one.
        ranking: Which memories are used.
        limit_s: How long a whole answer of the server may take.
        recent: Tokens that earlier turns may have; None for a share of the context.
        resolve: Whether changes of what a turn contradicts are proposed.
        yes: Whether they are made without asking.
    """

    backend: BackendAsked
    ranking: RankingAsked
    limit_s: float
    recent: int | None
    resolve: bool
    yes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A turn that was played: `removed` are rows that it took out and that can be put back."""

    turn: Turn
    incognito: bool
    removed: tuple[Stored, ...] = ()


@dataclass(slots=True, kw_only=True)
class OfUser:
    """What belongs to the user who speaks, and goes when another one does."""

    user_id: str
    turns: list[Played] = field(default_factory=list)
    said: list[Played] = field(default_factory=list)
    listing: tuple[Stored, ...] | None = None
    shown: int = 0
