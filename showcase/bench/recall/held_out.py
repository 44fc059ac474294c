"""The seed of a set that nobody has seen, and a set as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.documents import new_file, reading
from showcase.errors import UsageError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.bench.recall.asked import RecallSet

LEAST_BYTES = 16
"""A shorter seed could be found by trying: the digest of its set is in every result."""

_MAX_BYTES = 4096


def seed(path: Path) -> bytes:
    """Return the seed in a file, white space at its ends left out. No error says anything of it.

    Raises:
        UsageError: The file cannot be read, or holds too little.
    """
    make = f"python3 -c 'import secrets; print(secrets.token_hex(32))' > {quoted(path)}"
    try:
        found = reading.read(path, limit=_MAX_BYTES).strip()
    except reading.UnreadableError as why:
        raise UsageError(f"cannot read the seed {path}: {why}", hint=make) from why
    if len(found) < LEAST_BYTES:
        raise UsageError(f"the seed in {path} is shorter than {LEAST_BYTES} bytes: it could be guessed", hint=make)
    return found


def write(some: RecallSet, path: Path) -> None:
    """Write a set as JSON lines.

    Raises:
        UsageError: Something is there, or nothing can be written there.
    """
    try:
        new_file.create(path, some.lines())
    except FileExistsError as why:
        raise UsageError(f"{path} is there already", hint="name a file that is not there") from why
    except (OSError, new_file.UnfitNameError) as why:
        raise UsageError(f"cannot write {path}: {why}", hint="name a file in a directory of yours") from why
