"""llama.cpp's own cache, of before it took to that of Hugging Face.

Source: `fs_get_cache_directory` in `common/common.cpp`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.models.found.folders import models_below
from showcase.engines.models.found.hugging_face import in_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.engines.models.found.interface import Candidate, Surroundings


class LlamaCpp:
    """Args: surroundings: Where to look."""

    name = "llama.cpp"

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def roots(self) -> tuple[Path, ...]:
        """Return `LLAMA_CACHE` where it is set, else the cache of the system."""
        here = self._surroundings
        named = here.named("LLAMA_CACHE")
        if named is not None:
            return (named,)
        if here.system == "darwin":
            return here.at_home("Library", "Caches", "llama.cpp")
        if here.system == "win32":
            local = here.named("LOCALAPPDATA", below="llama.cpp")
            return () if local is None else (local,)
        return tuple(place / "llama.cpp" for place in here.cache())

    def candidates(self, root: Path) -> Iterator[Candidate]:
        """Yield the models in it; newer versions keep repositories there, as Hugging Face does."""
        yield from models_below(root, place=self.name, named=in_repository(root))
