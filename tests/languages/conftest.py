"""Runs in other languages than English, one of each, and what they were asked with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from program import run
from shared import finished_once

from showcase.engines.rehearsal.embeddings import Embedder
from showcase.engines.rehearsal.multilingual import MultilingualEmbedder

if TYPE_CHECKING:
    from program import Finished

    from showcase.evidence import Run


@pytest.fixture(scope="session")
def japanese(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run that took by itself the embedding that knows its language."""
    return finished_once(tmp_path_factory, "japanese", lambda out: run(out, "--language", "ja", "--no-drill"))


@pytest.fixture(scope="session")
def japanese_log(japanese: Finished) -> Run:
    return japanese.log


@pytest.fixture(scope="session")
def german(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run that was made to take the embedding that knows English alone."""
    chosen = ("--language", "de", "--embed-model", "rehearsal-embed", "--no-drill")
    return finished_once(tmp_path_factory, "german", lambda out: run(out, *chosen))


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture(scope="session")
def multilingual() -> MultilingualEmbedder:
    return MultilingualEmbedder()
