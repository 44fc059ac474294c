"""A file that is made where there is none: whatever is there already stays as it is."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from showcase.documents.file_names import why_unfit

if TYPE_CHECKING:
    from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class UnfitNameError(ValueError):
    """This system makes no file of that name, and why."""


def create(path: Path, data: bytes) -> None:
    """Make a file, readable by its owner only.

    Raises:
        UnfitNameError: By its name it would be something else here, or nothing.
        FileExistsError: Something of that name is there, be it a link that leads nowhere.
        OSError: None can be made there; nothing is left.
    """
    why = why_unfit(path)
    if why is not None:
        raise UnfitNameError(why)
    descriptor = os.open(path, _NEW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
