"""What the vectors of an embedding model are to the engine, whichever weights they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class Embeddings(Protocol):
    """Sentence vectors and token counts of one embedding model."""

    dimensions: int
    vocabulary_size: int

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns an array of shape (len(texts), dimensions), each row of length 1."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included; of one beyond the context, at least one more than fit."""
        ...
