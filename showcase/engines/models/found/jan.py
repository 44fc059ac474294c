"""Jan's models: `llamacpp/models/NAME/model.gguf` in its data folder, earlier `models/…`.

Source: jan.ai/docs/data-folder for the folders; earlier versions used `~/jan`. One that was moved to another place is
found where it is named, and a file that Jan was only told of where it lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.models.found.folders import models_below, relative_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.engines.models.found.interface import Candidate, Surroundings


class Jan:
    """Args: surroundings: Where to look."""

    name = "Jan"

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def roots(self) -> tuple[Path, ...]:
        """Return the folders of models in its data folders of this system."""
        return tuple(
            data.joinpath(*parts) for data in self._data_folders() for parts in (("llamacpp", "models"), ("models",))
        )

    def candidates(self, root: Path) -> Iterator[Candidate]:
        """Yield the models in one; each has a folder, whose name is the model's."""
        whole = relative_to(root)
        yield from models_below(root, place=self.name, named=lambda path: whole(path).removesuffix("/model"))

    def _data_folders(self) -> tuple[Path, ...]:
        here = self._surroundings
        earlier = here.at_home("jan")
        if here.system == "darwin":
            return (*here.at_home("Library", "Application Support", "Jan", "data"), *earlier)
        if here.system == "win32":
            roaming = here.named("APPDATA", below="Jan/data")
            return (*(() if roaming is None else (roaming,)), *earlier)
        config = here.named("XDG_CONFIG_HOME", below="Jan/data")
        share = here.named("XDG_DATA_HOME", below="Jan/data")
        return (
            *(here.at_home(".config", "Jan", "data") if config is None else (config,)),
            *(here.at_home(".local", "share", "Jan", "data") if share is None else (share,)),
            *earlier,
        )
