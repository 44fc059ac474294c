"""Which facts bear on a question: words they share, words that mean alike, sentences that mean alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from showcase.rehearsal.embeddings import Embedder

BEARS_ON = 0.42
"""Least score of a fact that is quoted."""

KEEPS_UP = 0.62
"""Least share of the best score that a further fact must reach."""

MOST = 5
"""Most facts in one reply."""

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")  # noqa: RUF001 - the typographic apostrophe is meant
_STOP = frozenset(
    """a an the and or but if so of in on at to for from with by as into about is am are was were be been being do does
    did done have has had having i me my mine myself we us our ours you your yours he him his she her hers it its they
    them their this that these those there here what which who whom whose when where why how can could will would shall
    should may might must not no nor any some such than too very just again also please tell remind know remember
    recall said say told ever s t re ve ll d m something somewhere someone anything get got give idea ideas suggest
    recommend thing things user let""".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A fact and how much it bears on the question, 0 to about 1."""

    fact: str
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
    scored = [
        Scored(fact=fact, score=round(float(0.5 * whole + 0.5 * _aligned(asked, held, words)), 6))
        for fact, whole, held in zip(facts, sentence, told, strict=True)
    ]
    return sorted(scored, key=lambda entry: -entry.score)


def bearing(ranked: Sequence[Scored]) -> list[str]:
    """The facts to quote: the best, and those not far behind it."""
    if not ranked or ranked[0].score < BEARS_ON:
        return []
    floor = max(BEARS_ON, ranked[0].score * KEEPS_UP)
    return [entry.fact for entry in ranked if entry.score >= floor][:MOST]


def _content(text: str) -> list[str]:
    found = [word.lower() for word in _WORD.findall(text)]
    kept = [word for word in found if word not in _STOP]
    return list(dict.fromkeys(kept or found))


def _aligned(asked: Sequence[str], told: Sequence[str], words: dict[str, NDArray[np.float32]]) -> float:
    """Mean over the words of the question of the nearest word in the fact."""
    if not asked or not told:
        return 0.0
    nearest = np.stack([words[word] for word in asked]) @ np.stack([words[word] for word in told]).T
    return float(np.clip(nearest.max(axis=1), 0.0, 1.0).mean())
