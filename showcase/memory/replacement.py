"""The switch from a store's old files to new ones, and the end of the old: overwritten, then removed.

The new ones are made in a directory of their own. Then the decision is written, at once or not at all; only after it
are the old ones moved away and the new ones put in their place. A process that is killed leaves the old store before
the decision, and after it the new one, which `finish` brings to its end: each of its steps finds what is left to do.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.documents.overwriting import Cleared, clear
from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory.decision_file import DecisionFile
from showcase.memory.operations import recording
from showcase.memory.same_store import alone
from showcase.memory.store_record import REPLACEMENT, Layout
from showcase.shell import here

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

NEW, OLD = "new", "old"
_DECISION = "decision.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Fact):
    """A file or directory that is replaced.

    Attributes:
        live: Where it lies, from the store's root.
        new: The name of what takes its place among the new ones; None where nothing does.
        device: Of the old one; None where there was none.
        inode: Likewise.
    """

    live: str
    new: str | None
    device: int | None
    inode: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement(Fact):
    """What is decided: the entries, and the layout of the store."""

    layout: Layout
    entries: tuple[Entry, ...]


FILE = DecisionFile(
    format="local-memory-showcase replacement", version=1, decides=Replacement, what="an erasure in the store"
)


def workshop(place: StorePlace) -> Path:
    """Return the directory in which the new files are made."""
    return place.home / REPLACEMENT


def entry(place: StorePlace, live: Path, new: Path | None) -> Entry:
    """Return the entry of a path of the store, and of what is to take its place."""
    try:
        seen = live.lstat()
    except FileNotFoundError:
        seen = None
    return Entry(
        live=live.relative_to(place.root).as_posix(),
        new=None if new is None else new.relative_to(workshop(place) / NEW).as_posix(),
        device=None if seen is None else seen.st_dev,
        inode=None if seen is None else seen.st_ino,
    )


def decide(place: StorePlace, replacement: Replacement) -> Cleared:
    """Write the decision and carry it out. Until it is written whole, the store is the old one.

    Raises:
        StoreError: It cannot be written, or something else stands in the way.
    """
    sync(workshop(place))
    FILE.write(workshop(place) / _DECISION, replacement)
    _sync_directory(workshop(place))
    return _carry_out(place, replacement)


def finish(place: StorePlace) -> bool:
    """Bring to its end what was decided, or take away what was not; tell whether anything was to do.

    What is being prepared by a process that lives is left to it.

    Raises:
        StoreError: The decision cannot be read, or something stands in the way.
    """
    if not os.path.lexists(workshop(place)):
        return False
    if decided(place) is None:
        with alone(place, waits=False) as held:
            if held and decided(place) is None:
                abandon(place)
        return False
    FILE.check_own((place.root, place.chroma, place.home, workshop(place)), place.root)
    with alone(place):
        replacement = decided(place)  # another process may have finished it meanwhile
        if replacement is not None:
            _carry_out(place, replacement)
            recording.finished(place, {"ERASE"})
    return True


def abandon(place: StorePlace) -> None:
    """Take away what was prepared and not decided: rows that stay, which the store has."""
    shutil.rmtree(workshop(place), ignore_errors=True)


def decided(place: StorePlace) -> Replacement | None:
    """Return what was decided and is not carried out yet, None where nothing is.

    Raises:
        StoreError: It cannot be read, or another user wrote it.
    """
    path = workshop(place) / _DECISION
    found = FILE.read(path, place.root)
    try:
        for each in found.entries if found is not None else ():
            _check_inside(each.live)
            _check_inside(each.new or "")
    except ValueError as error:
        raise FILE.unknown(path, place.root) from error
    return found


def _check_inside(name: str) -> None:
    if name.startswith("/") or ".." in name.split("/") or ":" in name or "\\" in name:
        raise ValueError("it names what lies elsewhere")


def _carry_out(place: StorePlace, replacement: Replacement) -> Cleared:
    shop = workshop(place)
    try:
        (shop / OLD).mkdir(mode=0o700, exist_ok=True)
        for number, each in enumerate(replacement.entries):
            _replace(place, each, shop, number)
        for directory in (place.root, place.chroma, place.home, shop):
            _sync_directory(directory)
        cleared = clear(shop / OLD)
        shutil.rmtree(shop / OLD)
        shutil.rmtree(shop / NEW, ignore_errors=True)
        (shop / _DECISION).unlink(missing_ok=True)
        shutil.rmtree(shop, ignore_errors=True)
    except OSError as error:
        raise StoreError(
            f"the new files of the store {place.named} are there, and the old ones cannot be put away: "
            f"{error.filename or shop}: {error.strerror or error}",
            hint=f"see why: {here().who_may(shop)}; then any command that writes to the store finishes it",
        ) from error
    return cleared


def _replace(place: StorePlace, each: Entry, shop: Path, number: int) -> None:
    live = _below(place.root, each.live)
    with suppress(FileNotFoundError):
        seen = live.lstat()
        if (seen.st_dev, seen.st_ino) == (each.device, each.inode):
            live.rename(shop / OLD / str(number))
    if each.new is None:
        return
    new = _below(shop / NEW, each.new)
    if not os.path.lexists(new):
        return  # it is in its place
    if os.path.lexists(live):
        raise OSError(errno.EEXIST, "something was put there meanwhile, which is left as it is", str(live))
    new.rename(live)


def _below(top: Path, name: str) -> Path:
    """Return a path below a directory.

    Raises:
        OSError: A link on the way leads elsewhere.
    """
    path = top / name
    for each in path.relative_to(top).parents:
        if (top / each).is_symlink():
            raise OSError(errno.ELOOP, "a link leads elsewhere, and none is followed", str(top / each))
    return path


def sync(top: Path) -> None:
    """Bring every file below a directory down to the disk: a decision must not be there before what it decides for."""
    for path in sorted(top.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file, suppress(OSError):  # Windows syncs no file that is open for reading
                os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    """Bring names down to the disk, where a system has a way to."""
    with suppress(OSError, AttributeError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
