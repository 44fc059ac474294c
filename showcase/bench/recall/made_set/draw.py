"""Draws by SHA-256: the same from the same seed on every Python, which `random.choice` does not promise."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Draw:
    """A sequence of numbers that a seed decides.

    Args:
        seed: Any bytes.
    """

    def __init__(self, seed: bytes) -> None:
        self._seed = hashlib.sha256(seed).digest()
        self._drawn = 0

    def below(self, end: int) -> int:
        """Return a number from 0 to `end` - 1; of 64 bits, so that none is likelier than another by 1e-17 of itself."""
        self._drawn += 1
        digest = hashlib.sha256(self._seed + self._drawn.to_bytes(8, "big")).digest()
        return int.from_bytes(digest[:8], "big") % end

    def one(self, among: Sequence[T]) -> T:
        """Return one of them."""
        return among[self.below(len(among))]

    def some(self, among: Sequence[T], count: int) -> tuple[T, ...]:
        """Return so many of them, none twice, in a random order."""
        left = list(among)
        return tuple(left.pop(self.below(len(left))) for _ in range(count))

    def shuffled(self, among: Sequence[T]) -> tuple[T, ...]:
        """Return all of them in a random order."""
        return self.some(among, len(among))
