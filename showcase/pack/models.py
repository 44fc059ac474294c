"""The models of an Ollama, read out of its directory without it: each a manifest, and the blobs that it names.

A manifest lies in `manifests/HOST/NAMESPACE/MODEL/TAG`, a blob in `blobs/sha256-DIGEST`. Source: `server/manifest.go`,
`server/modelpath.go` of Ollama 0.24. What lies there may be anybody's: nothing outside of the directory is read, no
link is followed, and of a manifest only digests and sizes count.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from showcase.documents import regular_file, strict_json
from showcase.documents.file_names import why_no_name
from showcase.engines.model_names import is_cloud_name, key, parse, short
from showcase.errors import ModelError
from showcase.shell.advice import near, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFESTS = "manifests"
BLOBS = "blobs"
_MOST_MANIFEST = 1024 * 1024
_MOST_CONFIG = 4 * 1024 * 1024
_DEPTH = 4
"""Names of a manifest's path: host, namespace, model, tag."""

_DIGEST = re.compile(r"sha256:(?P<hex>[0-9a-f]{64})")
_REMOTE = ("remote_host", "remote_model")
"""Of a stub: the model is on that machine, and here is nothing but its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A file that a manifest names.

    Attributes:
        digest: Its SHA-256, in hexadecimal.
        size: Its bytes.
    """

    digest: str
    size: int

    @property
    def path(self) -> PurePosixPath:
        """Where it lies below the models' directory."""
        return PurePosixPath(BLOBS, f"sha256-{self.digest}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledModel:
    """A model that is whole as far as names and sizes tell; digests are looked at where its blobs are read.

    Attributes:
        name: As Ollama lists it.
        path: Of its manifest, below the models' directory.
        manifest: What that holds.
        blobs: What it names, each once.
    """

    name: str
    path: PurePosixPath
    manifest: bytes
    blobs: tuple[Blob, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 of the manifest, by which Ollama tells models apart."""
        return hashlib.sha256(self.manifest).hexdigest()

    @property
    def total_bytes(self) -> int:
        """Of its blobs."""
        return sum(each.size for each in self.blobs)


def manifests(directory: Path) -> Iterator[tuple[str, PurePosixPath]]:
    """Yield the name of each model there, and the path of its manifest below the directory; in order."""
    top = directory / MANIFESTS
    for place, folders, files in os.walk(top):  # follows no link
        folders.sort()
        for file in sorted(files):
            parts = (Path(place) / file).relative_to(top).parts
            name = parse("/".join(parts[:-1]) + f":{parts[-1]}") if len(parts) == _DEPTH else None
            if name is not None:
                yield name.short, PurePosixPath(MANIFESTS, *parts)


def chosen(directory: Path, names: tuple[str, ...]) -> tuple[PulledModel, ...]:
    """Return the models of these names, each once.

    Raises:
        ModelError: One is not there, is a stub of a model on another machine, or is not whole.
    """
    there = {key(name): (name, path) for name, path in manifests(directory)}
    found: dict[str, PulledModel] = {}
    for asked in names:
        if is_cloud_name(asked):
            raise _is_remote(asked, "its name says so")
        if key(asked) not in there:
            raise ModelError(
                f"the model {asked} is not in {directory}{near(asked, (short(name) for name, _ in there.values()))}",
                hint=f"see which there are: ollama list; or download it: ollama pull {quoted(asked)}",
            )
        name, path = there[key(asked)]
        found[key(asked)] = read(directory, name, path)
    return tuple(found.values())


def all_of(directory: Path) -> tuple[tuple[PulledModel, ...], tuple[str, ...]]:
    """Return every model that is there and whole, and why each other one is left out."""
    found = [_read_or_why(directory, name, path) for name, path in manifests(directory)]
    return (
        tuple(each for each in found if isinstance(each, PulledModel)),
        tuple(each for each in found if isinstance(each, str)),
    )


def read(directory: Path, name: str, path: PurePosixPath) -> PulledModel:
    """Read a model's manifest and hold the sizes of its blobs against it.

    Args:
        directory: Of the models.
        name: What to call it.
        path: Of its manifest, below the directory.

    Raises:
        ModelError: It is no manifest, names what can be no blob, or a blob is missing, cut off or no file.
    """
    if why := why_no_name("/".join(path.parts), "win32"):
        raise _broken(name, f"it can have no file on a stick that Windows reads: {why}")
    try:
        data = regular_file.read(directory / path, limit=_MOST_MANIFEST)
    except OSError as error:
        raise _broken(name, f"its manifest cannot be read: {error.strerror or error}") from error
    try:
        document = strict_json.parse(data)
        config = _blob(document["config"])
        blobs = (config, *map(_blob, document["layers"] or ()))
    except (ValueError, KeyError, TypeError) as error:
        raise _broken(name, f"{directory / path} is no manifest: {_why(error)}") from error
    for blob in blobs:
        _look(directory, name, blob)
    _check_is_here(directory, name, config)
    return PulledModel(name=name, path=path, manifest=data, blobs=tuple(dict.fromkeys(blobs)))


def _read_or_why(directory: Path, name: str, path: PurePosixPath) -> PulledModel | str:
    try:
        return read(directory, name, path)
    except ModelError as error:
        return error.message


def _blob(layer: Any) -> Blob:  # noqa: ANN401 - what a document holds
    digest, size = layer["digest"], layer["size"]
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise ValueError(f"{digest!r:.80} is no SHA-256 of a blob")
    if type(size) is not int or size < 0:
        raise ValueError(f"{size!r:.40} is no number of bytes")
    return Blob(digest=match["hex"], size=size)


def _look(directory: Path, name: str, blob: Blob) -> None:
    path = directory / blob.path
    try:
        seen = path.lstat()
        regular_file.check(path, seen)
    except FileNotFoundError as error:
        raise _broken(name, f"its blob {path.name} is missing") from error
    except OSError as error:
        raise _broken(name, f"its blob {path} cannot be used: {error.strerror or error}") from error
    if seen.st_size != blob.size:
        raise _broken(name, f"its blob {path.name} has {seen.st_size:,} bytes, and the manifest says {blob.size:,}")


def _check_is_here(directory: Path, name: str, config: Blob) -> None:
    """Refuse a stub: a name here, with the model on another machine."""
    if config.size > _MOST_CONFIG:
        raise _broken(name, f"its configuration has {config.size:,} bytes")
    try:
        document = strict_json.parse(regular_file.read(directory / config.path, limit=_MOST_CONFIG))
    except (OSError, ValueError) as error:
        raise _broken(name, f"its configuration {config.path.name} cannot be read: {error}") from error
    if isinstance(document, dict):
        for field in _REMOTE:
            if document.get(field):
                raise _is_remote(name, f"{field} is {document[field]!r:.80}")
    if is_cloud_name(name):
        raise _is_remote(name, "its name says so")


def _why(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def _is_remote(name: str, why: str) -> ModelError:
    return ModelError(
        f"the model {name} is on somebody else's machine, and nothing but its name is here: {why}",
        hint="a stick holds models that run without the internet: name another with --model",
    )


def _broken(name: str, why: str) -> ModelError:
    return ModelError(
        f"the model {name} is not whole: {why}", hint=f"download it anew: ollama rm {name}; ollama pull {name}"
    )
