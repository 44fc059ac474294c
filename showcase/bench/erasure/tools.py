"""What other programs find of forgotten texts in the files of a store, where they are installed."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from showcase.memory.store_files import DATABASE, HISTORY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

_TIMEOUT_S = 600.0


def count(place: StorePlace, texts: Sequence[str], work: Path) -> dict[str, int | str]:
    """Return how many of some texts each program brings to light, or why it brings none.

    Args:
        place: The store.
        texts: What was forgotten.
        work: A directory for what a program writes; made and removed.
    """
    found: dict[str, int | str] = {}
    for name, (program, run) in _TOOLS.items():
        path = shutil.which(program)
        if path is None:
            found[name] = "not installed"
            continue
        work.mkdir()
        try:
            said = run(path, place, work)
            found[name] = sum(text.encode() in said for text in texts)
        except _FailedError as error:
            found[name] = f"failed: {error}"
        finally:
            remove(work)
    return found


class _FailedError(Exception):
    """What a program said as it ended otherwise than with 0."""


def remove(directory: Path) -> None:
    """Remove a directory with all that is in it."""
    shutil.rmtree(directory, ignore_errors=True)


def _strings(program: str, place: StorePlace, _: Path) -> bytes:
    """Return runs of printable characters of every file: strings(1)."""
    files = sorted(str(path) for path in place.root.rglob("*") if path.is_file())
    return _said([program, "--all", *files])


def _recover(program: str, place: StorePlace, _: Path) -> bytes:
    """Return what the shell of SQLite recovers, from pages that are free as well: https://www.sqlite.org/recovery.html."""
    databases = (place.chroma / DATABASE, place.home / HISTORY)
    return b"\n".join(_said([program, "-readonly", str(path), ".recover"]) for path in databases if path.is_file())


def _foremost(program: str, place: StorePlace, work: Path) -> bytes:
    """Return what is cut out as files of a known kind: foremost(8), which knows no databases."""
    files = sorted(str(path) for path in place.root.rglob("*") if path.is_file())
    _said([program, "-Q", "-t", "all", "-o", str(work / "carved"), *files])
    return b"\n".join(path.read_bytes() for path in sorted(work.rglob("*")) if path.is_file())


def _said(command: list[str]) -> bytes:
    done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"it ended with {done.returncode}"]
        raise _FailedError(lines[-1])
    return done.stdout


_TOOLS: dict[str, tuple[str, Callable[[str, StorePlace, Path], bytes]]] = {
    "strings": ("strings", _strings),
    "SQLite's .recover": ("sqlite3", _recover),
    "foremost": ("foremost", _foremost),
}
