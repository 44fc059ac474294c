"""LM Studio's models: `publisher/model/file.gguf` in its folder, and those it brings along.

Sources: lmstudio.ai/docs/basics/import-model for the folder; `findLMStudioHome` of lmstudio-js for the pointer
in the home directory and for the earlier folder, `~/.cache/lm-studio`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import reading, strict_json
from showcase.engines.models.found.folders import models_below, relative_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.engines.models.found.interface import Candidate, Surroundings

_MOST_BYTES = 2**20


class LmStudio:
    """Args: surroundings: Where to look."""

    name = "LM Studio"

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def roots(self) -> tuple[Path, ...]:
        """Return its folders: those of now and of earlier, and one that was chosen in its settings."""
        found: list[Path] = []
        for home in (*self._pointed_at(), *self._of_home(".lmstudio"), *self._of_home(".cache", "lm-studio")):
            found += [*_chosen(home), home / "models", home / ".internal" / "bundled-models"]
        return tuple(dict.fromkeys(found))

    def candidates(self, root: Path) -> Iterator[Candidate]:
        """Yield the models in one."""
        yield from models_below(root, place=self.name, named=relative_to(root))

    def _of_home(self, *parts: str) -> tuple[Path, ...]:
        return self._surroundings.at_home(*parts)

    def _pointed_at(self) -> Iterator[Path]:
        for pointer in self._of_home(".lmstudio-home-pointer"):
            text = _read(pointer).decode("utf-8", "replace").strip()
            if text and "\0" not in text and Path(text).is_absolute():
                yield Path(text)


def _chosen(home: Path) -> Iterator[Path]:
    try:
        settings = strict_json.parse(_read(home / "settings.json"))
    except ValueError:
        return
    folder = settings.get("downloadsFolder") if isinstance(settings, dict) else None
    if isinstance(folder, str) and "\0" not in folder and Path(folder).is_absolute():
        yield Path(folder)


def _read(path: Path) -> bytes:
    try:
        return reading.read(path, limit=_MOST_BYTES, files_only=True)
    except reading.UnreadableError:
        return b""
