"""Runs whose output directory is named in other letters each time, where that makes no other name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from folding import folding
from program import showcase

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a file system"),
]


def test_one_directory_in_other_letters_is_one_run_s(tmp_path: Path) -> None:
    with folding(tmp_path) as place:
        for phase, name in (("1", "Out"), ("2", "OUT"), ("3", "oUT")):
            done = showcase("run", "--engine", "rehearsal", "--phase", phase, "--out", str(place / name))
            assert done.returncode == (0 if phase == "3" else 3), done.stdout + done.stderr
        told = showcase("verify", str(place / "out" / "RUN-LOG.json"))
        assert told.returncode == 0, told.stdout + told.stderr
        assert [path.name for path in place.iterdir() if path.name.lower() == "out"] == ["Out"]
        kept = sorted(path.name for path in (place / "Out").iterdir() if path.suffix in (".json", ".html"))
        assert {"run-log.json", "mem0-cross-session-showcase.html"} <= set(kept)


def test_two_documents_are_not_written_over_each_other(tmp_path: Path) -> None:
    with folding(tmp_path) as place:
        names = ("--log", str(place / "Both"), "--report", str(place / "bOTH"))
        done = showcase("audit", *names, "--", "touch", str(place / "ran"))
        assert done.returncode == 2, done.stderr
        assert "would be overwritten" in done.stderr
        assert list(place.glob("ran")) == []
