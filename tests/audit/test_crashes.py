"""A command that crashed, or that was killed: what was seen stands, and the verdict says that it may lack an end."""

from __future__ import annotations

import json
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from program import showcase

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})", f"(signal {int(signal.SIGKILL)})"),
        ("import os; os.abort()", f"(signal {int(signal.SIGABRT)})"),
        ("raise SystemExit(3)", None),
    ],
)
def test_a_verdict_names_what_ended_the_command(tmp_path: Path, code: str, says: str | None) -> None:
    log = tmp_path / "log.json"
    showcase("audit", "--log", str(log), "--", sys.executable, "-c", code)
    [egress] = [claim for claim in json.loads(log.read_text("utf-8"))["claims"] if claim["id"] == "egress"]
    named = [limit for limit in egress["limits"] if "by its own will" in limit]
    assert len(named) == (says is not None)
    assert all(says in limit for limit in named if says is not None)
    assert showcase("verify", str(log)).returncode == {"upheld": 0, "inconclusive": 3}[egress["status"]]
