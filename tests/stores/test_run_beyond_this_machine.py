"""A run whose store is not on this machine: in a network namespace of its own, with an address that is no loopback."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from program import Finished
from shared import finished_once

from showcase.evidence import Rule
from showcase.report import render

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import Run

HOST, PORT = "192.0.2.55", 18222
"""RFC 5737: of nobody, and here on the namespace's own device."""

IN_A_NAMESPACE = (shutil.which("unshare") or "unshare", "--user", "--map-root-user", "--net")

URL = f"chroma://{HOST}:{PORT}"

SCRIPT = """
set -e
ip link set lo up
ip addr add {host}/32 dev lo
"{python}" -c "import sys; from chromadb.cli.cli import app; sys.exit(app())" \\
  run --path "{out}.served" --host {host} --port {port} >"{out}.served.log" 2>&1 &
served=$!
trap 'kill $served' EXIT
for _ in $(seq 120); do
  "{python}" -c "import socket; socket.create_connection(('{host}', {port}), 1)" 2>/dev/null && break
  sleep 0.5
done
"{python}" -m showcase run --engine rehearsal --no-drill --out "{out}" {arguments} --store {url}
"""


def in_a_namespace(out: Path, arguments: str) -> Finished:
    """Run in a network of our own, in which the store's server has an address that is not of loopback."""
    script = SCRIPT.format(host=HOST, port=PORT, python=sys.executable, out=out, arguments=arguments, url=URL)
    done = subprocess.run(
        [*IN_A_NAMESPACE, "sh", "-c", script],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Finished(out=out, exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Skip where there can be none."""
    if sys.platform != "linux" or shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("needs unshare and ip, of Linux")
    made = subprocess.run(
        [*IN_A_NAMESPACE, "ip", "link", "set", "lo", "up"],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("no network namespace can be made here")


@pytest.fixture(scope="session")
def away(tmp_path_factory: pytest.TempPathFactory, namespaces: None) -> Finished:  # noqa: ARG001 - skips
    """One whole run whose memories went to that server."""

    def allowed(out: Path) -> Finished:
        began = time.monotonic()
        done = in_a_namespace(out, "--allow-store")
        assert done.exit_code == 3, done.stdout + done.stderr
        assert time.monotonic() > began
        return Finished(out=out, exit_code=0, stdout=done.stdout, stderr=done.stderr)

    return finished_once(tmp_path_factory, "away", allowed)


def test_it_has_to_be_allowed(tmp_path: Path, namespaces: None) -> None:  # noqa: ARG001 - skips
    done = in_a_namespace(tmp_path / "out", "")
    assert done.exit_code == 2, done.stdout + done.stderr
    assert f"memories would go to {HOST}:{PORT}, NOT encrypted on the way" in done.stderr
    assert "--allow-store" in done.stderr
    assert not (tmp_path / "out").exists()


def test_no_seal_can_hold_there(tmp_path: Path, namespaces: None) -> None:  # noqa: ARG001 - skips
    done = in_a_namespace(tmp_path / "out", "--allow-store --seal")
    assert done.exit_code == 4, done.stdout + done.stderr
    assert f"its bridges lead to 127.0.0.1, and the store is at {HOST}:{PORT}" in done.stderr


def test_its_words_say_where_memories_went_and_nothing_says_that_they_stayed(away: Finished) -> None:
    log: Run = away.log
    assert log.store is not None
    assert not log.store.is_here
    assert log.policy.rules == (Rule(host=HOST, port=PORT),)
    found = {each.id: each for each in log.claims}
    assert found["egress"].reason.startswith(
        f"memories left this machine: they went to {HOST}:{PORT} alone, not encrypted"
    )
    assert found["daemon"].status == "inconclusive"
    assert {each.status for name, each in found.items() if name != "daemon"} == {"upheld"}
    assert "NOT encrypted" in away.stderr
    assert f"Store:  {log.store.version} at {HOST}:{PORT}, collection showcase_run, not encrypted" in away.stdout
    page = render(log)
    assert "Memories of this run left this machine." in page
    assert f"Memories went to {HOST}:{PORT} alone, not encrypted" in page
    for words in (away.stdout, away.stderr, page):
        assert "othing left" not in words
        assert "othing was seen to leave" not in words
