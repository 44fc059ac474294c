"""What says that a stick is unfinished: it lists every file that is ours, each before it is made.

Whoever is killed leaves it behind. The next one knows from it what may be replaced, and with which SHA-256 a file is
whole; a check tells such a stick from a whole one.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from showcase.documents import reading
from showcase.errors import StoreError
from showcase.pack import manifest
from showcase.pack.manifest import MANIFEST, SCHEMA, SUMS
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

UNFINISHED = PurePosixPath("UNFINISHED.txt")
_PART = ".part"
_HEAD = (
    "This stick is being written, or that was cut short: the same command again finishes it.\n"
    "What follows are the files that are made by it.\n"
)
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<path>.+)")
_UNKNOWN = "0" * 64


class Journal:
    """The list, on the stick while that is written.

    Args:
        place: The stick.
        own: What earlier times made, with the SHA-256 of each.
    """

    def __init__(self, place: Path, own: Mapping[PurePosixPath, str]) -> None:
        part = place / half(UNFINISHED)
        lines = [f"{digest or _UNKNOWN}  {path}\n" for path, digest in sorted(own.items())]
        part.unlink(missing_ok=True)
        with part.open("xb") as file:  # whole or not at all: an earlier list is lost by no kill, no link is followed
            file.write((_HEAD + "".join(lines)).encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(place / UNFINISHED)
        self._file = (place / UNFINISHED).open("ab")

    def note(self, path: PurePosixPath, digest: str) -> None:
        """Say that a file is about to be made."""
        self._file.write(f"{digest}  {path}\n".encode())
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write no more; what was written stays."""
        self._file.close()


def half(path: PurePosixPath) -> PurePosixPath:
    """Return what a file is called until it is whole."""
    return path.with_name(path.name + _PART)


def made_before(place: Path) -> dict[PurePosixPath, str]:
    """Return what earlier times made: by the list of one that was cut short, or by the checksums of a whole one.

    Many directories hold a SHA256SUMS, of somebody's downloads: it is ours beside our manifest alone.

    Raises:
        StoreError: They cannot be read.
    """
    if (place / UNFINISHED).is_file():
        text = _text(place / UNFINISHED)
        if not text.startswith(_HEAD):
            return {}
        lines = (_LINE.fullmatch(line) for line in text.removeprefix(_HEAD).splitlines())
        listed = ((manifest.inside(line["path"]), line["digest"]) for line in lines if line is not None)
        found = {path: digest for path, digest in listed if path is not None}  # the last line of a path counts
        return {SUMS: "", MANIFEST: "", **found, UNFINISHED: ""}
    if (place / SUMS).is_file() and (place / MANIFEST).is_file() and SCHEMA in _text(place / MANIFEST):
        listed_sums = manifest.load_sums(_text(place / SUMS).encode(), source=str(place / SUMS))
        return {SUMS: "", UNFINISHED: "", **listed_sums}
    return {UNFINISHED: ""} if (place / half(UNFINISHED)).is_file() else {}


def _text(path: Path) -> str:
    try:
        return reading.read(path, limit=manifest.MAX_BYTES, files_only=True).decode("utf-8", "replace")
    except reading.UnreadableError as error:
        raise StoreError(f"{path} cannot be read: {error}", hint=here().who_may(path)) from error
