"""Rows of many users with vectors by a seed, and questions that lie near to some of them.

The vectors lie in clusters, since an index of near neighbours looks worse on directions that are all alike than on any
text: there the tenth neighbour is hardly nearer than the thousandth. All users speak of the same topics, so that rows
of others lie as near to a question as a user's own do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

DIMENSIONS = 384
"""Of all-minilm, and of many small embedding models."""

SEED = 20261128
TOPICS = 64
DIRECTIONS = 24
"""In so many directions of its own the rows of a topic differ."""

_SPREAD = 0.8
_ROUGHNESS = 0.1
_ASIDE = 0.4


class Rows:
    """The rows of all users; a user has `count // users` of them.

    Args:
        count: Rows of all users together.
        users: How many users.
    """

    def __init__(self, count: int, users: int) -> None:
        import numpy as np  # noqa: PLC0415 - heavy

        self.users = users
        self.own = count // users
        self._key = (SEED, count, users)
        numbers = np.random.default_rng(SEED)
        self._centres = _unit(numbers.standard_normal((TOPICS, DIMENSIONS)))
        self._directions = numbers.standard_normal((TOPICS, DIRECTIONS, DIMENSIONS))

    def vectors(self, user: int) -> np.ndarray:
        """Return the vectors of a user's rows in the order of storing, of unit length and single precision."""
        import numpy as np  # noqa: PLC0415 - heavy

        numbers = np.random.default_rng((*self._key, user))
        topics = numbers.integers(TOPICS, size=self.own)
        apart = np.empty((self.own, DIMENSIONS))
        for topic in np.unique(topics):
            some = topics == topic
            apart[some] = numbers.standard_normal((int(some.sum()), DIRECTIONS)) @ self._directions[topic]
        rough = _unit(numbers.standard_normal((self.own, DIMENSIONS)))
        found: np.ndarray = _unit(self._centres[topics] + _SPREAD * _unit(apart) + _ROUGHNESS * rough)
        return found.astype(np.float32)

    def question(self, user: int, number: int, vectors: np.ndarray) -> list[float]:
        """Return what is asked of a user: a vector beside one of the rows."""
        import numpy as np  # noqa: PLC0415 - heavy

        numbers = np.random.default_rng((*self._key, user, number))
        aside = _unit(numbers.standard_normal((1, DIMENSIONS)))[0]
        asked = _unit((vectors[numbers.integers(len(vectors))] + _ASIDE * aside)[None])[0]
        found: list[float] = asked.tolist()
        return found


def user_id(user: int) -> str:
    """Return a user's name."""
    return f"user-{user}"


def row_id(user: int, number: int) -> str:
    """Return a row's id, which says whose it is."""
    return f"{user_id(user)}/{number}"


def is_of(row: str, user: int) -> bool:
    """Tell whether a row is a user's."""
    return row.startswith(f"{user_id(user)}/")


def text(user: int, number: int) -> str:
    """Return a row's text."""
    return f"what {user_id(user)} told as number {number}, of the length that a sentence has"


def nearest(vectors: np.ndarray, asked: list[float], at_most: int) -> tuple[int, ...]:
    """Return the numbers of the rows with the greatest cosine, in double precision, greatest first."""
    import numpy as np  # noqa: PLC0415 - heavy

    order = np.argsort(-(vectors.astype(np.float64) @ np.asarray(asked)), kind="stable")
    return tuple(int(each) for each in order[:at_most])


def _unit(found: np.ndarray) -> np.ndarray:
    import numpy as np  # noqa: PLC0415 - heavy

    length: np.ndarray = np.linalg.norm(found, axis=-1, keepdims=True)
    divided: np.ndarray = found / length
    return divided
