"""What every route shares: what makes tokens and vectors, the models, what is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.protocol.catalog import Catalog
from showcase.engines.protocol.residency import Residency

if TYPE_CHECKING:
    from showcase.engines.protocol.interface import Backend


class Engine:
    """State of one process."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.catalog = Catalog(backend.shipped())
        self.residency = Residency(backend.unload)
