"""What a stick says of itself: `pack.json`, and `SHA256SUMS` in the format of sha256sum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from showcase.documents import strict_json
from showcase.errors import UsageError
from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import TypeAdapter

SCHEMA: Literal["showcase/pack"] = "showcase/pack"
VERSION: Literal[1] = 1
MANIFEST = PurePosixPath("pack.json")
SUMS = PurePosixPath("SHA256SUMS")
MAX_BYTES = 16 * 1024 * 1024

_LINE = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<path>[^\\\x00-\x1f]+)")
_PACK_AGAIN = "write it anew: showcase pack DIR"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedTarget(Fact):
    """A machine that the wheels are for.

    Attributes:
        platform: Its name.
        python: Two numbers.
        wheels: How many are installed there.
        unpacked_bytes: Of their files: what an install takes.
    """

    platform: str
    python: str
    wheels: int
    unpacked_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedModel(Fact):
    """A model.

    Attributes:
        name: As Ollama lists it.
        manifest: Path of its manifest on the stick.
        digest: SHA-256 of that manifest, by which Ollama tells models apart.
        total_bytes: Of its blobs.
    """

    name: str
    manifest: str
    digest: str
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack(Fact):
    """The document.

    Attributes:
        made_at: UTC.
        showcase: Version of this program on the stick.
        wheel: Path of its wheel there.
        extras: What it is installed with.
        targets: The machines.
        models: The models.
        files: How many there are, without this document and the checksums.
        total_bytes: Of those.
    """

    schema: Literal["showcase/pack"] = SCHEMA
    version: Literal[1] = VERSION
    made_at: str
    showcase: str
    wheel: str
    extras: tuple[str, ...]
    targets: tuple[PackedTarget, ...]
    models: tuple[PackedModel, ...]
    files: int
    total_bytes: int


@cache
def _adapter() -> TypeAdapter[Pack]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy, and `--help` must not wait for it

    return TypeAdapter(Pack)


def dump(pack: Pack) -> bytes:
    """Return the document as UTF-8 JSON."""
    return _adapter().dump_json(pack, indent=1) + b"\n"


def load(data: bytes, *, source: str) -> Pack:
    """Read the document.

    Raises:
        UsageError: It is no JSON, none of these, of another version, or a field is missing, unknown or of the wrong
            type.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - heavy

    try:
        document = strict_json.parse(data)
    except ValueError as error:
        raise UsageError(f"{source} is not JSON: {error}", hint=_PACK_AGAIN) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError(f"{source} is not what a stick says of itself: its schema is not {SCHEMA!r}", hint=_PACK_AGAIN)
    if document.get("version") != VERSION:
        raise UsageError(
            f"{source} has version {document.get('version')!r:.20}; this program reads version {VERSION}",
            hint="look at it with the version of this program that is on it",
        )
    try:
        return _adapter().validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/" + "/".join(str(part) for part in first["loc"])
        raise UsageError(f"{source}: at {place}: {first['msg']}", hint=_PACK_AGAIN) from error


def dump_sums(digests: Mapping[PurePosixPath, str]) -> bytes:
    """Return the checksums, a line a file, in the order of their paths; `sha256sum -c SHA256SUMS` reads them."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def load_sums(data: bytes, *, source: str) -> dict[PurePosixPath, str]:
    """Read the checksums.

    Raises:
        UsageError: A line is none, names a file outside of the stick, or one that another line has named.
    """
    found: dict[PurePosixPath, str] = {}
    if not data.endswith(b"\n"):
        raise UsageError(f"{source} is cut off", hint=_PACK_AGAIN)
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(f"{source} is no text: {error}", hint=_PACK_AGAIN) from error
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        path = None if match is None else inside(match["path"])
        if match is None or path is None or path in found:
            raise UsageError(
                f"{source}, line {number}: not a checksum of a file that no other line has", hint=_PACK_AGAIN
            )
        found[path] = match["digest"]
    return found


def inside(text: str) -> PurePosixPath | None:
    """Return a path as one below the stick, None where it leads elsewhere or is spelled otherwise than here."""
    path = PurePosixPath(text)
    leads_out = path.is_absolute() or ".." in path.parts or not path.parts or ":" in text
    return None if leads_out or str(path) != text else path
