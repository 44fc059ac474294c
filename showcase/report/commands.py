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

_LIST_CONNECTIONS = (
    'import json, sys; [print(row["kind"], row["address"], row["port"], row["name"], row["role"]) '
    'for row in json.load(open(sys.argv[1]))["connections"]]'
)

_DIGEST = {"Darwin": "shasum -a 256"}
"""What tells a file's SHA-256 where there is no GNU sha256sum."""

_WORKERS = "'^[^ ]+ -m showcase[.]worker --role session'"
"""What `pgrep -f` finds the sessions by, and not the supervisors that watch them, whose lines end like that."""


@dataclass(frozen=True, slots=True)
class Check:
    """A command, what it is good for and what it must print if the claim holds."""

    purpose: str
    command: str
    expect: str


def afterwards(run: Run) -> tuple[Check, ...]:
    """Return what can be checked when the processes are long gone."""
    store = Check(
        "Read the store without mem0 and without Chroma",
        f'sqlite3 {_STORE} "{_ROWS_WITH_USERS}"',
        f"{sum(len(session.planted) for session in run.sessions)} rows of this run, each with its user",
    )
    return (*from_log(f"{_OUT}/run-log.json"), store, *_events(run), *_digests(run), *_server(run))


def from_log(path: str) -> tuple[Check, ...]:
    """Return what can be checked with nothing but a log, which a redacted page holds too."""
    return (
        Check(
            "Derive every verdict again from the log alone",
            f"showcase verify {path}",
            "the same verdicts. That proves that they follow from the log, not that the log is authentic",
        ),
        Check(
            "List every address and name that any witness saw",
            f"python3 -c '{_LIST_CONNECTIONS}' {path}",
            "the rows of the table above, and none that it leaves out",
        ),
    )


def _server(run: Run) -> tuple[Check, ...]:
    if run.engine is None or run.engine.kind != "ollama" or run.engine.started:  # it ended with the run
        return ()
    return (
        Check(
            "Ask the model server where its models come from",
            f"curl -s http://{run.engine.endpoint}/api/tags",
            "no remote_host and no remote_model in any entry that this run used",
        ),
    )


def _events(run: Run) -> tuple[Check, ...]:
    """Return checks on what a process wrote by itself while it lived."""
    third = next((s for s in run.sessions if s.number == len(run.sessions) and s.events_file), None)
    if third is None:
        return ()
    file = shlex.quote(f"{_OUT}/{third.events_file}")
    checks = [
        Check(
            f"Read what session {third.number} wrote while it lived",
            f"head -n 1 {file}",
            f"its pid, {third.pid}" if third.pid is not None else "no pid: it did not get that far",
        )
    ]
    first = next((row for s in run.sessions for row in s.planted if s.user_id != third.user_id), None)
    if first is not None and run.scenario is not None:
        checks.append(
            Check(
                f"Look in it for the first memory of {run.scenario.first.id}",
                f"grep -c -- {shlex.quote(first.memory_id)} {file}",
                "0",
            )
        )
    return tuple(checks)


def _digests(run: Run) -> tuple[Check, ...]:
    ended = [s for s in (*run.sessions, *run.controls) if s.store_after is not None and s.ended_s is not None]
    last = max(ended, key=lambda session: session.ended_s or 0.0).store_after if ended else None
    if last is None or not last.files:
        return ()
    file = max(last.files, key=lambda item: item.size_bytes)
    return (
        Check(
            "Compare the largest file of the store with what the log says",
            f"{_DIGEST.get(run.platform.system, 'sha256sum')} {shlex.quote(f'{_OUT}/mem0_chroma/{file.path}')}",
            f"{file.sha256}, as long as no later run touched the store",
        ),
    )


def live(run: Run) -> tuple[Check, ...]:
    """Return what to type in a second shell while a new run is going on."""
    port = run.engine.endpoint.port if run.engine is not None else 11434
    return (
        Check(
            "Stop after each session and while it lives, with the commands for its pid and its store",
            "showcase run --step",
            "what to type in the second shell, each time it waits",
        ),
        Check(
            "Falsify persistence: plant, take the store away, ask again",
            "showcase run --phase 1 --out again; rm -r again/mem0_chroma; showcase run --phase 2 --out again",
            "session 2 recalls nothing, and the claim is broken",
        ),
        Check(
            "See that the sessions are processes of their own",
            f'ps -o pid,ppid,lstart,args -p "$(pgrep -d, -f {_WORKERS})"',
            "one session after the other, each with another pid",
        ),
        _sockets(run, port),
        Check(
            "See every name lookup and connection as the kernel sees it (Linux, strace installed)",
            "strace -f -e trace=network -o trace.txt .venv/bin/python run_showcase.py",
            "beside loopback only addresses of nobody (192.0.2.10, 2001:db8::10), for which the drill plants leaks, "
            "and the name server of /etc/resolv.conf: both in namespaces that lead nowhere (0.0.0.0 and :: are sockets "
            "that have no address yet)",
        ),
    )


def _sockets(run: Run, port: int) -> Check:
    """Return what shows the sockets of a session: from outside nobody sees those in a seal."""
    command = f'lsof -nP -a -i -p "$(pgrep -d, -f {_WORKERS})"'
    if any(report.name == "seal" and report.active for report in run.witnesses):
        newest = f'"$(pgrep -n -f {_WORKERS})"'
        command = f"nsenter -t {newest} -U -n --preserve-credentials ss -tnp"
    return Check(
        "See every socket of a session",
        command,
        f"connections to port {port} on the loopback address (of a new run: to its engine's) and nothing else",
    )
