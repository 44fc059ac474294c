"""A stick is written: wheels, models, installers, and last what it says of itself and the checksums."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from showcase.documents import leftovers, regular_file, resources
from showcase.documents.file_names import why_unfit
from showcase.engines.models.sizes import show_size
from showcase.engines.started_ollama import models_directory
from showcase.errors import ModelError, StoreError, UsageError
from showcase.pack import installers, manifest, models, own_wheel, pip_process, wheel_file, wheels
from showcase.pack.journal import UNFINISHED
from showcase.pack.manifest import MANIFEST, SUMS, Pack, PackedModel, PackedTarget
from showcase.pack.platforms import Target
from showcase.pack.stick import MODELS, WHEELS, ChangedError, Stick
from showcase.shell import here
from showcase.shell.advice import near

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import BinaryIO

    from showcase.pack.models import Blob, PulledModel

_LONGEST_PATH = 180
"""Of what is made below the directory, its separator included: the file name of a wheel with many tags."""

_TEMPORARY = "showcase-pack-"
_WITHOUT_MODELS = "a stick without models: the same command with --no-models"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be packed.

    Attributes:
        place: The directory.
        targets: The machines.
        extras: What this program is installed with.
        models: Names; None for all that are here and whole.
        wheel: This program's, where somebody made it; None to make it.
    """

    place: Path
    targets: tuple[Target, ...]
    extras: tuple[str, ...] = ()
    models: tuple[str, ...] | None = None
    wheel: Path | None = None


def pack(request: Request, say: Callable[[str], None]) -> Pack:
    """Write a stick, or what has changed of one that was written before.

    Args:
        request: What is to be on it.
        say: Told what goes on, a line at a time.

    Raises:
        UsageError: The directory is not ours to write in, or an extra is unknown.
        ModelError: A model is not there, not whole, or on another machine.
        ShowcaseError: A wheel cannot be had, or the stick cannot be written; what is on it is kept.
    """
    why = why_unfit(request.place, below=_LONGEST_PATH)
    if why is not None:
        raise UsageError(f"{request.place} cannot be packed into: {why}", hint="name another directory")
    stick = Stick(request.place)
    stick.check()
    pip_process.check()
    directory, packed = _models(request.models, say)
    with leftovers.temporary(_TEMPORARY) as place:
        own = own_wheel.obtain(request.wheel, place, say=say)
        about = wheel_file.read(own)
        _check_extras(request.extras, about.extras)
        there = stick.whole_wheels()
        gathered = wheels.gather(request.targets, own, request.extras, there=there, into=place, say=say)
        _check_room(stick, gathered.places, packed)
        with stick.being_written():
            digests = {WHEELS / name: _put_wheel(stick, name, path) for name, path in gathered.places.items()}
            for model in packed:
                say(f"model {model.name}: {show_size(model.total_bytes)}")
                digests |= _put_model(stick, directory, model)
            document = _document(request, gathered, packed, wheel=WHEELS / own.name, version=about.version)
            for path, data in installers.files(document).items():
                digests[path] = _write(stick, path, data)
            return _finish(stick, document, digests, say)


def _models(names: tuple[str, ...] | None, say: Callable[[str], None]) -> tuple[Path, tuple[PulledModel, ...]]:
    """Return where models lie, and those to be packed."""
    if names == ():
        return Path(), ()
    try:
        directory = models_directory(os.environ, resources.home())
    except ModelError as error:
        if names is None:
            say(f"No models: {error.message}.")
            return Path(), ()
        command = here().with_variables({"OLLAMA_MODELS": "DIR"}, "the same command")
        raise ModelError(error.message, hint=f"where they lie elsewhere: {command}; or {_WITHOUT_MODELS}") from error
    if names is not None:
        return directory, models.chosen(directory, names)
    found, left_out = models.all_of(directory)
    for each in left_out:
        say(f"left out: {each}")
    return directory, found


def _check_extras(asked: Sequence[str], known: Sequence[str]) -> None:
    for extra in asked:
        if extra not in known:
            raise UsageError(
                f"this program has no extra {extra!r}{near(extra, known)}", hint=f"it has {', '.join(known) or 'none'}"
            )


def _check_room(stick: Stick, places: Mapping[str, Path], packed: Sequence[PulledModel]) -> None:
    sizes = {WHEELS / name: path.stat().st_size for name, path in places.items()}
    sizes |= {MODELS / blob.path: blob.size for model in packed for blob in model.blobs}
    there = {path: (stick.place / path).stat().st_size for path in sizes if (stick.place / path).is_file()}
    needed, free = sum(sizes.values()) - sum(there.values()), stick.free_bytes()
    if needed > free:
        raise StoreError(
            f"{stick.place} has {show_size(free)} free, and {show_size(needed)} more are needed",
            hint="fewer models (--model NAME for each) or platforms, or a larger stick: " + here().free_space(),
        )


def _put(stick: Stick, path: PurePosixPath, file: BinaryIO, digest: str | None = None) -> str:
    """Put a file on the stick where it is not there as it should be; return its SHA-256.

    Raises:
        ChangedError: It is not what it is to be.
    """
    size = os.fstat(file.fileno()).st_size
    if digest is None:
        digest = hashlib.sha256(file.read()).hexdigest()
        file.seek(0)
    if not stick.holds(path, digest):
        stick.copy(file, path, digest=digest, size=size)
    return digest


def _put_wheel(stick: Stick, name: str, source: Path) -> str:
    with source.open("rb") as file:
        return _put(stick, WHEELS / name, file)


def _write(stick: Stick, path: PurePosixPath, data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    if not stick.holds(path, digest):
        stick.write(path, data)
    return digest


def _put_model(stick: Stick, directory: Path, model: PulledModel) -> dict[PurePosixPath, str]:
    """Put a model on the stick: its blobs, each held to its name, and then its manifest."""
    found = {MODELS / blob.path: _put_blob(stick, directory, model, blob) for blob in model.blobs}
    found[MODELS / model.path] = _write(stick, MODELS / model.path, model.manifest)
    return found


def _put_blob(stick: Stick, directory: Path, model: PulledModel, blob: Blob) -> str:
    source = directory / blob.path
    try:
        opened = os.fdopen(regular_file.opened(source), "rb")
    except OSError as error:
        raise ModelError(
            f"the blob {source} of the model {model.name} cannot be read: {error.strerror or error}",
            hint=f"see who may: {here().who_may(source)}",
        ) from error
    with opened as file:
        try:
            return _put(stick, MODELS / blob.path, file, blob.digest)
        except ChangedError as error:
            raise ModelError(
                f"the model {model.name} is not whole: its blob {source.name} is not what its name says: {error}",
                hint=f"download it anew: ollama rm {model.name}; ollama pull {model.name}",
            ) from error


def _document(
    request: Request, gathered: wheels.Gathered, packed: Sequence[PulledModel], *, wheel: PurePosixPath, version: str
) -> Pack:
    unpacked = {name: wheel_file.read(path).unpacked_bytes for name, path in gathered.places.items()}
    return Pack(
        made_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        showcase=version,
        wheel=str(wheel),
        extras=request.extras,
        targets=tuple(
            PackedTarget(
                platform=target.platform.name,
                python=target.python,
                wheels=len(names),
                unpacked_bytes=sum(unpacked[name] for name in names),
            )
            for target, names in gathered.by_target.items()
        ),
        models=tuple(
            PackedModel(
                name=model.name,
                manifest=str(MODELS / model.path),
                digest=model.digest,
                total_bytes=model.total_bytes,
            )
            for model in packed
        ),
        files=0,
        total_bytes=0,
    )


def _finish(stick: Stick, document: Pack, digests: dict[PurePosixPath, str], say: Callable[[str], None]) -> Pack:
    """Take away what is ours and no longer wanted, read everything back, and say that it is whole."""
    for path in sorted(stick.own - {*digests, MANIFEST, SUMS, UNFINISHED}):
        stick.remove(path)
    say("Everything is read back from the stick.")
    for path, digest in digests.items():
        if stick.digest(path) != digest:
            raise StoreError(
                f"{stick.place} gives back other bytes than were written: {path}",
                hint="take another stick: this one, or its reader, fails",
            )
    total = sum((stick.place / path).stat().st_size for path in digests)
    whole = replace(document, files=len(digests), total_bytes=total)
    data = manifest.dump(whole)
    stick.write(MANIFEST, data)
    stick.finish(manifest.dump_sums({**digests, MANIFEST: hashlib.sha256(data).hexdigest()}))
    return whole
