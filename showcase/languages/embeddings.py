"""What languages the vectors of an embedding model were made for: by the model's name, as far as it is known here.

From the models' own descriptions. A name says what was pulled, not what was done to it since; a model that is in no
table is one that nothing is known of, which is said as such.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.languages.telling import Told

ENGLISH = frozenset({"en"})

SIXTEEN = frozenset({"ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"})
"""Those of Google's universal-sentence-encoder-multilingual 3, which counts two kinds of Chinese."""

_MULTILINGUAL = (
    r"bge-m3",
    r".*multilingual.*",  # multilingual-e5-*, paraphrase-multilingual, …
    r"embeddinggemma.*",
    r"qwen3-embedding.*",
    r"nomic-embed-text-v2.*",
    r"snowflake-arctic-embed2",
    r"granite-embedding:(?:107m|278m).*",
    r"labse.*",
)
_ENGLISH = (
    r"rehearsal-embed",
    r"nomic-embed-text(?:-v1.*)?",
    r"all-minilm.*",
    r"mxbai-embed-large.*",
    r"snowflake-arctic-embed",
    r"bge-(?:small|base|large)(?:-en.*)?",
    r"granite-embedding",
    r"(?:e5|gte)-(?:small|base|large).*",
)
"""Families, asked in this order: the name before the tag, and with it where it tells which of them it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Which languages a model knows.

    Attributes:
        tags: Those that it knows; None where it knows most, or where nothing is known of it.
        told: Whether anything is known of it here.
    """

    tags: frozenset[str] | None
    told: bool = True

    def covers(self, tag: str) -> bool:
        """Return whether the model is known to know a language."""
        return self.told and (self.tags is None or tag in self.tags)


def knowledge_of(model: str) -> Knowledge:
    """Return what is known of a model, by its name as Ollama has it."""
    name = model.casefold().rpartition("/")[2].removesuffix(":latest")
    if name.partition(":")[0] == "rehearsal-embed-multilingual":
        return Knowledge(tags=SIXTEEN)
    if _is_of(_MULTILINGUAL, name):
        return Knowledge(tags=None)
    if _is_of(_ENGLISH, name):
        return Knowledge(tags=ENGLISH)
    return Knowledge(tags=None, told=False)


def unknown_to(model: str, languages: Iterable[Told]) -> tuple[Told, ...]:
    """Return those of the languages that a model is not known to know. English is taken to be known by every one."""
    known = knowledge_of(model)
    return tuple(each for each in languages if each.tag != "en" and not known.covers(each.tag))


def _is_of(families: Iterable[str], name: str) -> bool:
    return any(re.fullmatch(f"(?:{each})(?::.*)?", name) for each in families)
