"""The output directory: ours by a mark in it, used by one run at a time, never wiped where it is not ours."""

from __future__ import annotations

import contextlib
import json
import stat
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.settings import EVENTS, MEM0_HOME, REPORT, RUN_LOG, STORE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARK = ".showcase"
_MARK_TEXT = json.dumps({"made by": "local-memory-showcase", "holds": [RUN_LOG, REPORT, STORE, MEM0_HOME, EVENTS]})


@contextmanager
def claim(out: Path) -> Iterator[Path]:
    """Make `out` ours for as long as the run lasts; yield its real path.

    Raises:
        StoreError: It is a file, cannot be written, was not made by this program, or another run uses it.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only runs need it

    out = _prepare(out)
    lock = FileLock(out / f"{MARK}.lock", timeout=0, mode=0o600)
    try:
        with lock:
            yield out
    except Timeout as error:
        raise StoreError(
            f"another run is using {out}", hint="wait for its end, or choose another directory: --out DIR"
        ) from error


def _prepare(out: Path) -> Path:
    another = "choose another directory: --out DIR"
    if out.is_symlink():
        # What lies behind a link may be anybody's; it is used only when it carries our mark already.
        target = out.resolve()
        if not (target / MARK).is_file():
            raise StoreError(f"{out} is a link to {target}, which this program did not create", hint=another)
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise StoreError(f"{out} is not a directory", hint=another) from error
    except OSError as error:
        raise StoreError(f"cannot create {out}: {error.strerror or error}", hint=another) from error
    mark = out / MARK
    try:
        if not mark.is_file():
            if any(entry.name != f"{MARK}.lock" for entry in out.iterdir()):
                raise StoreError(
                    f"{out} holds files that this program did not create; it is left as it is", hint=another
                )
            mark.write_text(_MARK_TEXT + "\n", encoding="utf-8")
            mark.chmod(0o600)
        out.chmod(stat.S_IRWXU)
        for name in (STORE, MEM0_HOME, EVENTS):
            if (out / name).is_symlink():
                raise StoreError(f"{out / name} is a link, which this program did not create", hint=another)
            (out / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot write in {out}: {error.strerror or error}", hint=another) from error
    return out.resolve()


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
