"""The commands that the page offers for a new run show what it says they show, sealed and not."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showcase import runlog
from showcase.report.commands import live

if TYPE_CHECKING:
    from showcase.evidence import Run

ROOT = Path(__file__).parents[2]
OF_NOBODY = {"192.0.2.10", "2001:db8::10"}
OF_A_QUESTION = {"0.0.0.0", "::"}  # noqa: S104 - read in a trace, not served at
ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')

pytestmark = pytest.mark.skipif(
    not Path(sys.prefix, "bin", "showcase").exists(), reason="the commands are for a POSIX virtual environment"
)


@pytest.fixture(params=["", " --no-seal --witness hook"], ids=["sealed", "not sealed"])
def options(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def paste(place: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run what is printed, in a directory like the one that README's first command leaves."""
    (place / ".venv").symlink_to(sys.prefix)
    shutil.copy(ROOT / "run_showcase.py", place)
    path = f"{sys.prefix}/bin:{os.environ['PATH']}"
    shell = shutil.which("sh")
    assert shell is not None
    return subprocess.run(
        [shell, "-c", command],
        cwd=place,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def offered(log: Run, program: str) -> str:
    (command,) = (check.command for check in live(log) if check.command.startswith(program))
    return command


def test_a_store_that_is_taken_away_breaks_persistence(tmp_path: Path, log: Run, options: str) -> None:
    # What the drill shows is what the traced runs below look for; here it would be held three times more.
    printed = offered(log, "showcase run --phase").replace(" --out", f"{options} --no-drill --out")
    done = paste(tmp_path, printed.replace("showcase run", "showcase run --engine rehearsal"))
    assert done.returncode == 1, done.stderr
    assert "session 2               recalled nothing" in done.stderr
    statuses = {claim.id: claim.status for claim in runlog.read(tmp_path / "again" / "run-log.json").claims}
    assert statuses["persistence"] == "broken"


def test_strace_sees_what_the_page_says(tmp_path: Path, log: Run, options: str) -> None:
    strace = shutil.which("strace")
    if strace is None or subprocess.run([strace, "-o", os.devnull, "true"], check=False).returncode:
        pytest.skip("no strace that may trace here (Debian: apt-get install strace)")
    done = paste(tmp_path, f"{offered(log, 'strace')} --engine rehearsal{options}")
    # A traced run is many times slower, and a witness that came late for it may not count.
    assert done.returncode in {0, 3}, done.stdout + done.stderr
    seen = {one or other for one, other in ADDRESS.findall((tmp_path / "trace.txt").read_text("utf-8", "replace"))}
    assert "127.0.0.1" in seen, "the engine's, without which strace has not looked"
    resolvers = {words[1] for words in map(str.split, open_lines(Path("/etc/resolv.conf"))) if words[0] == "nameserver"}
    beside = {address for address in seen if not ipaddress.ip_address(address).is_loopback}
    assert beside <= OF_NOBODY | OF_A_QUESTION | resolvers
    witnesses = runlog.read(tmp_path / "showcase-output" / "run-log.json").witnesses
    sealed = any(witness.name == "seal" and witness.active for witness in witnesses)
    assert beside & OF_NOBODY or not sealed, "what the drill plants"


def open_lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if line.strip()] if path.exists() else []
