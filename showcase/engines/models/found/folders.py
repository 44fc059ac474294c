"""Files of models in a directory and those below it; each is entered once, whatever links there are."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.engines.models.found.interface import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_ENTRIES = 200_000
"""Names in one place. A directory of models has some hundred; a home directory or a disk is not searched through."""

MOST_LEVELS = 12
_MODEL = re.compile(r".*\.gguf", re.IGNORECASE | re.DOTALL)
_UNFINISHED = re.compile(
    r".*\.gguf\.(?:downloadInProgress|part|partial|tmp|download|crdownload|incomplete|aria2)", re.IGNORECASE | re.DOTALL
)


def models_below(root: Path, *, place: str, named: Callable[[Path], str]) -> Iterator[Candidate]:
    """Yield every file that is named as a model, and every directory that could not be looked at.

    Args:
        root: Where to begin.
        place: What the place is called.
        named: Returns what a file is called there.
    """
    entered: set[tuple[int, int]] = set()
    left, waiting = MOST_ENTRIES, [(root, 0)]
    while waiting:
        directory, level = waiting.pop()
        try:
            seen = directory.stat()
            if (seen.st_dev, seen.st_ino) in entered:
                continue
            entered.add((seen.st_dev, seen.st_ino))
            with os.scandir(directory) as entries:
                listed = sorted(_at_most(entries, left), key=lambda entry: entry.name)
        except OSError as error:
            yield Candidate(name=named(directory), place=place, path=directory, problem=_refusal(error))
            continue
        left -= len(listed)
        below: list[tuple[Path, int]] = []
        for entry in listed:
            path = Path(entry.path)
            if _is_directory(entry):
                below.append((path, level + 1))
            elif _MODEL.fullmatch(entry.name):
                yield Candidate(name=named(path), place=place, path=path)
            elif _UNFINISHED.fullmatch(entry.name):
                yield Candidate(name=named(path), place=place, path=path, problem="its download did not finish")
        if left <= 0:
            problem = f"it has more than {MOST_ENTRIES:,} names below it, and the rest was not looked at"
            yield Candidate(name=str(root), place=place, path=root, problem=problem)
            return
        if below and level >= MOST_LEVELS:
            problem = f"it lies {MOST_LEVELS} levels deep, and what is below it was not looked at"
            yield Candidate(name=named(directory), place=place, path=directory, problem=problem)
            continue
        waiting += reversed(below)


def relative_to(root: Path) -> Callable[[Path], str]:
    """Return what calls a file by its path below `root`, without its ending."""

    def named(path: Path) -> str:
        whole = path.relative_to(root).as_posix() if path.is_relative_to(root) and path != root else path.name
        return whole[: -len(".gguf")] if _MODEL.fullmatch(whole) else whole

    return named


def is_directory(path: Path) -> bool:
    """Tell whether it is a directory; what may not be looked at, or has a name that no file can have, is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _at_most(entries: Iterator[os.DirEntry[str]], count: int) -> list[os.DirEntry[str]]:
    return [entry for _, entry in zip(range(count), entries, strict=False)]


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into itself
        return False


def _refusal(error: OSError) -> str:
    return f"it cannot be looked at: {error.strerror or error}"
