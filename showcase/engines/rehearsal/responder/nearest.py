"""Which facts bear on a question in a language that the English vectors do not know.

By the vectors of the extra `multilingual` where they know the language, else by shared words, which is said as such.
Nothing that was told is denied: where no fact is near, the nearest is quoted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.rehearsal.responder import relevance, shared_words
from showcase.languages.embeddings import SIXTEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.engines.rehearsal.interface import Embeddings
    from showcase.engines.rehearsal.responder.frames import Frame

BEARS_ON = 0.20
"""Least cosine of a fact that answers a question.

Chosen on the people `anna` and `ben` of `bench/questions/languages`, in three languages: there 86 of 100 known facts
lie above and 92 of 100 questions about nothing told below; of `clara` and `david`, who had no say, 92 and 83.
"""

_SHARES = 0.33
"""Least part of a question's words that a fact which answers it shares: as `relevance` has it for English."""


def answer(
    question: str,
    facts: Sequence[str],
    language: str,
    frame: Frame,
    *,
    vectors: Callable[[], Embeddings | None],
    open_request: bool,
) -> str:
    """Answers a question with what was told.

    Args:
        question: The question.
        facts: What the prompt states.
        language: What they are in, which is not English.
        frame: The words around quotes.
        vectors: Returns the multilingual vectors, None where they are not installed. Asked only where they matter.
        open_request: Whether it asks for ideas, on which everything about its subject bears.
    """
    if not facts:
        return frame.nothing
    known = vectors() if language in SIXTEEN else None
    if known is not None:
        rows = known.embed([question, *facts])
        scores, least, otherwise = [float(score) for score in rows[1:] @ rows[0]], BEARS_ON, frame.nearest
    else:
        scores, least, otherwise = shared_words.shares(question, facts, language), _SHARES, frame.shares_words
    best = max(scores)
    if known is None and best <= 0:
        return frame.with_quotes(frame.unsure, facts[: relevance.MOST])
    if best >= least:
        part = relevance.KEEPS_UP_OPEN if open_request else relevance.KEEPS_UP
        kept = _above(facts, scores, max(least, best * part))
        return frame.with_quotes(frame.shares_words if known is None else frame.told, kept)
    return frame.with_quotes(otherwise, [facts[scores.index(best)]])


def _above(facts: Sequence[str], scores: Sequence[float], floor: float) -> list[str]:
    """The best facts above a score, in the order of the prompt."""
    kept = sorted((-score, place) for place, score in enumerate(scores) if score >= floor)[: relevance.MOST]
    return [facts[place] for place in sorted(place for _, place in kept)]
