"""Whose directory it is: ours by a mark in it, used by one run at a time, never wiped where it is not ours."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import stat
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import leftovers
from showcase.documents.destination import HELD_OPEN
from showcase.documents.file_names import BELOW_A_RUN, why_unfit
from showcase.documents.surrogates import escaped
from showcase.errors import StoreError
from showcase.settings import DEFAULT_OUT, EVENTS, MEM0_HOME, REPORT, RUN_LOG, STORE, Settings
from showcase.shell import here
from showcase.shell.advice import another_directory, quoted, takes_files

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = ".showcase"
_MARK_TEXT = json.dumps({"made by": "local-memory-showcase", "holds": [RUN_LOG, REPORT, STORE, MEM0_HOME, EVENTS]})
LEFTOVERS = (f".{RUN_LOG}.*", f".{REPORT}.*")
"""What a killed run could not clear away, and names otherwise; only touched while the directory is locked."""


@contextmanager
def claim(out: Path) -> Iterator[Path]:
    """Make `out` ours for as long as the run lasts; yield its real path.

    Raises:
        StoreError: It is a file, cannot be written, was not made by this program, or another run uses it.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only runs need it

    real = _prepare(out)
    lock = FileLock(real / f"{MARK}.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreError(f"another run is using {out}", hint=f"wait for its end, or: {_elsewhere(out)}") from error
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        leftovers.sweep(real, elsewhere=True)
        for pattern in LEFTOVERS:
            for left in real.glob(pattern):
                shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
        yield real
    finally:
        lock.release()


def _prepare(out: Path) -> Path:
    try:
        real = _ours_or_new(out)
        real.chmod(stat.S_IRWXU)
        for name in (STORE, MEM0_HOME, EVENTS):
            if (real / name).is_symlink():
                raise _foreign_link(out / name)
            (real / name).mkdir(mode=0o700, exist_ok=True)
    except FileExistsError as error:
        raise StoreError(f"{error.filename} is not a directory", hint=_elsewhere(out)) from error
    except OSError as error:
        raise _unwritable(out, error) from error
    except RuntimeError as error:  # what Python before 3.13 says of links in a circle
        raise _circle(out) from error
    return real


def _check_name(out: Path) -> None:
    why = why_unfit(out, below=BELOW_A_RUN)
    if why is not None:
        raise StoreError(f"{out} cannot be an output directory: {why}", hint=_elsewhere(Path(DEFAULT_OUT)))


def _check_ours(out: Path) -> None:
    """Refuse a directory that is there and not ours, or that Chroma could not use.

    Raises:
        StoreError: It holds what this program did not make, or its name is not UTF-8.
        OSError: It may not be looked at.
    """
    whole = str(out.absolute())
    if escaped(whole) != whole:
        raise StoreError(f"{escaped(whole)} is not UTF-8, and Chroma takes no other name", hint=_elsewhere(out))
    _check_name(out)
    real = out.resolve()
    if out.is_symlink() and not (real / MARK).is_file():
        # What lies behind a link may be anybody's; it is used only when it carries our mark already.
        raise StoreError(f"{out} is a link to {real}, which this program did not create", hint=_elsewhere(out))
    if not real.is_dir() or (real / MARK).is_file():
        return
    if any(entry.name != f"{MARK}.lock" for entry in real.iterdir()):
        raise StoreError(
            f"{out} holds files that this program did not create; it is left as it is", hint=_elsewhere(out)
        )


def _ours_or_new(out: Path) -> Path:
    _check_ours(out)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    real = out.resolve()
    mark = real / MARK
    if not mark.is_file():
        _check_ours(out)  # made by another since
        mark.write_text(_MARK_TEXT + "\n", encoding="utf-8")
        mark.chmod(0o600)
    return real


def obstacle(out: Path) -> StoreError | None:
    """Return why a run could not use a directory, None where nothing is in the way. Only looks: nothing is made."""
    try:
        place = next(path for path in (out.absolute(), *out.absolute().parents) if os.path.lexists(path))
        _check_ours(out)
        if not place.is_dir():
            if place == out.absolute():
                return StoreError(f"{out} is not a directory", hint=_elsewhere(out))
            return _unwritable(out, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
        if not takes_files(place):
            return _unwritable(out, PermissionError(errno.EACCES, _why_not(place)))
        for name in (STORE, MEM0_HOME, EVENTS):
            _check_own(out, out / name)
    except StoreError as error:
        return error
    except OSError as error:
        return _unwritable(out, error)
    except RuntimeError:
        return _circle(out)
    return None


def _why_not(place: Path) -> str:
    """Return in the system's words why a directory takes no file."""
    read_only = hasattr(os, "statvfs") and os.statvfs(place).f_flag & os.ST_RDONLY
    return os.strerror(errno.EROFS if read_only else errno.EACCES)


def _check_own(out: Path, path: Path) -> None:
    if path.is_symlink():
        raise _foreign_link(path)
    if path.exists() and not path.is_dir():
        raise StoreError(f"{path} is not a directory", hint=_elsewhere(out))
    if path.exists() and not takes_files(path):
        raise _unwritable(path, PermissionError(errno.EACCES, _why_not(path)))


def _foreign_link(path: Path) -> StoreError:
    """Return what is said of a link where a directory of ours belongs; what it leads to outlives its removal."""
    return StoreError(f"{path} is a link, which this program did not create", hint=here().remove(path))


def _circle(out: Path) -> StoreError:
    return StoreError(f"{out} is a link that leads back to itself", hint=_elsewhere(out))


def _unwritable(out: Path, error: OSError) -> StoreError:
    hint = _elsewhere(out)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = f"see what fills it: {here().free_space(_nearest(out))}; or {hint}"
    return StoreError(f"cannot write in {out}: {error.strerror or error}", hint=hint)


def _nearest(out: Path) -> Path:
    return next((path for path in (out, *out.parents) if path.exists()), Path("/"))


def _elsewhere(out: Path) -> str:
    # Here, where the command is typed, if here takes files: a run's usual place.
    beside = another_directory(Path(out.name or DEFAULT_OUT))
    return f"choose another directory: the same command with --out {quoted(beside)}"


def new_events(settings: Settings, started_at: str, run_id: str) -> Path:
    """Make and return the directory of this run's event files.

    Raises:
        StoreError: It cannot be made.
    """
    events = settings.events / f"{started_at[:19].replace('-', '').replace(':', '')}Z-{run_id[:8]}"
    try:
        events.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise StoreError(
            f"cannot write in {settings.events}: {error.strerror or error}",
            hint=f"see why: {here().free_space(settings.out)}",
        ) from error
    return events


def keep_earlier(out: Path) -> tuple[Path, ...]:
    """Rename an earlier run's log and page so that the new ones do not replace them; return their new names.

    Raises:
        StoreError: They cannot be renamed.
    """
    kept: list[tuple[Path, Path]] = []
    for name in (RUN_LOG, REPORT):
        path = out / name
        with contextlib.suppress(FileNotFoundError):
            target = name_by_time(path, path.stat().st_mtime)
            try:
                path.rename(target)
            except OSError as error:
                for before, now in kept:  # both, or none
                    now.rename(before)
                raise _kept_there(path, error) from error
            kept.append((path, target))
    return tuple(target for _, target in kept)


def name_by_time(path: Path, moment: float) -> Path:
    """Return a name that is free, beside a file, with a moment in it (seconds since the epoch)."""
    written = datetime.fromtimestamp(moment, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    target = path.with_name(f"{path.stem}.{written}{path.suffix}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.stem}.{written}-{number}{path.suffix}")
    return target


def _kept_there(path: Path, error: OSError) -> StoreError:
    if getattr(error, "winerror", None) in HELD_OPEN:
        return StoreError(
            f"cannot rename {path}: another program has it open", hint=f"see which: {here().who_has_open(path)}"
        )
    return StoreError(
        f"cannot rename {path}: {error.strerror or error}",
        hint=f"see who may write there: {here().who_may(path.parent)}",
    )
