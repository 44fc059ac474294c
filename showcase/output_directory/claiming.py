"""Whose directory it is: ours by a mark in it, used by one run at a time, never wiped where it is not ours."""

from __future__ import annotations

import contextlib
import json
import shutil
import stat
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from showcase import leftovers
from showcase.errors import StoreError
from showcase.settings import EVENTS, MEM0_HOME, REPORT, RUN_LOG, STORE, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
                raise StoreError(f"{out / name} is a link, which this program did not create", hint=f"rm {out / name}")
            (real / name).mkdir(mode=0o700, exist_ok=True)
    except FileExistsError as error:
        raise StoreError(f"{error.filename} is not a directory", hint=_elsewhere(out)) from error
    except OSError as error:
        raise _unwritable(out, error) from error
    except RuntimeError as error:  # what Python before 3.13 says of links in a circle
        raise StoreError(f"{out} is a link that leads back to itself", hint=_elsewhere(out)) from error
    return real


def _ours_or_new(out: Path) -> Path:
    if out.is_symlink():
        # What lies behind a link may be anybody's; it is used only when it carries our mark already.
        target = out.resolve()
        if not (target / MARK).is_file():
            raise StoreError(f"{out} is a link to {target}, which this program did not create", hint=_elsewhere(out))
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    real = out.resolve()
    mark = real / MARK
    if not mark.is_file():
        if any(entry.name != f"{MARK}.lock" for entry in real.iterdir()):
            raise StoreError(
                f"{out} holds files that this program did not create; it is left as it is", hint=_elsewhere(out)
            )
        mark.write_text(_MARK_TEXT + "\n", encoding="utf-8")
        mark.chmod(0o600)
    return real


def _unwritable(out: Path, error: OSError) -> StoreError:
    return StoreError(f"cannot write in {out}: {error.strerror or error}", hint=_elsewhere(out))


def _elsewhere(out: Path) -> str:
    return f"choose another directory: --out {out.name or 'showcase-output'}-2"


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
            f"cannot write in {settings.events}: {error.strerror or error}", hint=f"see why: df -h {settings.out}"
        ) from error
    return events


def keep_earlier(out: Path) -> tuple[Path, ...]:
    """Rename an earlier run's log and page so that the new ones do not replace them; return their new names.

    Raises:
        StoreError: They cannot be renamed.
    """
    kept = []
    for name in (RUN_LOG, REPORT):
        path = out / name
        with contextlib.suppress(FileNotFoundError):
            written = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
            stem, _, suffix = name.rpartition(".")
            target = out / f"{stem}.{written}.{suffix}"
            number = 1
            while target.exists():
                number += 1
                target = out / f"{stem}.{written}-{number}.{suffix}"
            try:
                path.rename(target)
            except OSError as error:
                raise StoreError(
                    f"cannot rename {path}: {error.strerror or error}",
                    hint=f"see who may write there: ls -ld {out}",
                ) from error
            kept.append(target)
    return tuple(kept)
