"""Sentence vectors and token counts from the shipped weights. No network, ever."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import TYPE_CHECKING

# Read once, when huggingface_hub is imported: a missing weight file must be an error, never a download.
os.environ["HF_HUB_OFFLINE"] = "1"
# One batch is a millisecond of work; a thread pool would only make forks unsafe.
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import numpy as np
from model2vec import StaticModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent / "weights"
DIMENSIONS = 256
CONTEXT_LENGTH = 512
"""Tokens of one input that count, `[CLS]` and `[SEP]` included: the limit of the model it was distilled from."""

MARKS = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
"""What delimits the turns of a prompt."""

_SPECIAL = 2
"""`[CLS]` and `[SEP]`, counted for every input as Ollama counts them for a BERT model."""


class Embedder:
    """The static embedding model and its tokenizer."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._model = StaticModel.from_pretrained(weights)
        self._tokenizer = copy.deepcopy(self._model.tokenizer)
        self._tokenizer.no_truncation()
        self.vocabulary_size = int(self._tokenizer.get_vocab_size())
        """Number of word pieces that have a vector."""
        # The marks of a prompt's turns are one token each, as in the vocabulary of a chat model.
        self._tokenizer.add_special_tokens(list(MARKS))
        self.dimensions = DIMENSIONS
        self._unknown = np.full(DIMENSIONS, DIMENSIONS**-0.5, dtype=np.float32)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeds texts; what lies beyond the context length is ignored.

        Args:
            texts: Any number of texts, each of any length.

        Returns:
            Array of shape (len(texts), 256), each row of length 1. A text without one known word piece (nothing
            but emoji, or empty) gets the vector whose elements are all equal, which no text resembles.
        """
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        vectors = np.asarray(self._model.encode(list(texts), max_length=CONTEXT_LENGTH - _SPECIAL), dtype=np.float32)
        vectors[~vectors.any(axis=1)] = self._unknown
        return vectors

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, untruncated."""
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) + _SPECIAL for encoding in encoded]

    def pieces(self, text: str) -> list[str]:
        """Cuts a text into its tokens, without loss: the pieces joined are the text.

        Word pieces are cut from the original by their offsets, white space going with the token after it, so that
        letter case, accents and unknown characters survive a tokenizer that folds them.
        """
        if not text:
            return []
        ends = [end for _, end in self._tokenizer.encode(text, add_special_tokens=False).offsets]
        if not ends:
            return [text]
        ends[-1] = len(text)
        starts = [0, *ends[:-1]]
        return [text[start:end] for start, end in zip(starts, ends, strict=True)]

    def ids(self, text: str) -> list[int]:
        """Token ids of a text, without special tokens."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)
