"""Violations that really happen in the process of an embedded engine."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_models import write_chat
from program import RUN_TIMEOUT_S

from showcase import claims, runlog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Verdict

CONDUCT = Path(__file__).parents[1] / "planted" / "conduct_embedded.py"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chat(tmp_path_factory.mktemp("model") / "pocket.gguf", ends=1.4)


@pytest.fixture
def decoy() -> Iterator[int]:
    """Another program's port on this machine, at which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def played(out: Path, model: Path, deed: str, port: int, *witnesses: str) -> tuple[int, dict[str, Verdict]]:
    """Return the exit status of a run with such an engine, and what was judged of it."""
    # A decoy of the run's own tree would be internal.
    done = subprocess.run(
        [sys.executable, CONDUCT, out, model, "-", deed, str(port), *witnesses],
        check=False,
        timeout=RUN_TIMEOUT_S,
        capture_output=True,
        text=True,
    )
    assert (out / "run-log.json").exists(), done.stderr
    run = runlog.read(out / "run-log.json")
    found = {verdict.id: verdict for verdict in claims.judge(run)}
    assert {verdict.id: verdict.status for verdict in run.claims} == {each.id: each.status for each in found.values()}
    return done.returncode, found


@pytest.mark.parametrize("witnesses", [(), ("hook", "syscalls")])
@pytest.mark.parametrize(
    "deed",
    ["tell", "late", "child", "away"],
)
def test_an_engine_that_tells_somebody(
    tmp_path: Path, model: Path, decoy: int, deed: str, witnesses: tuple[str, ...]
) -> None:
    words = "sent to 192.0.2.1:9" if deed == "away" else f"tried to connect to 127.0.0.1:{decoy}"
    code, found = played(tmp_path / "out", model, deed, decoy, *witnesses)
    assert code == 1
    assert (found["egress"].status, found["daemon"].status) == ("broken", "broken")
    assert words in found["daemon"].reason
    assert found["engine-local"].status == "inconclusive"
    assert (found["context"].status, found["context"].level) == ("upheld", "self-reported")


def test_an_engine_that_dies(tmp_path: Path, model: Path) -> None:
    _, found = played(tmp_path / "out", model, "die", 9)
    for claim in ("egress", "engine-local", "context", "daemon"):
        assert found[claim].status == "inconclusive", claim


def test_without_a_deed_the_planted_engine_is_an_honest_one(tmp_path: Path, model: Path) -> None:
    """What is found above is found for the deed, and not for how the engine was planted."""
    code, found = played(tmp_path / "out", model, "nothing", 9, "hook", "syscalls")
    assert code == 0, found
    assert found["context"].level == "recorded"
