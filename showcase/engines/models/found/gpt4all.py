"""GPT4All's models: files in one folder, and those of its Python package.

Sources: docs.gpt4all.io, "Settings", "Download Path"; and "Python SDK" for `~/.cache/gpt4all`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.models.found.folders import models_below, relative_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.engines.models.found.interface import Candidate, Surroundings

_PARTS = ("nomic.ai", "GPT4All")


class Gpt4All:
    """Args: surroundings: Where to look."""

    name = "GPT4All"

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def roots(self) -> tuple[Path, ...]:
        """Return its folder of this system, and the cache of its package."""
        here = self._surroundings
        cache = here.at_home(".cache", "gpt4all")
        if here.system == "darwin":
            return (*here.at_home("Library", "Application Support", *_PARTS), *cache)
        if here.system == "win32":
            local = here.named("LOCALAPPDATA", below="/".join(_PARTS))
            return (*(() if local is None else (local,)), *cache)
        return (*here.at_home(".local", "share", *_PARTS), *cache)

    def candidates(self, root: Path) -> Iterator[Candidate]:
        """Yield the models in one."""
        yield from models_below(root, place=self.name, named=relative_to(root))
