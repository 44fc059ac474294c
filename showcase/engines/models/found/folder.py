"""A folder or a file that somebody named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.models.found.folders import is_directory, models_below, relative_to
from showcase.engines.models.found.interface import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Folder:
    """Args: root: A folder, or a file, which is looked at whatever it is called."""

    name = "named"

    def __init__(self, root: Path) -> None:
        self._root = root

    def roots(self) -> tuple[Path, ...]:
        """Return it."""
        return (self._root,)

    def candidates(self, root: Path) -> Iterator[Candidate]:
        """Yield the models in it."""
        if is_directory(root):
            yield from models_below(root, place=self.name, named=relative_to(root))
        else:
            yield Candidate(name=relative_to(root.parent)(root), place=self.name, path=root)
