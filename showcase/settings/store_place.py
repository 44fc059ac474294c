"""Where a store lies: the one a person keeps, where none is named, and the two directories that make one up."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from showcase.documents import resources
from showcase.errors import UsageError
from showcase.settings import MEM0_HOME, STORE
from showcase.settings.store_address import StoreAddress, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "SHOWCASE_STORE"
NAME = "local-memory-showcase"
DATABASE = "chroma.sqlite3"


StoreNamed: TypeAlias = Path | StoreAddress
"""What stands behind `--store`, read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePlace:
    """The directories of a store, whether they are there or not.

    Attributes:
        root: What was named; of a store with a URL, this machine's own directory for it.
        chroma: Where Chroma keeps its database and its indexes; of another engine, its files, if it has any here.
        home: mem0's own directory, with the history.
        address: The URL, None for a directory with an embedded Chroma.
    """

    root: Path
    chroma: Path
    home: Path
    address: StoreAddress | None = None

    @property
    def named(self) -> StoreNamed:
        """What to write behind `--store` to get here."""
        return self.root if self.address is None else self.address


def default_store(environ: Mapping[str, str] | None = None) -> StoreNamed:
    """Return the store that a person keeps from day to day: a directory, or what a URL names.

    It is what SHOWCASE_STORE names, else a directory in the system's place for a user's data: `$XDG_DATA_HOME`
    (https://specifications.freedesktop.org/basedir-spec/latest/), `~/Library/Application Support`, `%LOCALAPPDATA%`.

    Raises:
        UsageError: Neither the environment nor the system's list of users tells where that is.
    """
    named = (os.environ if environ is None else environ).get(VARIABLE, "")
    return (parse(named) or Path(named)) if named else _data_home() / NAME


def place_of(named: StoreNamed) -> StorePlace:
    """Return where the parts of a store are, whichever way it was named; relative to the working directory.

    What mem0 and this program keep beside the rows of a server lies on this machine, in a directory for each address.
    """
    if isinstance(named, Path):
        return store_place(Path.cwd() / named)
    if named.path is None:
        root = _data_home() / f"{NAME}-servers" / f"{named.kind}-{named.digest}"
        return StorePlace(root=root, chroma=root / named.kind, home=root / MEM0_HOME, address=named)
    whole = Path.cwd() / named.path
    is_file = named.kind == "milvus" and (whole.suffix == ".db" or whole.is_file())
    root = whole.parent if is_file else whole
    if is_file:
        data = whole
    elif named.kind == "qdrant":
        data = whole if (whole / "meta.json").exists() else whole / "qdrant"
    else:
        data = whole / "milvus.db"
    return StorePlace(root=root, chroma=data, home=root / MEM0_HOME, address=replace(named, path=whole))


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
