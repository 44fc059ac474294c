"""Runs Python in the environment that the showcase gives its children."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from showcase.processes import environment

if TYPE_CHECKING:
    from pathlib import Path


def run(home: Path, *arguments: str) -> str:
    """Run a Python process in the environment that the showcase gives its children."""
    forced, _ = environment.build(mem0_home=home)
    done = subprocess.run(
        [sys.executable, *arguments], env=forced, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
