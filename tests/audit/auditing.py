"""`showcase audit` as a user runs it, and the log it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase import runlog

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Run, Verdict

TIMEOUT_S = 90
FOREIGN = "192.0.2.10"
"""An address of nobody (RFC 5737). Tests contact it in a seal alone."""


@dataclass(frozen=True)
class Audited:
    """What came of an audit."""

    exit_code: int
    stdout: str
    stderr: str
    log: Path

    @property
    def run(self) -> Run:
        return runlog.read(self.log)

    @property
    def egress(self) -> Verdict:
        return next(verdict for verdict in self.run.claims if verdict.id == "egress")

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.stdout))

    def rows(self, kind: str) -> list[Attempt]:
        return [row for row in self.run.connections if row.kind == kind]


def audit_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "showcase", "audit", *arguments]


def audit(log: Path, *arguments: str, stdin: str | None = None, **variables: str) -> Audited:
    """Run an audit that writes its log; `--` and the command are among the arguments."""
    done = subprocess.run(
        audit_command("--log", str(log), *arguments),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env={**os.environ, **variables},
        check=False,
    )
    return Audited(done.returncode, done.stdout, done.stderr, log)


def python(script: str, *arguments: str) -> list[str]:
    return ["--", sys.executable, "-c", script, *arguments]


Auditor = Callable[..., Audited]
