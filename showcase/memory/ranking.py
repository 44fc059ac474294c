"""Which of the rows that a search found go into a prompt, and why: relevance, recency, importance, and a threshold.

The weighted sum of the three, each from 0 to 1, is that of Park et al., "Generative Agents" (2023), section 4.1
(https://arxiv.org/abs/2304.03442); recency halves with each half-life instead of their factor an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.evidence.fact import Fact
from showcase.memory.stored import Stored, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.memory.stored import Found

HALF_LIFE_DAYS = 30.0
_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights(Fact):
    """How much each part counts, 0 or more; by default relevance alone. `half_life_days` is that of recency."""

    relevance: float = 1.0
    recency: float = 0.0
    importance: float = 0.0
    half_life_days: float = HALF_LIFE_DAYS

    def __post_init__(self) -> None:
        """Refuse what gives no order.

        Raises:
            UsageError: A weight is negative, all are 0, or the half-life is not above 0.
        """
        parts = (self.relevance, self.recency, self.importance)
        if min(parts) < 0 or sum(parts) <= 0:
            raise UsageError("weights are 0 or more, and not all of them 0", hint="--weight relevance=1")
        if self.half_life_days <= 0:
            raise UsageError("a half-life is longer than nothing", hint=f"--half-life {HALF_LIFE_DAYS:g}")


RELEVANCE_ALONE = Weights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked(Fact):
    """A row with its place, from 1, and the parts that led to it, each from 0 to 1; `cosine` may be below."""

    row: Stored
    rank: int
    cosine: float
    relevance: float
    recency: float
    importance: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection(Fact):
    """What a search came to.

    Attributes:
        used: The rows that are known for this question, best first; at most top-k.
        below: The best of those that were left out; None where none was.
        why_below: Whether it lay under the threshold, or behind the last of top-k.
        considered: How many rows of the user the search returned.
        threshold: The cosine that a row has to have.
        nearest: The row of the largest cosine, used or not; None where the user has none.
    """

    used: tuple[Ranked, ...]
    below: Ranked | None
    why_below: str
    considered: int
    threshold: float
    nearest: Ranked | None


def select(
    found: Sequence[Found],
    *,
    top_k: int,
    threshold: float,
    weights: Weights = RELEVANCE_ALONE,
    at: datetime | None = None,
) -> Selection:
    """Return which rows are used.

    Args:
        found: What a search returned; rows that only ask are never used.
        top_k: How many are used at most.
        threshold: A row with a smaller cosine is not used, however recent or important it is.
        weights: How they are ranked.
        at: The moment from which recency counts, now where None.
    """
    now = at or datetime.now(timezone.utc)
    ranked = [_ranked(each, weights, now) for each in found if not each.row.question]
    ranked.sort(key=lambda each: (-each.score, -each.cosine, each.row.created_at or "", each.row.memory_id))
    near = [each for each in ranked if each.cosine >= threshold]
    far = [each for each in ranked if each.cosine < threshold]
    ordered = [_at(each, rank) for rank, each in enumerate([*near, *far], start=1)]
    used, left = ordered[: min(top_k, len(near))], ordered[min(top_k, len(near)) :]
    below = left[0] if left else None
    return Selection(
        used=tuple(used),
        below=below,
        why_below="" if below is None else "threshold" if below.cosine < threshold else "top-k",
        considered=len(ranked),
        threshold=threshold,
        nearest=max(ordered, key=lambda each: each.cosine, default=None),
    )


def importance(row: Stored) -> float:
    """Return 1 for a pinned row, else n / (n + 1) for one that was in n prompts: each counts less than the last."""
    return 1.0 if row.pinned else row.recalled / (row.recalled + 1)


def recency(row: Stored, *, half_life_days: float, at: datetime) -> float:
    """Return 1 for a row of now, half of that with each half-life; 0 for a row that does not say when it is of."""
    written = moment(row.updated_at or row.created_at)
    if written is None:
        return 0.0
    days = max(0.0, (at - written).total_seconds() / _DAY_S)
    return float(0.5 ** (days / half_life_days))


def _ranked(found: Found, weights: Weights, at: datetime) -> Ranked:
    relevance = max(0.0, min(1.0, found.cosine))
    fresh = recency(found.row, half_life_days=weights.half_life_days, at=at)
    heavy = importance(found.row)
    parts = weights.relevance + weights.recency + weights.importance
    score = (weights.relevance * relevance + weights.recency * fresh + weights.importance * heavy) / parts
    return Ranked(
        row=found.row,
        rank=0,
        cosine=found.cosine,
        relevance=round(relevance, 6),
        recency=round(fresh, 6),
        importance=round(heavy, 6),
        score=round(score, 6),
    )


def _at(ranked: Ranked, rank: int) -> Ranked:
    return replace(ranked, rank=rank)
