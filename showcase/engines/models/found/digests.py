"""SHA-256 of a whole file, and the few files whose makers' digests are known."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.engines.models.gguf.source import UnreadableModelError, opened

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KNOWN = Path(__file__).resolve().parents[1] / "known.toml"

_PIECE = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A file as its makers publish it.

    Attributes:
        sha256: Its digest.
        name: The model.
        file: What its makers call the file.
        publisher: They.
        license: The name of its licence.
        size_bytes: Its size.
        source: Where it is published.
    """

    sha256: str
    name: str
    file: str
    publisher: str
    license: str
    size_bytes: int
    source: str


@functools.cache
def known_files() -> Mapping[str, Known]:
    """Return digest to file, of those that ship with this program."""
    document = tomllib.loads(KNOWN.read_text("utf-8"))
    return {each["sha256"]: Known(**each) for each in document["file"]}


def sha256_of(path: Path, on_progress: Callable[[int, int], None]) -> str:
    """Return the digest of a file, which takes as long as it takes to read it.

    Args:
        path: The file.
        on_progress: Told the bytes that were read and the bytes there are, at each MiB.

    Raises:
        UnreadableModelError: It cannot be read to its end.
    """
    digest, done = hashlib.sha256(), 0
    with opened(path) as (descriptor, seen):
        try:
            while done <= seen.st_size and (piece := os.read(descriptor, _PIECE)):  # not for ever where it grows
                digest.update(piece)
                done += len(piece)
                on_progress(done, seen.st_size)
        except OSError as error:
            raise UnreadableModelError(error.strerror or str(error)) from error
    if done != seen.st_size:
        raise UnreadableModelError("it changed while it was read")
    return digest.hexdigest()
