"""An audit replaces or refuses the files that it is told to write, as a user runs it."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from places import TIMEOUT_S, _directory, _socket, not_as_root
from program import showcase

if TYPE_CHECKING:
    from collections.abc import Callable

NOTHING_RAN = "marker"


def audit(tmp_path: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Audit a command that leaves a mark where it runs."""
    command = [sys.executable, "-m", "showcase", "audit", *arguments, "--", "touch", str(tmp_path / NOTHING_RAN)]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, **options)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("option", ["--log", "--report"])
@pytest.mark.parametrize("plant", [_directory, os.mkfifo, _socket])
def test_an_audit_refuses_before_anything_runs(tmp_path: Path, option: str, plant: Callable[[Path], None]) -> None:
    place = tmp_path / "place"
    plant(place)
    done = audit(tmp_path, option, str(place))
    assert done.returncode == 2, done.stderr
    assert f"cannot write {place}: it is a" in done.stderr
    assert not (tmp_path / NOTHING_RAN).exists()


def test_an_audit_refuses_one_file_for_two_documents_and_its_own_inputs(tmp_path: Path) -> None:
    both = audit(tmp_path, "--log", str(tmp_path / "a"), "--report", f"{tmp_path}/./a")
    assert both.returncode == 2
    assert "is the same file as" in both.stderr
    (tmp_path / "in").write_text("read me")
    read = audit(tmp_path, "--log", str(tmp_path / "in"), "--stdin", str(tmp_path / "in"))
    assert read.returncode == 2
    assert "is the same file as --stdin" in read.stderr
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    over = showcase("audit", "--report", str(program), "--", str(program))
    assert over.returncode == 2
    assert "is the same file as the program" in over.stderr
    with (tmp_path / "out").open("w") as out:
        lost = subprocess.run(
            [sys.executable, "-m", "showcase", "audit", "--json", "--log", str(tmp_path / "out"), "--", "true"],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    assert lost.returncode == 2
    assert "is where standard output goes" in lost.stderr
    assert not (tmp_path / NOTHING_RAN).exists()
    assert (tmp_path / "in").read_text() == "read me"


def test_an_audit_writes_its_log_into_a_substituted_process(tmp_path: Path) -> None:
    got = tmp_path / "got.json"
    line = f"exec {sys.executable} -m showcase audit --log >(cat > {got}) --report /dev/null -- true"
    done = subprocess.run(["/bin/bash", "-c", line], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert "Run log: /dev/fd/" in done.stderr, done.stderr
    digest = done.stderr.partition("SHA-256: ")[2].split()[0]
    for _ in range(200):  # bash does not wait for what it substituted
        if _sha256(got) == digest:
            break
        time.sleep(0.05)
    assert _sha256(got) == digest
    assert stat.S_ISCHR(Path("/dev/null").lstat().st_mode)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@not_as_root
def test_the_verdict_of_an_audit_is_told_where_its_log_can_no_longer_be_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "showcase", "audit", "--log", str(home / "log"), "--", "chmod", "500", str(home)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    home.chmod(0o700)
    assert done.returncode == 4
    assert "error: cannot write" in done.stderr
    assert "egress" in done.stderr, "the verdicts are there all the same"
    assert not list(home.iterdir())
