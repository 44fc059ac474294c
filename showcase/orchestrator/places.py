"""Directories that last as long as a run."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def temporary(prefix: str, place: Path | None = None) -> Iterator[Path]:
    """Make a directory of ours, and remove it in whatever state a killed child left it."""
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
