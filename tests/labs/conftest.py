"""The lab that the documentation has as a template: small, and whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "labs.md"
_FILE = re.compile(r"`([^`\n]+)`:\n\n```\w+\n(.*?)```", re.DOTALL)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The template of the documentation, typed as it stands there."""
    text = DOCUMENT.read_text("utf-8")
    template = text[text.index("<!-- template -->") : text.index("<!-- end of template -->")]
    for name, content in _FILE.findall(template):
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path / "own"
