"""The certificate of an erasure: what was seen, what follows, and the digest of the one before.

It holds no word of what was forgotten, no id and no name: the subject stands in it under a key that is kept nowhere.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, Literal

from showcase import __version__
from showcase.documents import new_file, reading, strict_json
from showcase.documents.descriptors import shown
from showcase.documents.destination import UnwritableError
from showcase.erasure import verdict
from showcase.erasure.places import CERTIFICATES
from showcase.erasure.scanning import now
from showcase.errors import RunLogError, StoreError
from showcase.evidence.erasure import Erasure, Finding
from showcase.evidence.fact import Fact
from showcase.memory import chroma_sqlite
from showcase.shell import here

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import TypeAdapter

    from showcase.documents.destination import Destination
    from showcase.settings.store_place import StorePlace

SCHEMA: Literal["showcase/erasure-certificate"] = "showcase/erasure-certificate"
VERSION: Literal[1] = 1
MAX_BYTES = 64 * 1024 * 1024
_NAME = re.compile(r"erasure-(?P<number>[0-9]{4,})\.json")
_PACKAGES = ("chromadb", "mem0ai", "numpy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate(Fact):
    """The document.

    Attributes:
        number: Which of the store's certificates, from 1.
        made_at: UTC.
        versions: Of this program, Python and what it reads stores with.
        system: Name and release of the operating system.
        chroma_secure_delete: Whether the SQLite inside Chroma was compiled to overwrite what it deletes; None where its
            library does not tell. Of the one that scanned, each scan tells.
        erasure: What was done and seen.
        finding: What follows; whoever reads it derives it again.
        previous: SHA-256 of the certificate before this one; None of the first.
    """

    schema: Literal["showcase/erasure-certificate"] = SCHEMA
    version: Literal[1] = VERSION
    number: int
    made_at: str
    versions: dict[str, str]
    system: str
    chroma_secure_delete: bool | None
    erasure: Erasure
    finding: Finding
    previous: str | None


@cache
def _adapter() -> TypeAdapter[Certificate]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy

    return TypeAdapter(Certificate)


def issue(place: StorePlace, erasure: Erasure, finding: Finding, *, also_to: Destination | None = None) -> Path:
    """Write the certificate beside the store's history, after the ones that are there.

    Args:
        place: The store.
        erasure: What was seen.
        finding: What follows.
        also_to: Where a copy goes.

    Returns:
        Where it lies.

    Raises:
        StoreError: It cannot be written.
    """
    directory = place.home / CERTIFICATES
    before = issued(place)
    number = before[-1][0] + 1 if before else 1
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        data = dump(
            Certificate(
                number=number,
                made_at=now(),
                versions=_versions(),
                chroma_secure_delete=chroma_sqlite.secure_delete(),
                system=f"{platform.system()} {platform.release()}",
                erasure=erasure,
                finding=finding,
                previous=hashlib.sha256(before[-1][1].read_bytes()).hexdigest() if before else None,
            )
        )
        path = directory / f"erasure-{number:04}.json"
        new_file.create(path, data)
    except OSError as error:
        raise StoreError(
            f"the certificate cannot be written: {error.filename or directory}: {error.strerror or error}",
            hint=f"see who may: {here().who_may(place.home)}; what was to be forgotten is forgotten",
        ) from error
    if also_to is not None:
        try:
            also_to.write(data)
        except UnwritableError as error:
            raise StoreError(f"{error.message}; the certificate is in {path}", hint=error.hint) from error
    return path


def issued(place: StorePlace) -> list[tuple[int, Path]]:
    """Return the certificates of a store with their numbers, in their order."""
    directory = place.home / CERTIFICATES
    if not directory.is_dir():
        return []
    found = [(int(match["number"]), path) for path in directory.iterdir() if (match := _NAME.fullmatch(path.name))]
    return sorted(found)


def dump(certificate: Certificate) -> bytes:
    """Return a certificate as UTF-8 JSON."""
    return _adapter().dump_json(certificate, indent=1) + b"\n"


def load(data: bytes, *, source: str) -> Certificate:
    """Read a certificate.

    Raises:
        RunLogError: It is none of a version that this program knows.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - heavy

    try:
        document = strict_json.parse(data)
        return _adapter().validate_json(json.dumps(document))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/" + "/".join(str(part) for part in first["loc"])
        raise RunLogError(
            f"{source}: at {where}: {first['msg']}", hint="give the certificate as it was written, with this version"
        ) from error
    except ValueError as error:
        raise RunLogError(f"{source} is no certificate: {error}", hint="give it as it was written") from error


def is_one(data: bytes) -> bool:
    """Tell whether a document says of itself that it is a certificate."""
    try:
        document = strict_json.parse(data)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("schema") == SCHEMA


def derived(certificate: Certificate) -> Finding:
    """Return what follows from a certificate's facts, whatever it says of itself."""
    return verdict.judge(certificate.erasure)


def broken_chain(path: Path) -> str | None:
    """Return what is amiss with the certificates up to this one, where they lie beside each other; None where nothing.

    Raises:
        RunLogError: One of them cannot be read.
    """
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    digest: str | None = None
    for number in range(1, int(match["number"]) + 1):
        each = path.with_name(f"erasure-{number:04}.json")
        try:
            data = reading.read(each, limit=MAX_BYTES)
        except reading.UnreadableError:
            return f"{each.name} is not there any more"
        certificate = load(data, source=shown(each))
        if certificate.number != number:
            return f"{each.name} says that it is number {certificate.number}"
        if certificate.previous != digest:
            return f"{each.name} was not written after the one that is there before it"
        digest = hashlib.sha256(data).hexdigest()
    return None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a certificate, generated from the dataclasses."""
    return _adapter().json_schema(mode="serialization")


def _versions() -> dict[str, str]:
    found = {"local-memory-showcase": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # noqa: PERF203 - three of them
            found[name] = "none"
    return found
