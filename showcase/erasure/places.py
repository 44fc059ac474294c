"""Which files a scan reads, and what each is to a store. No link is followed."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents.file_names import folded
from showcase.documents.leftovers import is_leftover, is_marked
from showcase.erasure import kinds
from showcase.evidence.fact import Fact
from showcase.memory.left_on_disk import CHAT
from showcase.memory.operations import chain, names
from showcase.memory.same_store import LOCK
from showcase.memory.store_files import DATABASE, HISTORY
from showcase.settings import EVENTS, REPORT, RUN_LOG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from showcase.settings.store_place import StorePlace


CERTIFICATES = "certificates"
"""The directory in mem0's own in which certificates lie, so that they go with the store."""

MOST_FILES = 100_000

_SEGMENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BESIDE = ("-wal", "-shm", "-journal")
_OF_SQLITE = re.compile(r"etilqs_\w+|vacuum\w*\.tmp")
"""Temporary files of SQLite: SQLITE_TEMP_FILE_PREFIX of https://sqlite.org/src/file/src/sqliteInt.h."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Fact):
    """A file to read: where it lies, how it is told, and what it is."""

    path: Path
    shown: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Fact):
    """What there is to read, what could not be looked into and why, and which directories beside are no part of it."""

    files: tuple[Found, ...]
    missed: tuple[str, ...]
    beside: tuple[str, ...]


def listing(place: StorePlace, also: Iterable[Path] = ()) -> Listing:
    """Return the files of a store and of the run that made it, of this system's place for temporary ones, and others.

    Args:
        place: The store.
        also: Files and directories elsewhere; how they are told is a number, for a path may name somebody.
    """
    found: list[Found] = []
    missed: list[str] = []
    beside: list[str] = []
    whole = [place.home] if place.chroma == place.root else [place.chroma, place.home]
    for top in (*whole, place.root / EVENTS):
        found += [_of(place, path) for path in _below(top, missed)]
    known = {each.path for each in found}
    found += [_of(place, path) for path in _directly(place, missed, beside) if path not in known]
    found += [
        Found(path=path, shown=f"temporary/{number}", kind=kinds.TEMPORARY) for number, path in enumerate(_temporary())
    ]
    for number, top in enumerate(also, 1):
        some = list(_below(top, missed)) if top.is_dir() else [top]
        found += [
            Found(path=path, shown=f"named/{number}" + (f"/{at}" if len(some) > 1 else ""), kind=kinds.NAMED)
            for at, path in enumerate(some, 1)
        ]
    return Listing(files=tuple(sorted(found, key=lambda each: each.shown)), missed=tuple(missed), beside=tuple(beside))


def _of(place: StorePlace, path: Path) -> Found:
    kind = kind_of(place, path)
    shown = path.relative_to(place.root).as_posix() if path.is_relative_to(place.root) else path.name
    if kind == kinds.TYPED:  # its name is a digest of the user id, which a list of likely names would tell
        shown = f"{path.parent.relative_to(place.root).as_posix()}/…"
    return Found(path=path, shown=shown, kind=kind)


def kind_of(place: StorePlace, path: Path) -> str:
    """Return what a file is to a store, by its place and name."""
    base = path.name
    for suffix in _BESIDE:
        base = base.removesuffix(suffix)
    above = path.parent
    tried = (
        (above == place.chroma and base == DATABASE, kinds.DATABASE if base == path.name else kinds.DATABASE_LOG),
        (above == place.home and base == HISTORY, kinds.HISTORY if base == path.name else kinds.DATABASE_LOG),
        (above.parent == place.chroma and _SEGMENT.fullmatch(above.name) is not None, kinds.INDEX),
        (above == place.home / CHAT, kinds.TYPED),
        (above == place.home / CERTIFICATES, kinds.CERTIFICATE),
        (above == place.home and path.name in (LOCK, chain.LOCK), kinds.LOCK),
        (above == place.home and path.name in (chain.LOG, chain.HEAD, names.KEY), kinds.OPERATIONS),
        (above == place.home and path.name.startswith("showcase-"), kinds.RECORD),
        (path.is_relative_to(place.root / EVENTS), kinds.EVENTS),
        (above == place.root and folded(path.name).endswith(Path(REPORT).suffix), kinds.PAGE),
        (above == place.root and path.name.startswith(Path(RUN_LOG).stem), kinds.RUN_LOG),
    )
    return next((kind for is_one, kind in tried if is_one), kinds.OTHER)


def _below(top: Path, missed: list[str]) -> Iterator[Path]:
    """Yield all regular files below a directory."""
    left, count = [top], 0
    while left:
        directory = left.pop()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    count += 1
                    if count > MOST_FILES:
                        missed.append(f"there are more than {MOST_FILES:,} files")
                        return
                    if entry.is_symlink():
                        missed.append(f"{_name(entry.path)} is a link, and none is followed")
                    elif entry.is_dir(follow_symlinks=False):
                        left.append(Path(entry.path))
                    elif entry.is_file(follow_symlinks=False):
                        yield Path(entry.path)
                    else:
                        missed.append(f"{_name(entry.path)} is no regular file")
        except FileNotFoundError:
            continue
        except OSError as error:
            missed.append(f"{_name(directory)}: {error.strerror or error}")


def _directly(place: StorePlace, missed: list[str], beside: list[str]) -> Iterator[Path]:
    """Yield the files that lie directly in the root, and those of indexes where Chroma's own directory is the root."""
    own = {place.chroma, place.home, place.root / EVENTS}
    try:
        with os.scandir(place.root) as entries:
            for entry in sorted(entries, key=lambda it: it.name):
                path = Path(entry.path)
                if entry.is_file(follow_symlinks=False):
                    yield path
                elif path in own:
                    continue
                elif is_marked(entry.name) or (place.chroma == place.root and _SEGMENT.fullmatch(entry.name)):
                    yield from _below(path, missed)
                else:
                    beside.append(entry.name)
    except OSError as error:
        missed.append(f"{_name(place.root)}: {error.strerror or error}")


def _temporary() -> Iterator[Path]:
    """Yield what processes of ours that are gone, and SQLite, left in the system's place for temporary files.

    What those have there that are at work comes and goes, and may be of another store.
    """
    own = getattr(os, "geteuid", lambda: None)()
    try:
        with os.scandir(tempfile.gettempdir()) as entries:
            for entry in sorted(entries, key=lambda it: it.name):
                seen = entry.stat(follow_symlinks=False)
                if own is not None and seen.st_uid != own:
                    continue
                if _OF_SQLITE.fullmatch(entry.name) and stat.S_ISREG(seen.st_mode):
                    yield Path(entry.path)
                elif is_leftover(entry) and stat.S_ISDIR(seen.st_mode):
                    yield from _below(Path(entry.path), [])
    except OSError:
        return


def _name(path: object) -> str:
    return Path(str(path)).name
