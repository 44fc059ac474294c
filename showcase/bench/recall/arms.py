"""What ranks rows for a question: exact search, words, chance, everything there is, and systems that must score badly.

Those of a memory backend are in `stores`.
"""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from showcase.bench.recall.asked import AT_MOST
from showcase.shell.advice import install_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from showcase.bench.recall.asked import Asked, RecallSet

ARMS = {
    "exact-cosine": "every row of the user compared with the question, in memory",
    "mem0-shared": "stock mem0 without extraction, one collection for everybody",
    "mem0-per-user": "stock mem0 without extraction, one collection a user",
    "chroma-shared": "Chroma alone, one collection for everybody",
    "chroma-per-user": "Chroma alone, one collection a user",
    "bm25": "words in common with the question, by BM25 over the user's rows (bm25s)",
    "recent": "the user's newest rows, whatever is asked",
    "random": "rows of the user by chance",
    "history": "all rows of the user, oldest first",
    "nothing": "null system: returns no row",
    "everything": "null system: returns everybody's rows",
    "vague": "null system: the same most central rows of the user for every question",
}
"""Every arm, and what it is; exact search first, which the others are compared with."""

NULL = ("nothing", "everything", "vague")
EXTRA, LIBRARY = "bench", "bm25s"


class SkippedError(Exception):
    """Why an arm cannot be measured here, in words; no fault of the measurement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What an arm returned.

    Attributes:
        rows: Places of rows in the set, best first.
        best: The score of the first, the higher the better; None where the arm has no score, or no row.
    """

    rows: tuple[int, ...]
    best: float | None = None


class Ranks(Protocol):
    """An arm that is ready to be asked."""

    def rank(self, asked: Asked) -> Ranking:
        """Return the rows for a question."""
        ...


class Vectors:
    """Vectors of rows, embedded once; those of questions are not kept, as embedding them is a turn's cost.

    Args:
        embed: Returns the vector of a text, of unit length.
    """

    def __init__(self, embed: Callable[[str], Sequence[float]]) -> None:
        self.fresh = embed
        self._kept: dict[str, Sequence[float]] = {}

    def kept(self, text: str) -> Sequence[float]:
        """Return the vector of a row."""
        if text not in self._kept:
            self._kept[text] = self.fresh(text)
        return self._kept[text]


class ExactCosine:
    """The cosine of the question and every row of the user."""

    def __init__(self, some: RecallSet, vectors: Vectors) -> None:
        self._some = some
        self._vectors = vectors
        self._of_user = {user: matrix(some, user, vectors) for user in some.of_user}

    def rank(self, asked: Asked) -> Ranking:
        """See `Ranks`."""
        import numpy as np  # noqa: PLC0415 - heavy

        cosines = self._of_user[asked.user] @ np.asarray(self._vectors.fresh(asked.text), dtype=np.float64)
        return highest(self._some.of_user[asked.user], cosines.tolist())


class Vague:
    """The rows that lie nearest to the mean of the user's rows, for every question."""

    def __init__(self, some: RecallSet, vectors: Vectors) -> None:
        self._rows = {}
        for user, numbers in some.of_user.items():
            rows = matrix(some, user, vectors)
            self._rows[user] = highest(numbers, (rows @ rows.mean(axis=0)).tolist()).rows

    def rank(self, asked: Asked) -> Ranking:
        """See `Ranks`."""
        return Ranking(rows=self._rows[asked.user])


class Bm25:
    """Words in common, weighted: Lucene's variant with k1 = 1.5 and b = 0.75, the library's own choice.

    Raises:
        SkippedError: The library is not installed.
    """

    def __init__(self, some: RecallSet) -> None:
        self._some = some
        self._library = bm25_library()
        self._of_user: dict[str, Any] = {}
        for user, numbers in some.of_user.items():
            index = self._library.BM25()
            index.index([self._words(some.told[number].text) for number in numbers], show_progress=False)
            self._of_user[user] = index

    def rank(self, asked: Asked) -> Ranking:
        """See `Ranks`. A row without a word in common is not returned."""
        index = self._of_user[asked.user]
        known = [word for word in self._words(asked.text) if word in index.vocab_dict]
        numbers = self._some.of_user[asked.user]
        if not known:
            return Ranking(rows=())
        return highest(numbers, [float(score) for score in index.get_scores(known)], above=0.0)

    def _words(self, text: str) -> list[str]:
        words: list[str] = self._library.tokenize([text], stopwords="en", return_ids=False, show_progress=False)[0]
        return words or [""]


def bm25_library() -> Any:  # noqa: ANN401 - an optional library, which ships no types
    """Return the library.

    Raises:
        SkippedError: It is not installed.
    """
    try:
        return importlib.import_module(LIBRARY)
    except ImportError:
        raise SkippedError(f"{LIBRARY} is not installed: {install_extra(EXTRA, LIBRARY)}") from None


class Plain:
    """What needs no model: by the name of the arm.

    Args:
        some: The set.
        name: `recent`, `random`, `history`, `nothing` or `everything`.
    """

    def __init__(self, some: RecallSet, name: str) -> None:
        self._some = some
        self._name = name

    def rank(self, asked: Asked) -> Ranking:
        """See `Ranks`."""
        mine = self._some.of_user[asked.user]
        if self._name == "nothing":
            return Ranking(rows=())
        if self._name == "everything":
            return Ranking(rows=tuple(range(len(self._some.told))))
        if self._name == "history":
            return Ranking(rows=mine)
        if self._name == "recent":
            return Ranking(rows=tuple(reversed(mine))[:AT_MOST])
        return Ranking(rows=tuple(sorted(mine, key=lambda number: _chance(asked.id, number))[:AT_MOST]))


def _chance(question_id: str, number: int) -> str:
    return hashlib.sha256(f"{question_id} {number}".encode()).hexdigest()


def matrix(some: RecallSet, user: str, vectors: Vectors) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the vectors of a user's rows, one a line."""
    import numpy as np  # noqa: PLC0415 - heavy

    return np.asarray([vectors.kept(some.told[number].text) for number in some.of_user[user]], dtype=np.float64)


def highest(numbers: Sequence[int], scores: Sequence[float], *, above: float | None = None) -> Ranking:
    """Return the rows of the highest scores, of equal ones the one told first; none at or below `above`."""
    pairs = [(-score, number) for number, score in zip(numbers, scores, strict=True) if above is None or score > above]
    first = sorted(pairs)[:AT_MOST]
    return Ranking(rows=tuple(number for _, number in first), best=-first[0][0] if first else None)
