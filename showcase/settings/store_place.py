"""Where a store lies: the one a person keeps, where none is named, and the two directories that make one up."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from showcase.documents import resources
from showcase.errors import UsageError
from showcase.settings import MEM0_HOME, STORE

VARIABLE = "SHOWCASE_STORE"
NAME = "local-memory-showcase"
DATABASE = "chroma.sqlite3"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePlace:
    """The directories of a store, whether they are there or not.

    Attributes:
        root: What was named.
        chroma: Where Chroma keeps its database and its indexes.
        home: mem0's own directory, with the history.
    """

    root: Path
    chroma: Path
    home: Path


def default_store() -> Path:
    """Return the directory of the store that a person keeps from day to day.

    It is what SHOWCASE_STORE names, else a directory in the system's place for a user's data: `$XDG_DATA_HOME`
    (https://specifications.freedesktop.org/basedir-spec/latest/), `~/Library/Application Support`, `%LOCALAPPDATA%`.

    Raises:
        UsageError: Neither the environment nor the system's list of users tells where that is.
    """
    named = os.environ.get(VARIABLE, "")
    return Path(named) if named else _data_home() / NAME


def store_place(root: Path) -> StorePlace:
    """Return where the parts of a store are: beside each other, as `showcase run` lays them, or root is Chroma's own.

    A `chroma.sqlite3` in it, be it a link that leads nowhere, tells the second.
    """
    chroma = root if os.path.lexists(root / DATABASE) else root / STORE
    return StorePlace(root=root, chroma=chroma, home=root / MEM0_HOME)


def _data_home() -> Path:
    if sys.platform == "win32":
        return _named("LOCALAPPDATA") or _home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return _home() / "Library" / "Application Support"
    return _named("XDG_DATA_HOME") or _home() / ".local" / "share"


def _named(variable: str) -> Path | None:
    """Return the directory that a variable names; a relative one is to be ignored, says the specification of XDG."""
    path = Path(os.environ.get(variable, ""))
    return path if path.is_absolute() else None


def _home() -> Path:
    home = resources.home()
    if home is None:
        raise UsageError(
            f"there is no home directory to keep a store in, and {VARIABLE} names none",
            hint=f"name a directory on the command line, or set {VARIABLE} to one",
        )
    return home
