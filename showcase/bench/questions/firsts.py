"""How often the fact that answers a question is the nearest one, by language and embedding.

The sets lie in `languages/`, one file each and named by its tag: four made-up people with six facts each, a question
about each fact in other words, and two questions each about nothing that was told. A file more is a language more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SETS = Path(__file__).with_name("languages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Firsts:
    """What a way of scoring makes of a language's questions.

    Attributes:
        language: Its tag.
        questions: Questions that a fact answers.
        own: Of how many that fact came first among those of the person who asks.
        everybody: The same among the facts of all.
        known: Mean score of those facts.
        unknown: Mean of the best score where nothing was told.
    """

    language: str
    questions: int
    own: int
    everybody: int
    known: float
    unknown: float


def there() -> tuple[str, ...]:
    """Return the languages that have a set."""
    return tuple(sorted(path.stem for path in _SETS.glob("*.json")))


def questions_in(language: str) -> dict[str, Any]:
    """Return a set: `people` with `facts`, and `cases` with `who`, `ask` and, where a fact answers it, `needs`."""
    data: dict[str, Any] = json.loads((_SETS / f"{language}.json").read_text(encoding="utf-8"))
    return data


def measure(language: str, score: Callable[[str, Sequence[str]], Sequence[float]]) -> Firsts:
    """Score the facts of a language for each of its questions.

    Args:
        language: A tag of `there`.
        score: Returns, for a question and facts, how near each fact is. Of several that are as near, none is first.
    """
    data = questions_in(language)
    everybody = [fact for person in data["people"].values() for fact in person["facts"]]
    own = among_all = asked = 0
    known, unknown = [], []
    for case in data["cases"]:
        facts = data["people"][case["who"]]["facts"]
        scores = score(case["ask"], facts)
        if "needs" not in case:
            unknown.append(max(scores))
            continue
        wanted = facts[case["needs"][0]]
        asked += 1
        known.append(scores[case["needs"][0]])
        own += _is_first(wanted, facts, scores)
        among_all += _is_first(wanted, everybody, score(case["ask"], everybody))
    return Firsts(
        language=language,
        questions=asked,
        own=own,
        everybody=among_all,
        known=sum(known) / len(known),
        unknown=sum(unknown) / len(unknown),
    )


def _is_first(wanted: str, facts: Sequence[str], scores: Sequence[float]) -> bool:
    best = max(scores)
    return [fact for fact, score in zip(facts, scores, strict=True) if score >= best] == [wanted]
