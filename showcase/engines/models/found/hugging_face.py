"""A cache of Hugging Face: `models--OWNER--NAME/snapshots/COMMIT/FILE`, links into `blobs`.

Sources: huggingface.co/docs/huggingface_hub/guides/manage-cache; `constants.py` of huggingface_hub for the variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.models.found.folders import is_directory, models_below, relative_to
from showcase.engines.models.found.interface import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from showcase.engines.models.found.interface import Surroundings

PREFIX = "models--"
_SNAPSHOTS = "snapshots"


class HuggingFace:
    """Args: surroundings: Where to look; root: a cache that was named, instead."""

    name = "Hugging Face"

    def __init__(self, surroundings: Surroundings | None = None, *, root: Path | None = None) -> None:
        self._surroundings = surroundings
        self._root = root

    def roots(self) -> tuple[Path, ...]:
        """Return the cache: of its own variables the first that is set, else `~/.cache/huggingface/hub`."""
        if self._root is not None:
            return (self._root,)
        here = self._surroundings
        if here is None:
            return ()
        named = here.named("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") or here.named("HF_HOME", below="hub")
        return tuple(place / "huggingface" / "hub" for place in here.cache()) if named is None else (named,)

    def candidates(self, root: Path) -> Iterator[Candidate]:
        """Yield the models in it: of each repository what a snapshot names, not its blobs."""
        try:
            repositories = sorted(each for each in root.iterdir() if each.name.startswith(PREFIX))
        except OSError as error:
            yield Candidate(
                name=root.name, place=self.name, path=root, problem=f"it cannot be looked at: {error.strerror or error}"
            )
            return
        for repository in repositories:
            if is_directory(repository / _SNAPSHOTS):
                yield from models_below(repository / _SNAPSHOTS, place=self.name, named=in_repository(root))


def in_repository(root: Path) -> Callable[[Path], str]:
    """Return what calls a file of a snapshot `OWNER/NAME/FILE`, and another by its path below `root`."""
    whole = relative_to(root)

    def named(path: Path) -> str:
        parts = whole(path).split("/")
        if not parts[0].startswith(PREFIX):
            return "/".join(parts)
        inside = parts[3:] if parts[1:2] == [_SNAPSHOTS] else parts[1:]
        return "/".join([parts[0][len(PREFIX) :].replace("--", "/"), *inside])

    return named
