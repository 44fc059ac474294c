"""What every route shares: models, what is loaded, the embedder, the pace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from showcase.engines.rehearsal.catalog import Catalog
from showcase.engines.rehearsal.embeddings import Embedder
from showcase.engines.rehearsal.multilingual import MultilingualEmbedder, files
from showcase.engines.rehearsal.residency import Residency

if TYPE_CHECKING:
    from showcase.engines.rehearsal.catalog import Model
    from showcase.engines.rehearsal.interface import Vectors

VERSION = "0.24.0-rehearsal"
"""The protocol that is spoken, as a semantic version whose pre-release part says by what.

Clients that compare versions read the number; whoever shows it shows what it is.
"""


@dataclass(slots=True, kw_only=True)
class Engine:
    """State of one process.

    Attributes:
        embedder: English vectors, and the tokens of every prompt and reply.
        pace: Tokens a second at which replies are streamed; None streams as fast as it can.
    """

    embedder: Embedder = field(default_factory=Embedder)
    catalog: Catalog = field(default_factory=Catalog)
    residency: Residency = field(default_factory=Residency)
    pace: float | None = None
    _multilingual: MultilingualEmbedder | None = None

    @property
    def multilingual(self) -> Vectors | None:
        """Vectors of other languages, loaded when they are first wanted; None where they are not installed."""
        if self._multilingual is None and files():
            self._multilingual = MultilingualEmbedder()
        return self._multilingual

    def vectors_of(self, model: Model) -> Vectors:
        """The vectors that a model makes; a chat model compares by the English ones unless it has others."""
        return (self.multilingual or self.embedder) if model.multilingual else self.embedder
