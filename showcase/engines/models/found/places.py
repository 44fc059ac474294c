"""The places there are, and what a named one is."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from showcase.documents import resources
from showcase.engines.models.found.folder import Folder
from showcase.engines.models.found.folders import is_directory
from showcase.engines.models.found.gpt4all import Gpt4All
from showcase.engines.models.found.hugging_face import PREFIX, HuggingFace
from showcase.engines.models.found.interface import Surroundings
from showcase.engines.models.found.jan import Jan
from showcase.engines.models.found.llama_cpp import LlamaCpp
from showcase.engines.models.found.lm_studio import LmStudio
from showcase.engines.models.found.ollama import BLOBS, MANIFESTS, OllamaStore

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.engines.models.found.interface import Place


def surroundings() -> Surroundings:
    """Return what tells of this machine and user."""
    return Surroundings(variables=os.environ, home=resources.home(), system=sys.platform)


def usual(here: Surroundings) -> tuple[Place, ...]:
    """Return where programs keep their models, best known first: a file of two places is listed under the first."""
    return (OllamaStore(here), LmStudio(here), LlamaCpp(here), HuggingFace(here), Gpt4All(here), Jan(here))


def named(path: Path) -> Place:
    """Return what a named path is: a store of Ollama, a cache of Hugging Face, or a folder or file like any other."""
    if is_directory(path / MANIFESTS) and is_directory(path / BLOBS):
        return OllamaStore(root=path)
    try:
        repositories = is_directory(path) and any(each.name.startswith(PREFIX) for each in path.iterdir())
    except OSError:  # may not be read, which is told where it is looked at
        repositories = False
    return HuggingFace(root=path) if repositories else Folder(path)
