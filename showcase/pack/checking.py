"""Whether a stick is whole: told from a copy that was cut short, a byte that changed, a file too many or too few."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from showcase.documents import reading
from showcase.engines.models.sizes import show_size
from showcase.errors import ModelError, UsageError
from showcase.pack import manifest, models, pip_process, wheels
from showcase.pack.journal import UNFINISHED
from showcase.pack.manifest import MANIFEST, SUMS, Pack
from showcase.pack.platforms import targets
from showcase.pack.stick import LOCK, MODELS, WHEELS, Stick
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from showcase.pack.platforms import Target

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: `finished`, `manifest`, `checksums`, `files`, `wheels`, `models`, `room`.
        ok: Whether it is as it should be.
        detail: What was seen, with the file that is wrong.
        paths: Every file that is wrong, below the stick.
    """

    what: str
    ok: bool
    detail: str
    paths: tuple[str, ...] = ()


def check(place: Path, say: Callable[[str], None]) -> tuple[Finding, ...]:
    """Look at a stick; what is found first may leave nothing more to look at.

    Args:
        place: The directory.
        say: Told what goes on.

    Raises:
        UsageError: There is no such directory.
        ShowcaseError: This Python has no pip to try the wheels with.
    """
    if not place.is_dir():
        raise UsageError(f"there is no directory {place} to look at", hint=f"make one: showcase pack {quoted(place)}")
    pip_process.check()
    stick = Stick(place)
    if stick.is_unfinished:
        why = "it is being written, or that was cut short: the same `pack` again finishes it"
        return (Finding(what="finished", ok=False, detail=why, paths=(str(UNFINISHED),)),)
    try:
        sums = manifest.load_sums(_read(stick, SUMS), source=str(SUMS))
        pack = manifest.load(_read(stick, MANIFEST), source=str(MANIFEST))
    except reading.UnreadableError as error:
        return (Finding(what="manifest", ok=False, detail=str(error)),)
    except UsageError as error:
        return (Finding(what="manifest", ok=False, detail=error.message),)
    say(f"{len(sums)} files are read.")
    found = [_manifest(pack), _files(stick, sums), _digests(stick, sums), _counts(stick, sums, pack)]
    say(f"{len(pack.targets)} installs are tried, without a network.")
    found += [*_targets(stick, pack), *_models(stick, sums, pack), _room(stick, pack)]
    return tuple(found)


def _read(stick: Stick, path: PurePosixPath) -> bytes:
    try:
        return reading.read(stick.place / path, limit=manifest.MAX_BYTES, files_only=True)
    except reading.UnreadableError as error:
        raise reading.UnreadableError(f"{path} cannot be read: {error}; no `pack` ended here") from error


def _manifest(pack: Pack) -> Finding:
    fine = _own(pack) is not None and pack.targets
    said = (
        f"local-memory-showcase {pack.showcase}, made {pack.made_at}" if fine else f"no wheel of its own: {pack.wheel}"
    )
    return Finding(what="manifest", ok=bool(fine), detail=said, paths=() if fine else (str(MANIFEST),))


def _own(pack: Pack) -> PurePosixPath | None:
    """Return where this program's wheel is said to lie, None where no wheel can lie: pip would build anything else."""
    wheel = manifest.inside(pack.wheel)
    return wheel if wheel is not None and wheel.parent == WHEELS and wheel.suffix == ".whl" else None


def _files(stick: Stick, sums: Mapping[PurePosixPath, str]) -> Finding:
    """Hold what is there against what is listed; what systems put on every stick aside."""
    there = {path for path in stick.files() if path != LOCK}
    missing, extra = sorted(sums.keys() - there), sorted(there - sums.keys() - {SUMS})
    if MANIFEST not in sums:
        extra.append(MANIFEST)
    links = sorted(path for path in there & sums.keys() if (stick.place / path).is_symlink())
    said = [f"{path} is missing" for path in missing]
    said += [f"{path} is not from `pack`" for path in extra]
    said += [f"{path} is a link, and no file" for path in links]
    paths = tuple(map(str, (*missing, *extra, *links)))
    return Finding(what="files", ok=not said, detail=_listed(said) or f"{len(sums)}, none too many", paths=paths)


def _digests(stick: Stick, sums: Mapping[PurePosixPath, str]) -> Finding:
    said, paths = [], []
    for path, digest in sums.items():
        whole = stick.place / path
        if not whole.is_file() or whole.is_symlink():
            continue
        try:
            same = stick.digest(path) == digest
            why = f"{path} is not as it was written"
        except OSError as error:
            same, why = False, f"{path} cannot be read: {error.strerror or error}"
        if not same:
            said.append(why)
            paths.append(str(path))
    return Finding(
        what="checksums", ok=not said, detail=_listed(said) or "every file is as it was written", paths=tuple(paths)
    )


def _counts(stick: Stick, sums: Mapping[PurePosixPath, str], pack: Pack) -> Finding:
    own = [stick.place / path for path in sums if path != MANIFEST]
    files, total = len(own), sum(path.stat().st_size for path in own if path.is_file())
    same = (files, total) == (pack.files, pack.total_bytes)
    said = f"{show_size(total)} in {files} files"
    if not same:
        said += f", and {MANIFEST} says {pack.total_bytes:,} bytes in {pack.files}"
    return Finding(what="size", ok=same, detail=said, paths=() if same else (str(MANIFEST),))


def _targets(stick: Stick, pack: Pack) -> list[Finding]:
    """Try each install that is promised: by pip, from the stick alone, as that machine would choose."""
    wheel = _own(pack)
    own = stick.place.absolute() / (wheel or MANIFEST)
    if wheel is None or not own.is_file():
        return [Finding(what="wheels", ok=False, detail=f"{pack.wheel} is missing", paths=(pack.wheel,))]
    read = [_target(each) for each in pack.targets]
    unknown = [each for each in read if isinstance(each, Finding)]
    known = tuple(dict.fromkeys(each for each in read if not isinstance(each, Finding)))
    tried = wheels.resolved(known, wheels.wanted(own, pack.extras), stick.place / WHEELS)
    found = [
        Finding(what="wheels", ok=False, detail=f"{target}: {seen}")
        if isinstance(seen, str)
        else Finding(what="wheels", ok=True, detail=f"{target}: {len(seen)} wheels, nothing missing")
        for target, seen in tried.items()
    ]
    return [*unknown, *found]


def _target(packed: manifest.PackedTarget) -> Target | Finding:
    try:
        return targets((packed.platform,), (packed.python,))[0]
    except UsageError as error:
        return Finding(what="wheels", ok=False, detail=error.message, paths=(str(MANIFEST),))


def _models(stick: Stick, sums: Mapping[PurePosixPath, str], pack: Pack) -> list[Finding]:
    directory = stick.place / MODELS
    found = []
    listed = {model.manifest for model in pack.models}
    for name, path in models.manifests(directory):
        if str(MODELS / path) not in listed:
            detail = f"{name} is on the stick, and {MANIFEST} does not name it"
            found.append(Finding(what="models", ok=False, detail=detail, paths=(str(MODELS / path),)))
    found += [_model(directory, sums, each) for each in pack.models]
    return found or [Finding(what="models", ok=True, detail="none")]


def _model(directory: Path, sums: Mapping[PurePosixPath, str], packed: manifest.PackedModel) -> Finding:
    path = manifest.inside(packed.manifest)
    bad = Finding(what="models", ok=False, detail="", paths=(packed.manifest,))
    if path is None or path.parts[:2] != (str(MODELS), models.MANIFESTS):
        return replace(bad, detail=f"{packed.name}: {packed.manifest} is no place of a manifest")
    try:
        model = models.read(directory, packed.name, PurePosixPath(*path.parts[1:]))
    except ModelError as error:
        return replace(bad, detail=error.message)
    if (model.digest, model.total_bytes) != (packed.digest, packed.total_bytes):
        return replace(bad, detail=f"{packed.name} is another model than the one that {MANIFEST} names")
    for blob in model.blobs:
        # Its name is its digest; that it has that one is what `checksums` looked at.
        if sums.get(MODELS / blob.path) != blob.digest:
            return replace(
                bad, detail=f"{packed.name}: {blob.path} has another SHA-256", paths=(str(MODELS / blob.path),)
            )
    return Finding(what="models", ok=True, detail=f"{packed.name}: {show_size(packed.total_bytes)}, whole")


def _room(stick: Stick, pack: Pack) -> Finding:
    most = max((target.unpacked_bytes for target in pack.targets), default=0)
    of_models = sum(model.total_bytes for model in pack.models)
    said = f"an install takes up to {show_size(most)}"
    said += f", and {show_size(of_models)} for the models" if of_models else ""
    return Finding(what="room", ok=True, detail=f"{said}; {show_size(stick.free_bytes())} are free on the stick")


def _listed(said: list[str]) -> str:
    more = f"; and {len(said) - _SHOWN} more" if len(said) > _SHOWN else ""
    return "; ".join(said[:_SHOWN]) + more
