"""The files of a store, as `lstat` tells of them: none is opened, no link is followed."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.inspection.facts import Entry, Files, Kind, Parent, Unseen
from showcase.inspection.limits import DEEPEST, MOST_ENTRIES, MOST_LISTED, MOST_MISSES, OUT_OF_TIME, Clock

if TYPE_CHECKING:
    from collections.abc import Iterable

BLOCK_BYTES = 512
"""What `st_blocks` counts, whatever the file system's own blocks are: inode(7)."""

INDEX_IDS = "index_metadata.pickle"
"""A pickle is a program: it is counted, and never loaded."""

HAS_MODES = os.name == "posix"

_KINDS: tuple[tuple[int, Kind], ...] = (
    (stat.S_IFREG, "file"),
    (stat.S_IFDIR, "directory"),
    (stat.S_IFLNK, "link"),
    (stat.S_IFIFO, "named pipe"),
    (stat.S_IFSOCK, "socket"),
)


def kind(seen: os.stat_result) -> Kind:
    """Return what `lstat` saw."""
    return next((name for bits, name in _KINDS if stat.S_IFMT(seen.st_mode) == bits), "device")


def disk_bytes(seen: os.stat_result) -> int | None:
    """Return what a file takes on the disk, which is less than its length where it has holes."""
    blocks = getattr(seen, "st_blocks", None)
    return None if blocks is None else int(blocks) * BLOCK_BYTES


@dataclass(slots=True)
class Walk:
    """Everything below some directories, counted, and the first of it listed.

    Attributes:
        sizes: Of each directory directly in `chroma`, by its name: bytes and files in it.
        with_ids: Those of them in which an index keeps its ids, and the number of its last write, in a pickle.
        unseen: What could not be looked into.
        whole: Whether nothing is missing.
    """

    root: Path
    chroma: Path
    clock: Clock
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    with_ids: set[str] = field(default_factory=set)
    unseen: list[Unseen] = field(default_factory=list)
    whole: bool = True
    _listed: list[Entry] = field(default_factory=list)
    _entries: int = 0
    _missed: int = 0
    _count: int = 0
    _size: int = 0
    _disk: int | None = 0
    _readable: int = 0
    _writable: int = 0

    def files(self, places: Iterable[Path], *, passable: bool) -> Files:
        """Look at each place, a directory or a file, and at what is below; one that is not there is left out.

        Args:
            places: Where to begin.
            passable: Whether the bits of the root and of every directory above it let any user in.
        """
        for place in places:
            try:
                seen = place.lstat()
            except FileNotFoundError:
                continue
            except OSError as error:
                self._miss(place, error)
                continue
            self._take(place, seen, passable=passable)
            if stat.S_ISDIR(seen.st_mode):
                self._below(place, passable=passable and bool(seen.st_mode & stat.S_IXOTH))
        self._listed.sort(key=lambda entry: entry.path)
        return Files(
            listed=tuple(self._listed),
            count=self._count,
            size_bytes=self._size,
            disk_bytes=self._disk,
            readable_by_others=self._readable if HAS_MODES else None,
            writable_by_others=self._writable if HAS_MODES else None,
            whole=self.whole,
        )

    def _below(self, top: Path, *, passable: bool) -> None:
        left = [(top, passable, 1)]
        while left:
            directory, passable, depth = left.pop()
            if depth > DEEPEST:
                self._miss(directory, f"more than {DEEPEST} directories lie in each other")
                continue
            try:
                with os.scandir(directory) as found:
                    # A directory of a million names is read as far as it counts, and no further.
                    for entry in found:
                        if self._entries >= MOST_ENTRIES:
                            self._miss(directory, f"there are more than {MOST_ENTRIES:,} files")
                            return
                        if self.clock.is_over:
                            self._miss(directory, OUT_OF_TIME)
                            return
                        path = directory / entry.name
                        try:
                            seen = entry.stat(follow_symlinks=False)
                        except FileNotFoundError:
                            continue  # gone since: somebody else is at work
                        except OSError as error:
                            self._miss(path, error)
                            continue
                        self._take(path, seen, passable=passable)
                        if stat.S_ISDIR(seen.st_mode):
                            inside = passable and bool(seen.st_mode & stat.S_IXOTH)
                            left.append((path, inside, depth + 1))
            except OSError as error:
                self._miss(directory, error)

    def _take(self, path: Path, seen: os.stat_result, *, passable: bool) -> None:
        self._entries += 1
        found = kind(seen)
        # The bits of a link mean nothing, and a directory that anybody may write to is no danger where it is sticky.
        counts = HAS_MODES and passable and found != "link"
        guarded = found == "directory" and bool(seen.st_mode & stat.S_ISVTX)
        readable = counts and bool(seen.st_mode & stat.S_IROTH)
        writable = counts and bool(seen.st_mode & stat.S_IWOTH) and not guarded
        self._writable += writable
        if found == "directory":
            if path.parent == self.chroma:
                self.sizes.setdefault(path.name, (0, 0))
            if writable:
                self._list(path, seen, readable=readable, writable=writable)
            return
        on_disk = disk_bytes(seen)
        self._count += 1
        self._size += seen.st_size
        self._disk = None if self._disk is None or on_disk is None else self._disk + on_disk
        self._readable += readable
        self._add_to_folder(path, seen.st_size)
        self._list(path, seen, readable=readable, writable=writable)

    def _list(self, path: Path, seen: os.stat_result, *, readable: bool, writable: bool) -> None:
        if len(self._listed) >= MOST_LISTED:
            return
        self._listed.append(
            Entry(
                path=below(path, self.root),
                kind=kind(seen),
                size_bytes=seen.st_size,
                disk_bytes=disk_bytes(seen),
                mode=mode(seen) if HAS_MODES else None,
                owner=seen.st_uid if HAS_MODES else None,
                others_may_read=readable if HAS_MODES else None,
                others_may_write=writable if HAS_MODES else None,
                target=_target(path) if stat.S_ISLNK(seen.st_mode) else None,
            )
        )

    def _add_to_folder(self, path: Path, size_bytes: int) -> None:
        if not path.is_relative_to(self.chroma):
            return
        first, *rest = path.relative_to(self.chroma).parts
        if rest:
            size, files = self.sizes.get(first, (0, 0))
            self.sizes[first] = (size + size_bytes, files + 1)
            if rest == [INDEX_IDS]:
                self.with_ids.add(first)

    def _miss(self, path: Path, why: OSError | str) -> None:
        self.whole = False
        self._missed += 1
        said = why if isinstance(why, str) else why.strerror or str(why)
        if self._missed <= MOST_MISSES:
            self.unseen.append(Unseen(what=below(path, self.root), why=said))
        else:
            self.unseen[MOST_MISSES:] = [Unseen(what=f"{self._missed - MOST_MISSES} more places", why="likewise")]


def below(path: Path, root: Path) -> str:
    """Return a path as it is told: from the root of the store."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def mode(seen: os.stat_result) -> str:
    """Return permission bits as `chmod` takes them."""
    return f"{stat.S_IMODE(seen.st_mode):04o}"


def parents(root: Path) -> tuple[Parent, ...] | None:
    """Return the directories from the root of the file system to the store's, itself among them; None on Windows.

    Raises:
        OSError: One of them cannot be looked at.
    """
    if not HAS_MODES:
        return None
    real = Path(os.path.realpath(root))
    found = []
    for path in reversed((real, *real.parents)):
        seen = path.lstat()
        shared = bool(seen.st_mode & stat.S_IWOTH) and not seen.st_mode & stat.S_ISVTX
        found.append(
            Parent(
                path=str(path),
                mode=mode(seen),
                owner=seen.st_uid,
                others_may_enter=bool(seen.st_mode & stat.S_IXOTH),
                others_may_write=shared,
            )
        )
    return tuple(found)


def _target(link: Path) -> str | None:
    try:
        return str(link.readlink())
    except OSError:
        return None
