"""Where a document goes that somebody named, looked at before anything runs, so that nothing is lost after.

A file is replaced at once or not at all, by a rename in the directory that it really lies in: a link stays a link.
What is no file is written to and never renamed over; a rename over `/dev/null` would take it from everybody.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import broken_pipe, leftovers
from showcase.documents.descriptors import DASH, MOST_LINKS, is_anothers, own_descriptor
from showcase.documents.file_names import BESIDE, folded, is_null, why_unfit
from showcase.documents.seen import Identity, folds_case, identity, is_null_device, kind
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# O_BINARY: else Windows writes two bytes for the end of a line.
_ALWAYS = os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_STREAM_FLAGS = _ALWAYS | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_NONBLOCK", 0)
_IN_PLACE = _ALWAYS | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_TERMINALS = ("/dev/tty", "/dev/pts/", "/dev/console")
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


HELD_OPEN = (5, 32, 33)
"""Errors of Windows where another program has a file open: ERROR_ACCESS_DENIED (of a rename over it),
ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION."""


class UnwritableError(Exception):
    """Why nothing can be written there, as a sentence, and what to do about it."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Destination:
    """A file that will be replaced, or a pipe, terminal or descriptor, held open until it is written to.

    Args:
        path: What was named; `-` is standard output.
        hint: What to do where nothing can be written there; the directory to look at where it is empty.

    Raises:
        UnwritableError: It is a directory, a device, a socket, a pipe that nobody reads, another user's file or a
            protected one, or its directory takes no file.
    """

    def __init__(self, path: Path, *, hint: str = "") -> None:
        self.path = path
        self._hint = hint
        self._target = path
        self._stream: int | None = None
        self._folds = False
        try:
            own = 1 if path == DASH else own_descriptor(path)
            if own is not None:
                self._stream = self._held(own)
            elif is_null(path, sys.platform):
                self._stream = self._opened()
            else:
                self._check_name()
                self._target = self._followed()
                self._look()
        except (OSError, ValueError) as error:
            raise self._refusal(getattr(error, "strerror", None) or str(error), error) from error

    @property
    def is_stream(self) -> bool:
        """Whether it is written to as it is, instead of being replaced."""
        return self._stream is not None

    def close(self) -> None:
        """Let go of what was held open."""
        if self._stream is not None:
            os.close(self._stream)
            self._stream = None

    def identity(self) -> Identity | None:
        """Return what two names of one place have in common; None where many may write, as to a terminal."""
        try:
            seen = os.fstat(self._stream) if self._stream is not None else self._target.lstat()
        except FileNotFoundError:
            parent = self._target.parent.stat()
            name = self._target.name
            return parent.st_dev, parent.st_ino, folded(name) if self._folds else name
        return identity(seen)

    def write(self, data: bytes) -> None:
        """Write the document; a file at once or not at all, readable by its owner only.

        Raises:
            UnwritableError: The disk is full, or what is there changed meanwhile; a file is as it was.
        """
        try:
            if self._stream is not None:
                _write_all(self._stream, data)
            else:
                self._replace(data)
        except OSError as error:
            if broken_pipe.is_one(error):
                raise UnwritableError(f"cannot write {self.path}: whoever read it has gone", hint=self._hint) from error
            raise self._refusal(error.strerror or str(error), error) from error

    def _check_name(self) -> None:
        why = why_unfit(self.path) or why_unfit(self.path.parent, below=BESIDE)
        if why is not None:
            raise UnwritableError(f"cannot write {self.path}: {why}", hint=self._hint or "name another file")

    def _followed(self) -> Path:
        """Return where it really lies: links followed one by one, to one that dangles too."""
        path = self.path
        with contextlib.suppress(FileNotFoundError):
            path.parent.stat()  # where the system guards links in shared places, it refuses here
        for _ in range(MOST_LINKS):
            place = Path(os.path.realpath(path.parent))
            path = place / path.name if path.name else place
            if not path.is_symlink():
                return path
            if is_anothers(path):
                raise self._refusal("it is a descriptor of another process")
            seen, around = path.lstat(), place.stat()
            # As the kernel does where it opens one: in a place like /tmp, another user's link may lead anywhere.
            shared = around.st_mode & stat.S_ISVTX and around.st_mode & stat.S_IWOTH
            if shared and seen.st_uid not in (_own_user(), around.st_uid):
                raise self._refusal("it is a link of another user")
            path = place / path.readlink()
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))

    def _look(self) -> None:
        try:
            seen = self._target.lstat()
        except FileNotFoundError:
            self._try_directory()
            return
        if stat.S_ISREG(seen.st_mode):
            self._look_at_file(seen)
        elif stat.S_ISFIFO(seen.st_mode) or is_null_device(seen) or self._names_a_terminal(seen):
            self._stream = self._opened()
        else:
            raise self._refusal(f"it is {kind(seen.st_mode)}")

    def _look_at_file(self, seen: os.stat_result) -> None:
        if seen.st_uid != _own_user():
            raise self._refusal(f"it belongs to another user (id {seen.st_uid})")
        if not seen.st_mode & _WRITABLE or not os.access(self._target, os.W_OK):
            raise self._refusal("it is write-protected")
        for number, name in ((1, "standard output"), (2, "standard error")):
            with contextlib.suppress(OSError):
                if os.path.samestat(os.fstat(number), seen):
                    raise UnwritableError(
                        f"{self.path} is where {name} goes, which would be lost", hint="name another file"
                    )
        self._try_directory()

    def _names_a_terminal(self, seen: os.stat_result) -> bool:
        # By name: merely to open another device, to see what it is, may do something.
        return stat.S_ISCHR(seen.st_mode) and str(self._target).startswith(_TERMINALS)

    def _try_directory(self) -> None:
        """Make a file beside it and remove it: the one look that no rule of a system is missing from."""
        directory = self._target.parent
        if not directory.is_dir():
            make = here().make_directory(directory) if not os.path.lexists(directory) else "name another file"
            raise UnwritableError(f"cannot write {self.path}: {directory} is no directory", hint=self._hint or make)
        leftovers.sweep(directory)
        descriptor, temporary = self._temporary()
        os.close(descriptor)
        # Where case means nothing, two names that differ by it alone are one file.
        self._folds = folds_case(Path(temporary))
        Path(temporary).unlink()

    def _temporary(self) -> tuple[int, str]:
        # Mode 0600. Not named after the target, whose name may be as long as names can be.
        return tempfile.mkstemp(dir=self._target.parent, prefix=leftovers.marked(".showcase-"))

    def _held(self, own: int) -> int:
        """Return a copy of a descriptor of ours that can be written to."""
        if os.name == "posix":
            import fcntl  # noqa: PLC0415 - not on Windows

            if fcntl.fcntl(own, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
                raise self._refusal("it is open for reading only")
        return os.dup(own)

    def _opened(self) -> int:
        try:
            descriptor = os.open(self._target, _STREAM_FLAGS)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            raise self._refusal("it is a pipe that nobody reads") from error
        if hasattr(os, "O_NONBLOCK"):
            os.set_blocking(descriptor, True)
        return descriptor

    def _replace(self, data: bytes) -> None:
        descriptor, temporary = self._temporary()
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._check_still_a_file()
            try:
                Path(temporary).replace(self._target)
            except OSError as error:
                if getattr(error, "winerror", None) in HELD_OPEN:
                    raise self._kept_beside(Path(temporary)) from error
                if error.errno not in (errno.EBUSY, errno.EXDEV):
                    raise
                self._overwrite(data)  # a file that is mounted, as into a container, cannot be renamed over
                Path(temporary).unlink()
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise

    def _kept_beside(self, temporary: Path) -> UnwritableError:
        """Return what is said where another program holds the file open, which Windows then keeps; nothing is lost."""
        numbers = (self._target.with_stem(f"{self._target.stem}-{number}") for number in itertools.count(2))
        kept = next(path for path in numbers if not os.path.lexists(path))
        temporary.rename(kept)
        return UnwritableError(
            f"cannot write {self.path}: another program has it open; what was to be there is in {kept}",
            hint=f"see which: {here().who_has_open(self.path)}",
        )

    def _check_still_a_file(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            mode = self._target.lstat().st_mode
            if not stat.S_ISREG(mode):
                raise self._refusal(f"it became {kind(mode)}")

    def _overwrite(self, data: bytes) -> None:
        descriptor = os.open(self._target, _IN_PLACE)
        try:
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _refusal(self, why: str, error: Exception | None = None) -> UnwritableError:
        look = here().free_space if isinstance(error, OSError) and error.errno in _FULL else here().who_may
        see = f"choose another place, or see why this one takes nothing: {look(self.path.parent)}"
        return UnwritableError(f"cannot write {self.path}: {why}", hint=self._hint or see)


def check_apart(destinations: Sequence[Destination], inputs: Mapping[str, Path]) -> None:
    """Refuse where two documents would go to one place, or one over what is read.

    Args:
        destinations: Where documents go.
        inputs: What is read, by what to call it; what is not there is nobody's.

    Raises:
        UnwritableError: They would.
    """
    taken: dict[Identity, str] = {}
    for what, path in inputs.items():
        with contextlib.suppress(OSError, ValueError):
            own = 0 if path == DASH else own_descriptor(path)
            found = identity(path.stat() if own is None else os.fstat(own))
            if found is not None:
                taken[found] = what
    for destination in destinations:
        place = destination.identity()
        if place is None:
            continue
        if place in taken:
            raise UnwritableError(
                f"{destination.path} is the same file as {taken[place]}, which would be overwritten",
                hint="name another file",
            )
        taken[place] = str(destination.path)


def _own_user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
