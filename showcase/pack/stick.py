"""The directory that is packed: each file whole, what is unfinished told by a file, and nothing touched of others'.

While it is written a file says so and lists what is ours (`journal`); what is listed may be replaced or removed by the
next one, and nothing else.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError, StoreError, UsageError
from showcase.pack import installers, journal
from showcase.pack.journal import UNFINISHED, Journal, half
from showcase.pack.manifest import MANIFEST, SUMS
from showcase.shell import here
from showcase.shell.advice import takes_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

LOCK = PurePosixPath("UNFINISHED.lock")
WHEELS = PurePosixPath("wheels")
MODELS = PurePosixPath("models")

_ALONE = {SUMS, MANIFEST, UNFINISHED, installers.READ_ME, *map(PurePosixPath, installers.FILES)}

PIECE = 1024 * 1024
_FOR_ALL = 0o644
_OF_SYSTEMS = {
    "System Volume Information", "$RECYCLE.BIN", "lost+found", ".Trashes", ".Spotlight-V100", ".fseventsd",
    ".TemporaryItems", ".DS_Store", "Thumbs.db", "desktop.ini", ".VolumeIcon.icns", ".apdisk",
}  # fmt: skip
"""What systems put on a stick by themselves."""


class ChangedError(Exception):
    """What was copied is not what it was to be, in words."""


class Stick:
    """A directory on a stick.

    Args:
        place: It.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self._own: dict[PurePosixPath, str] = {}
        self._journal: Journal | None = None

    @property
    def is_unfinished(self) -> bool:
        """Whether it is being written, or that was cut short."""
        return os.path.lexists(self.place / UNFINISHED)

    @property
    def own(self) -> frozenset[PurePosixPath]:
        """What was made by us, of this time and earlier ones."""
        return frozenset(self._own)

    def whole_wheels(self) -> list[Path]:
        """Return the wheels that an earlier time made, and that are as they were."""
        found = [path for path in self._own if path.parent == WHEELS]
        return [self.place / path for path in sorted(found) if self.holds(path, self._own[path])]

    def holds(self, path: PurePosixPath, digest: str) -> bool:
        """Tell whether a file is there, is ours, and has this SHA-256."""
        there = self.place / path
        return path in self._own and there.is_file() and not there.is_symlink() and self.digest(path) == digest

    def files(self) -> Iterator[PurePosixPath]:
        """Yield what is there but directories, links among it; without what systems put there by themselves.

        Raises:
            OSError: A directory may not be read.
        """
        for place, folders, names in os.walk(self.place, onerror=_raise):
            folders[:] = sorted(each for each in folders if each not in _OF_SYSTEMS)
            links = [each for each in folders if (Path(place) / each).is_symlink()]
            for name in sorted([*names, *links]):
                if name not in _OF_SYSTEMS and not name.startswith("._"):
                    yield PurePosixPath((Path(place) / name).relative_to(self.place).as_posix())

    def check(self) -> None:
        """Learn what is ours, and refuse a directory that holds anything else, or takes no file.

        Raises:
            UsageError: It does.
            StoreError: It cannot be read or written.
        """
        if os.path.lexists(self.place) and not self.place.is_dir():
            raise refusal(self.place, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
        try:
            made = journal.made_before(self.place)
            self._own = {path: digest for path, digest in made.items() if _is_of_a_pack(path)}
            own = {*self._own, *map(half, self._own), LOCK}
            there = list(self.files()) if self.place.is_dir() else []
            others = [path for path in there if path not in own or (self.place / path).is_symlink()]
        except OSError as error:
            raise refusal(self.place, error) from error
        if others:
            raise UsageError(
                f"{self.place} holds what no pack made, and nothing of others is touched: {others[0]}",
                hint="name a directory of its own on the stick, or move that elsewhere",
            )
        nearest = self._nearest()
        if not takes_files(nearest):
            raise StoreError(
                f"{nearest} takes no files: it is read-only, or another user's",
                hint=f"see who may: {here().who_may(nearest)}",
            )

    @contextmanager
    def being_written(self) -> Iterator[None]:
        """Keep others out, say that it is unfinished, and know what is ours.

        What goes wrong inside leaves it unfinished; `finish` ends that.

        Raises:
            UsageError: Something in it is not ours.
            StoreError: It cannot be written, or is being written by another.
        """
        from filelock import FileLock, Timeout  # noqa: PLC0415 - only where something is written

        self.check()
        lock = FileLock(self.place / LOCK, timeout=0)
        try:
            self._make(self.place)
            lock.acquire()
        except Timeout as error:
            raise StoreError(f"{self.place} is being written by another", hint="wait for its end") from error
        except OSError as error:
            raise refusal(self.place, error) from error
        try:
            self.check()  # what another did meanwhile
            self._journal = Journal(self.place, self._own)
            for gone in (SUMS, *map(half, self._own)):
                (self.place / gone).unlink(missing_ok=True)
            yield
        except OSError as error:
            raise refusal(self.place, error) from error
        finally:
            if self._journal is not None:
                self._journal.close()
            lock.release()
            with suppress(OSError):
                (self.place / LOCK).unlink()

    def write(self, path: PurePosixPath, data: bytes) -> None:
        """Make a file of ours, whole or not at all."""
        with self._new(path, hashlib.sha256(data).hexdigest()) as file:
            file.write(data)

    def copy(self, source: BinaryIO, path: PurePosixPath, *, digest: str, size: int) -> None:
        """Copy what a file holds, whole or not at all.

        Raises:
            ChangedError: It is not of that digest and size.
        """
        with self._new(path, digest) as file:
            seen = hashlib.sha256()
            left = size
            while piece := source.read(PIECE):
                seen.update(piece)
                left -= len(piece)
                if left < 0:
                    break
                file.write(piece)
            if left or seen.hexdigest() != digest:
                what = f"{abs(left):,} bytes too {'few' if left > 0 else 'many'}" if left else "another SHA-256"
                raise ChangedError(f"it has {what}")

    def remove(self, path: PurePosixPath) -> None:
        """Remove a file of ours, and the directories that are empty then."""
        if path not in self._own:
            raise ValueError(f"{path} is not ours")
        (self.place / path).unlink(missing_ok=True)
        self._own.pop(path)
        for directory in list(path.parents)[:-1]:
            with suppress(OSError):
                (self.place / directory).rmdir()

    def digest(self, path: PurePosixPath) -> str:
        """Return the SHA-256 of a file, read from the stick and not from what the system still remembers of it."""
        seen = hashlib.sha256()
        with (self.place / path).open("rb") as file:
            with suppress(OSError, AttributeError):  # not on macOS and Windows
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while piece := file.read(PIECE):
                seen.update(piece)
        return seen.hexdigest()

    def free_bytes(self) -> int:
        """Return what is free on it, or where it will be made."""
        return shutil.disk_usage(self._nearest()).free

    def finish(self, sums: bytes) -> None:
        """Write the checksums, and take away what says that it is unfinished."""
        self.write(SUMS, sums)
        with suppress(OSError):  # no directory can be opened on Windows
            descriptor = os.open(self.place, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        if self._journal is not None:
            self._journal.close()  # Windows removes no open file
        (self.place / UNFINISHED).unlink()

    def _nearest(self) -> Path:
        """Return the directory, or the nearest above it that is there."""
        whole = self.place.absolute()
        return next(each for each in (whole, *whole.parents) if each.is_dir())

    @contextmanager
    def _new(self, path: PurePosixPath, digest: str) -> Iterator[BinaryIO]:
        target = self.place / path
        part = self.place / half(path)
        if self._journal is None:
            raise ValueError("nothing is being written")
        if self._own.get(path) != digest:
            self._own[path] = digest
            self._journal.note(path, digest)
        self._make(target.parent)
        part.unlink(missing_ok=True)
        with part.open("xb") as file:  # where others may write, a link may take its place: it is not followed
            yield file
            file.flush()
            os.fsync(file.fileno())
        with suppress(OSError):
            part.chmod(_FOR_ALL)
        part.replace(target)

    def _make(self, directory: Path) -> None:
        """Make a directory and those above it, which whoever gets the stick may read; a stick may know no rights."""
        if directory.is_dir():
            return
        self._make(directory.parent)
        directory.mkdir()
        with suppress(OSError):
            directory.chmod(_FOR_ALL | 0o111)


def _is_of_a_pack(path: PurePosixPath) -> bool:
    """Tell whether a pack makes a file of this name: lists may have been made anew, over files of a person's too."""
    if len(path.parts) == 1:
        return path in _ALONE
    return path.parts[0] == str(MODELS) or (path.parent == WHEELS and path.suffix == ".whl")


def _raise(error: OSError) -> None:
    raise error


def refusal(place: Path, error: OSError) -> ShowcaseError:
    """Return in words why nothing can be written on a stick."""
    reason = error.strerror or str(error)
    if error.errno == errno.EFBIG:
        return StoreError(
            f"{place} takes no file this large: {reason}; a stick with FAT32 holds none of 4 GiB",
            hint="format it with exFAT, or leave out that model: --model NAME for each that is to be packed",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            f"{place} is full: {reason}; what is on it is kept",
            hint="fewer models (--model NAME for each) or platforms, or a larger stick: " + here().free_space(),
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return UsageError(f"{place} is no directory", hint="name a directory that is not there yet")
    return StoreError(
        f"{error.filename or place} cannot be read or written: {reason}", hint=f"see who may: {here().who_may(place)}"
    )
