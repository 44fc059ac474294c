"""The wheel of this program itself: given, made from its sources, or put together again from what is installed."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import shutil
import zipfile
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from showcase.documents.resources import SOURCE
from showcase.errors import ShowcaseError, UsageError
from showcase.pack import pip_process, wheel_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DISTRIBUTION = "local-memory-showcase"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can name: the same files make the same wheel, byte by byte."""

_OF_THE_INSTALLER = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json")
"""In a `dist-info`, what was written by whoever installed it. Source: PEP 376, PEP 610."""

_GIVE_IT = "give a wheel that was made elsewhere: --wheel FILE"


def obtain(given: Path | None, into: Path, *, say: Callable[[str], None], sources: Path = SOURCE) -> Path:
    """Put the wheel into a directory.

    Args:
        given: One that somebody made; it is looked at and copied.
        into: The directory.
        say: Told before a registry is asked.
        sources: Where a checkout would be.

    Returns:
        Its path there.

    Raises:
        UsageError: What was given is another program's wheel.
        ShowcaseError: It cannot be had, and why.
    """
    if given is not None:
        return _given(given, into)
    if not (sources / "pyproject.toml").is_file():
        return from_installed(DISTRIBUTION, into)
    say("The package registry that pip is set to is asked for hatchling, which makes this program's wheel.")
    why = pip_process.build(sources, into)
    if why is not None:
        raise ShowcaseError(
            f"the wheel of this program could not be made from {sources}: {why}",
            hint=f"making it asks the package registry for hatchling: try again with a connection; or {_GIVE_IT}",
        )
    return next(into.glob(f"{wheel_file.OWN}-*.whl"))


def _given(path: Path, into: Path) -> Path:
    found = wheel_file.read(path)
    if path.suffix != ".whl" or found.name.replace("-", "_").lower() != wheel_file.OWN:
        raise UsageError(
            f"{path} is the wheel of {found.name or 'nothing that has a name'}, not of this program",
            hint=f"its name begins with {wheel_file.OWN}-",
        )
    return Path(shutil.copyfile(path, into / path.name))


def from_installed(name: str, into: Path) -> Path:
    """Put a wheel together again from the files of an installed distribution; each is what its RECORD says.

    Args:
        name: Of the distribution; pure Python, as this program is.
        into: The directory.

    Returns:
        The path of the wheel.

    Raises:
        ShowcaseError: It is not installed, not of pure Python, or a file is not what was installed.
    """
    try:
        installed = metadata.distribution(name)
    except metadata.PackageNotFoundError as error:
        raise ShowcaseError(
            f"{name} is not installed here, and its sources are not here either: no wheel can be made", hint=_GIVE_IT
        ) from error
    described = (installed.read_text("WHEEL") or "").splitlines()
    tags = [line.partition(":")[2].strip() for line in described if line.startswith("Tag:")]
    if "Root-Is-Purelib: true" not in described or not tags:
        raise ShowcaseError(f"{name} was not installed as a wheel of pure Python", hint=_GIVE_IT)
    files = dict(_files(installed))
    info = next(iter({path.parts[0] for path in files if path.parts[0].endswith(".dist-info")}))
    files[PurePosixPath(info) / "RECORD"] = _record(files, f"{info}/RECORD")
    path = into / f"{info.removesuffix('.dist-info')}-{tags[0]}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(str(each), _EPOCH), data, zipfile.ZIP_DEFLATED)
    return path


def _files(installed: metadata.Distribution) -> Iterator[tuple[PurePosixPath, bytes]]:
    for each in installed.files or ():
        path = PurePosixPath(each.as_posix())
        outside = path.is_absolute() or ".." in path.parts
        of_installer = path.parts[0].endswith(".dist-info") and path.name in _OF_THE_INSTALLER
        if outside or of_installer or "__pycache__" in path.parts:
            continue  # a program that pip made from the entry points, or what is made anew by the next install
        try:
            data = Path(str(each.locate())).read_bytes()
        except OSError as error:
            raise _changed(path, error.strerror or str(error)) from error
        if each.hash is None or each.hash.mode != "sha256" or each.hash.value != _encoded(data):
            raise _changed(path, "its SHA-256 is another one")
        yield path, data


def _changed(path: PurePosixPath, why: str) -> ShowcaseError:
    return ShowcaseError(
        f"no wheel can be made from what is installed: {path} is not as it was installed: {why}",
        hint=f"install this program anew, then again; or {_GIVE_IT}",
    )


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _record(files: dict[PurePosixPath, bytes], own: str) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerows((str(path), f"sha256={_encoded(data)}", len(data)) for path, data in sorted(files.items()))
    rows.writerow((own, "", ""))
    return text.getvalue().encode()
