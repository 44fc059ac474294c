"""What a wheel says of itself."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError
from showcase.shell import here

if TYPE_CHECKING:
    from pathlib import Path

OWN = "local_memory_showcase"
"""The name of this program as the file of a wheel has it."""

_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")
_MOST_BYTES = 16 * 1024 * 1024
_PATCH = re.compile(r"python_full_version\s*[<>=!~]+\s*[\"'](?P<python>[0-9]+\.[0-9]+)[.\"']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """What a wheel holds.

    Attributes:
        name: As its metadata have it.
        version: Likewise.
        extras: What it can be installed with.
        requires: What it needs, with conditions.
        unpacked_bytes: Of all its files.
    """

    name: str
    version: str
    extras: tuple[str, ...]
    requires: tuple[str, ...]
    unpacked_bytes: int


def read(path: Path) -> Wheel:
    """Read a wheel's metadata; nothing in it is run or unpacked.

    Raises:
        ShowcaseError: It is no wheel that can be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            files = archive.infolist()
            (metadata,) = [each for each in files if _METADATA.fullmatch(each.filename)]
            if metadata.file_size > _MOST_BYTES:
                raise ValueError(f"its metadata have {metadata.file_size:,} bytes")  # noqa: TRY301 - told below
            with archive.open(metadata) as file:
                fields = HeaderParser().parsestr(file.read(_MOST_BYTES).decode("utf-8", "replace"))
    # What zipfile raises on archives that were cut or made to mislead; of no METADATA, or of two, the unpacking.
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise ShowcaseError(
            f"{path} is no wheel that can be read: {error}", hint=f"see what it is: {here().kind_of(path)}"
        ) from error
    return Wheel(
        name=str(fields.get("Name", "")),
        version=str(fields.get("Version", "")),
        extras=tuple(map(str, fields.get_all("Provides-Extra", []))),
        requires=tuple(map(str, fields.get_all("Requires-Dist", []))),
        unpacked_bytes=sum(each.file_size for each in files),
    )


def check_alone(path: Path) -> None:
    """Refuse a wheel that names an address to get another from: pip asks it whatever else it is told, and builds it.

    Raises:
        ShowcaseError: It does, or is no wheel that can be read.
    """
    named = next((each for each in read(path).requires if "@" in each), None)
    if named is not None:
        raise ShowcaseError(
            f"{path.name} names where to get what it needs, and nothing else is asked: {named:.200}",
            hint="leave it out: such a wheel is not from a registry",
        )


def asks_for_patch(path: Path, python: str) -> bool:
    """Tell whether what a wheel needs depends on the third number of a Python's version."""
    return any(
        match["python"] == python for requirement in read(path).requires for match in _PATCH.finditer(requirement)
    )
