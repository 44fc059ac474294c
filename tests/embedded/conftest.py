"""Engine processes that run real model files with llama.cpp, and where those files come from."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import made_models
import pytest
from engines_here import Files, embedded

from showcase.engines.embedded import EXTRA, PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine_processes import Running

VARIABLE = "SHOWCASE_TEST_MODELS"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs llama.cpp where it is not installed; what only reads files needs none."""
    if find_spec(PACKAGE) is not None:
        return
    missing = pytest.mark.skip(reason=f"{PACKAGE} is not installed: pip install -e '.[{EXTRA}]' has these tests run")
    for item in items:
        if item.path.parent == Path(__file__).parent and "without_llama" not in item.path.stem:
            item.add_marker(missing)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Models of random weights, made here."""
    place = tmp_path_factory.mktemp("models")
    return Files(
        chat=made_models.write_chat(place / "made.gguf"), embed=made_models.write_embedder(place / "made-vectors.gguf")
    )


@pytest.fixture(scope="session")
def real() -> Files:
    """The models of the recordings, from the folder that a variable names; skips where they are not there."""
    return Files(chat=_real("tiny-chat"), embed=_real("all-minilm"))


@pytest.fixture(scope="session")
def engine(made: Files) -> Iterator[Running]:
    """One engine with the made models, for every test that leaves it as it is."""
    with embedded(made) as running:
        yield running


@pytest.fixture
def http(engine: Running) -> Iterator[httpx.Client]:
    """A plain HTTP client of it, deaf to proxies."""
    with httpx.Client(base_url=engine.url, trust_env=False, timeout=60) as client:
        yield client


def _real(name: str) -> Path:
    folder = os.environ.get(VARIABLE)
    how = f"{VARIABLE}=FOLDER pytest tests/embedded, where FOLDER holds tiny-chat.gguf and all-minilm.gguf"
    if not folder:
        pytest.skip(f"{VARIABLE} is not set; to have this test run: {how}")
    path = Path(folder) / f"{name}.gguf"
    if not path.is_file():
        pytest.skip(f"{path} is not there; to have this test run: {how}")
    return path
