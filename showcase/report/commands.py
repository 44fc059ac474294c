"""Check it yourself: commands that falsify a claim without this program, with the values of this run."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.evidence import Run

_OUT = "showcase-output"
_STORE = f"{_OUT}/mem0_chroma/chroma.sqlite3"
_ROWS_WITH_USERS = (
    "SELECT u.string_value AS user, d.string_value AS memory FROM embedding_metadata d "
    "JOIN embedding_metadata u ON u.id = d.id AND u.key = 'user_id' WHERE d.key = 'data'"
)
"""Chroma keeps what mem0 gave it as rows of key and value."""


@dataclass(frozen=True, slots=True)
class Check:
    """A command, what it is good for and what it must print if the claim holds."""

    purpose: str
    command: str
    expect: str


def afterwards(run: Run) -> tuple[Check, ...]:
    """Return what can be checked when the processes are long gone."""
    checks = [
        Check(
            "Derive every verdict again from the log alone",
            f"showcase verify {_OUT}/run-log.json",
            "the same verdicts. That proves that they follow from the log, not that the log is authentic",
        ),
        Check(
            "Read the store without mem0 and without Chroma",
            f"sqlite3 {_STORE} {shlex.quote(_ROWS_WITH_USERS)}",
            f"{sum(len(session.planted) for session in run.sessions)} rows of this run, each with its user",
        ),
        *_digests(run),
    ]
    if run.engine is not None:
        base = f"http://{run.engine.endpoint}"
        checks.append(
            Check(
                "Ask the model server where its models come from (while it is up)",
                f"curl -s {base}/api/tags",
                "no remote_host and no remote_model in any entry that this run used",
            )
        )
    checks.append(
        Check(
            "Falsify persistence: remove the store, and a new run without planting must recall nothing",
            f"rm -r {_OUT}/mem0_chroma",
            "the empty-store control above shows what a search then returns",
        )
    )
    return tuple(checks)


def _digests(run: Run) -> tuple[Check, ...]:
    last = next((s.store_after for s in reversed(run.sessions) if s.store_after is not None), None)
    if last is None or not last.files:
        return ()
    file = max(last.files, key=lambda item: item.size_bytes)
    return (
        Check(
            "Compare the largest file of the store with what the log says",
            f"sha256sum {shlex.quote(f'{_OUT}/mem0_chroma/{file.path}')}",
            f"{file.sha256}, as long as no later run touched the store",
        ),
    )


def live(run: Run) -> tuple[Check, ...]:
    """Return what to type in a second shell while a new run is going on."""
    port = run.engine.endpoint.port if run.engine is not None else 11434
    return (
        Check(
            "See that the sessions are processes of their own",
            "ps -eo pid,ppid,lstart,args | grep '[s]howcase.worker'",
            "one worker after the other, each with another pid and the same parent",
        ),
        Check(
            "See every socket of a worker",
            'lsof -nP -a -i -p "$(pgrep -d, -f showcase.worker)"',
            f"connections to port {port} on the loopback address and nothing else",
        ),
        Check(
            "See every name lookup and connection as the kernel sees it (Linux, strace installed)",
            "strace -f -e trace=network -o trace.txt .venv/bin/python run_showcase.py",
            "no connect, sendto or sendmsg to an address that is not loopback in trace.txt",
        ),
    )
