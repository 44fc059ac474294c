"""Where the files lie that ship beside the code, and those of the user."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
SOURCE = PACKAGE.parent


def directory(name: str) -> Path:
    """Return the directory `name` (`templates`, `modelfiles`, `examples`, `docs`) of this installation.

    In a wheel it lies inside the package, in a checkout beside it.
    """
    inside = PACKAGE / name
    return inside if inside.is_dir() else SOURCE / name


def working_directory() -> Path | None:
    """Return the working directory, None where it was deleted since a shell went there."""
    try:
        return Path.cwd()
    except OSError:
        return None


def home() -> Path | None:
    """Return the user's home directory, None where neither HOME nor the system's list of users knows one."""
    try:
        return Path.home()
    except RuntimeError:
        return None
