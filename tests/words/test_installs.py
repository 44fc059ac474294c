"""Nobody is told to install this program by a name that anybody could publish."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import showcase

PACKAGE = Path(showcase.__file__).parent

FROM_AN_INDEX = re.compile(
    r"\b(?:install|installs|add|download|uvx|run|wheel|--with|--from|requires)\b[^`;&|:(]{0,60}?"
    r"(?<![\w./\\-])local[-_.]+memory[-_.]+showcase(?![\w.*-]*\.whl|[\w-]*[/\\])",
    re.IGNORECASE,
)
"""A command, or a sentence, that fetches this program by its name. A path or the file of a wheel is none."""


@pytest.mark.parametrize(
    "told",
    [
        "pip install local-memory-showcase",
        "- run: pip install local-memory-showcase pytest",
        "pip install -U 'local_memory_showcase[test]==0.1.0'",
        "uv tool install\nLocal-Memory-Showcase",
        "pipx run local-memory-showcase drill",
        "uvx local-memory-showcase run",
        "uv run --with pytest --with local.memory.showcase pytest",
        "install the version of local-memory-showcase that wrote it",
    ],
)
def test_what_installs_by_name_is_found(told: str) -> None:
    assert FROM_AN_INDEX.search(told)


@pytest.mark.parametrize(
    "told",
    [
        "pip install wheels/local_memory_showcase-*.whl pytest",
        "pip install local_memory_showcase-0.1.0-py3-none-any.whl",
        "pip install ./local-memory-showcase",
        "pip install local-memory-showcase/",
        "pip install .",
    ],
)
def test_a_checkout_and_a_wheel_are_no_index(told: str) -> None:
    assert not FROM_AN_INDEX.search(told)


def test_no_package_of_anybody_is_told_to_be_installed() -> None:
    """No index is known to hold this program by its name: whoever registers it there would be installed."""
    checkout = Path(__file__).parents[2]
    scripts = ("*.py", "*.sh", "*.ps1", "*.bat")
    named = (*scripts, "*.md", "*.j2", "*.html", "*.toml", "*.yml", "*.yaml", "*.txt", "Modelfile*")
    places = [PACKAGE, *(checkout / name for name in ("docs", "examples", "templates", "modelfiles"))]
    texts = {path for place in places for name in named for path in place.rglob(name)}
    texts |= {path for name in ("*.md", "*.py") for path in checkout.glob(name)}
    assert {checkout / "README.md", checkout / "docs/developers.md", checkout / "examples/README.md"} <= texts
    told = {str(path): FROM_AN_INDEX.findall(path.read_text("utf-8")) for path in texts}
    assert {path: found for path, found in told.items() if found} == {}
