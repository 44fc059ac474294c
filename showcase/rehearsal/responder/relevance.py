"""Which facts bear on a question: words they share, words that mean alike, sentences that mean alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from showcase.rehearsal.responder.topics import related, stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from showcase.rehearsal.embeddings import Embedder

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
"""Weight of a word that says what is wanted of a subject rather than which."""

_WEAK = frozenset(
    """favourite favorite like love prefer enjoy best most good kind type sort day time name called want need use own
    many much often long happen happened start make right bad""".split()
)
_PASSING_WEIGHT = 0.1
"""Weight of a word that says for when an answer is wanted, not what about."""

_PASSING = frozenset("tonight today tomorrow now weekend evening morning afternoon week again".split())
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
    (re.compile(r"\bhow\s+(?:many|much|old|often|long|far|tall)\b", re.IGNORECASE), re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice)\b")),
    (re.compile(r"\bwho(?:se|m)?\b", re.IGNORECASE), re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")),
)

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")  # noqa: RUF001 - the typographic apostrophe is meant
_CONTRACTION = re.compile(r"(?:n['’]t|['’](?:s|re|ve|ll|d|m))$")  # noqa: RUF001 - the typographic apostrophe is meant
_STOP = frozenset(
    """a an the and or but if so of in on at to for from with by as into about is am are was were be been being do does
    did done have has had having i me my mine myself we us our ours you your yours he him his she her hers it its they
    them their this that these those there here what which who whom whose when where why how can could will would shall
    should may might must not no nor any some such than too very just again also please tell remind know remember
    recall said say told ever s t re ve ll d m something somewhere someone anything get got give idea ideas suggest
    suggestion suggestions recommend recommendation recommendations tip tips advice thought thoughts thing things user let""".split()
)


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
    asked = _content(question)
    told = [_content(fact) for fact in facts]
    vocabulary = sorted({*asked, *(word for words in told for word in words)})
    rows = embedder.embed([question, *facts, *vocabulary])
    sentence = np.clip(rows[1 : len(facts) + 1] @ rows[0], 0.0, 1.0)
    words = dict(zip(vocabulary, rows[len(facts) + 1 :], strict=True))
    kind = _kind(question)
    scored = []
    for place, (fact, whole, held) in enumerate(zip(facts, sentence, told, strict=True)):
        score = _WHOLE * float(whole) + (1 - _WHOLE) * _aligned(asked, held, words)
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
    kept = [word for word in found if word not in _STOP]
    return list(dict.fromkeys(kept or found))


def _kind(question: str) -> re.Pattern[str] | None:
    """What a fact that answers who, when, where or how many is likely to hold."""
    for opening, holds in _KINDS:
        if opening.search(question):
            return holds
    return None


def _aligned(asked: Sequence[str], told: Sequence[str], words: dict[str, NDArray[np.float32]]) -> float:
    """Mean over the words of the question, by their weight, of how near the nearest word of the fact is."""
    if not asked or not told:
        return 0.0
    near = np.stack([words[word] for word in asked]) @ np.stack([words[word] for word in told]).T
    near = np.where(near < _FAR, 0.0, near)
    for row, word in enumerate(asked):
        for column, other in enumerate(told):
            if stem(word) == stem(other):
                near[row, column] = 1.0
            elif related(word, other):
                near[row, column] = max(near[row, column], _RELATED)
    weights = np.array([_weight(word) for word in asked])
    return float((near.max(axis=1) * weights).sum() / weights.sum())


def _weight(word: str) -> float:
    if word in _PASSING:
        return _PASSING_WEIGHT
    return _WEAK_WEIGHT if word in _WEAK else 1.0
