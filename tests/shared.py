"""What several processes of the test runner need and one of them makes: whole runs, above all."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from filelock import FileLock
from program import Finished

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a directory that was filled by `make`, in whichever process came first; nobody writes into it after.

    One that failed is made again, and fails again, for whoever asks next.
    """
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    place, made = base / "shared" / name, base / "shared" / f"{name}.made"
    place.parent.mkdir(exist_ok=True)
    with FileLock(f"{place}.lock"):
        if not made.exists():
            place = place if not place.exists() else factory.mktemp(name)
            place.mkdir(exist_ok=True)
            make(place)
            made.write_text(str(place), encoding="utf-8")
    return place.parent / made.read_text(encoding="utf-8")


def finished_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Finished]) -> Finished:
    """Return a run of the program that ended as it should, likewise; `make` gets the output directory."""

    def keep(place: Path) -> None:
        done = make(place / "out")
        assert done.exit_code == 0, done.stdout + done.stderr
        said = {"exit_code": done.exit_code, "stdout": done.stdout, "stderr": done.stderr}
        (place / "said.json").write_text(json.dumps(said), encoding="utf-8")

    place = once(factory, name, keep)
    return Finished(out=place / "out", **json.loads((place / "said.json").read_text(encoding="utf-8")))
