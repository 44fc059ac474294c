"""Which facts bear on a question: words they share, words that mean alike, sentences that mean alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from showcase.engines.rehearsal.responder.topics import related, stem
from showcase.engines.rehearsal.responder.words import PASSING, STOP, WEAK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from showcase.engines.rehearsal.embeddings import Embedder

BEARS_ON = 0.33
"""Least score of a fact that is quoted."""

KEEPS_UP = 0.7
"""Least share of the best score that a further fact must reach."""

KEEPS_UP_OPEN = 0.45
"""The same for an open request ("any ideas …"), on which everything about its subject bears."""

MOST = 5
"""Most facts in one reply."""

_WHOLE = 0.4
"""Share of the sentences' cosine in a score; the rest is that of their words."""

_FAR = 0.3
"""Cosine below which two words have nothing to do with each other."""

_RELATED = 0.7
"""What a subject and its member count for."""

_FITS = 0.1
"""Bonus of a fact that holds what the question word asks for."""

_WEAK_WEIGHT = 0.25
"""Weight of a word of `WEAK`; that of any other is 1."""

_PASSING_WEIGHT = 0.1
"""Weight of a word of `PASSING`."""

_KINDS = (
    (
        re.compile(r"\b(?:when|what\s+(?:time|day|date)|which\s+(?:day|month|year))\b", re.IGNORECASE),
        re.compile(
            r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august"
            r"|september|october|november|december|morning|evening|night|noon|tomorrow|yesterday|next|last"
            r"|(?:1[89]|20)\d\d|\d{1,2}(?::\d\d)?\s*(?:am|pm|o'clock)|at\s+(?:\d|one|two|three|four|five|six|seven"
            r"|eight|nine|ten|eleven|twelve))\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"\bwhere\b", re.IGNORECASE),
        re.compile(r"\b(?:in|at|to|from|on|near|under|behind|next\s+to)\s+(?:the\s+|a\s+)?\w+"),
    ),
    (
        re.compile(r"\bhow\s+(?:many|much|old|often|long|far|tall)\b", re.IGNORECASE),
        re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice)\b"),
    ),
    (re.compile(r"\bwho(?:se|m)?\b", re.IGNORECASE), re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")),
)

_INFLECTS = 4
"""Letters from which on a word may have an ending."""

_LONGEST_QUESTION = 48
"""Words of a question that count, its last ones: a whole page is no question."""

_WORD = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]"  # a Han character is a word
    r"|[\u3040-\u309f]+"  # hiragana, mostly endings and particles
    r"|[\u30a0-\u30ff]+"
    r"|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+(?:['’-][^\W_]+)*"  # noqa: RUF001 - the typographic apostrophe is meant
)
_HIRAGANA = re.compile(r"[\u3040-\u309f]+")
_CONTRACTION = re.compile(r"(?:n['’]t|['’](?:s|re|ve|ll|d|m))$")  # noqa: RUF001 - the typographic apostrophe is meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A fact, its place in the prompt, and how much it bears on the question, 0 to about 1."""

    fact: str
    place: int
    score: float


def rank(question: str, facts: Sequence[str], embedder: Embedder) -> list[Scored]:
    """Scores every fact, the best first; equal scores keep their order."""
    if not facts:
        return []
    asked = _content(question)[-_LONGEST_QUESTION:]
    told = [_content(fact) for fact in facts]
    vocabulary = sorted({word for words in told for word in words})
    rows = embedder.embed([question, *asked, *facts, *vocabulary])
    split = 1 + len(asked)
    sentence = np.clip(rows[split : split + len(facts)] @ rows[0], 0.0, 1.0)
    near = _nearness(asked, vocabulary, rows[1:split] @ rows[split + len(facts) :].T)
    weights = np.array([_weight(word) for word in asked])
    column = {word: index for index, word in enumerate(vocabulary)}
    kind = _kind(question)
    # The vectors were learned from English: of another script they know letters, which say nothing of a meaning.
    share = 0.0 if asked and all(map(_foreign, asked)) else _WHOLE
    scored = []
    for place, (fact, whole, held) in enumerate(zip(facts, sentence, told, strict=True)):
        nearest = near[:, [column[word] for word in held]].max(axis=1, initial=0.0)
        aligned = float(nearest @ weights / weights.sum()) if asked else 0.0
        score = share * float(whole) + (1 - share) * aligned
        if kind is not None and kind.search(fact):
            score += _FITS
        scored.append(Scored(fact=fact, place=place, score=round(score, 6)))
    return sorted(scored, key=lambda entry: -entry.score)


def bearing(ranked: Sequence[Scored], *, open_request: bool = False) -> list[str]:
    """The facts to quote, in the order of the prompt: the best, and those not far behind it."""
    best = max((entry.score for entry in ranked), default=0.0)
    if best < BEARS_ON:
        return []
    floor = max(BEARS_ON, best * (KEEPS_UP_OPEN if open_request else KEEPS_UP))
    kept = [entry for entry in ranked if entry.score >= floor][:MOST]
    return [entry.fact for entry in sorted(kept, key=lambda entry: entry.place)]


def _content(text: str) -> list[str]:
    found = [_CONTRACTION.sub("", word.lower()) for word in _WORD.findall(text)]
    kept = [word for word in found if word not in STOP and not _HIRAGANA.fullmatch(word)]
    return list(dict.fromkeys(kept or found))


def _kind(question: str) -> re.Pattern[str] | None:
    """What a fact that answers who, when, where or how many is likely to hold."""
    for opening, holds in _KINDS:
        if opening.search(question):
            return holds
    return None


def _nearness(asked: Sequence[str], vocabulary: Sequence[str], cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """How near each word of the question (rows) is to each word of the facts (columns), 0 to 1."""
    near = np.where(cosines < _FAR, 0.0, cosines).astype(np.float32)
    for row, word in enumerate(asked):
        for column, other in enumerate(vocabulary):
            if stem(word) == stem(other) or (_foreign(word) and _inflected(word, other)):
                near[row, column] = 1.0
            elif _foreign(word) or _foreign(other):
                near[row, column] = 0.0
            elif near[row, column] < _RELATED and related(word, other):
                near[row, column] = _RELATED
    return near


def _weight(word: str) -> float:
    if word in PASSING:
        return _PASSING_WEIGHT
    return _WEAK_WEIGHT if word in WEAK else 1.0


def _foreign(word: str) -> bool:
    """Whether a word is written in another script than Latin."""
    return not any("a" <= letter <= "ɏ" for letter in word.lower())


def _inflected(word: str, other: str) -> bool:
    """Whether two words differ in their endings alone, in scripts whose languages inflect."""
    longer = max(len(word), len(other))
    same = next(
        (index for index, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    return longer >= _INFLECTS and same >= 0.6 * longer
