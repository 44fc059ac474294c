"""What writing to a pipe comes to once nobody reads it any more: `| head`, or the death of whoever listened."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_one(error: OSError, *, system: str = os.name) -> bool:
    """Return whether an error of a write says that nobody reads.

    Windows' C runtime says EINVAL of it (see `Popen.communicate` in CPython's source), as it does of names that cannot
    be: those come with the name.
    """
    if isinstance(error, BrokenPipeError):
        return True
    return system == "nt" and error.errno == errno.EINVAL and error.filename is None


@contextmanager
def ignored() -> Iterator[None]:
    """Go on where nobody reads what is written inside."""
    try:
        yield
    except OSError as error:
        if not is_one(error):
            raise
