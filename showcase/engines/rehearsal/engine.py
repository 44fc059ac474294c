"""What every route shares: models, what is loaded, the embedder, the pace."""

from __future__ import annotations

from dataclasses import dataclass, field

from showcase.engines.rehearsal.catalog import Catalog
from showcase.engines.rehearsal.embeddings import Embedder
from showcase.engines.rehearsal.residency import Residency

VERSION = "0.24.0-rehearsal"
"""The protocol that is spoken, as a semantic version whose pre-release part says by what.

Clients that compare versions read the number; whoever shows it shows what it is.
"""


@dataclass(slots=True, kw_only=True)
class Engine:
    """State of one process.

    Attributes:
        pace: Tokens a second at which replies are streamed; None streams as fast as it can.
    """

    embedder: Embedder = field(default_factory=Embedder)
    catalog: Catalog = field(default_factory=Catalog)
    residency: Residency = field(default_factory=Residency)
    pace: float | None = None
