"""Check it yourself: commands that falsify a claim without this program, with the values of this run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.settings import DEFAULT_OUT, OLLAMA_PORT, RUN_LOG, STORE
from showcase.shell import of_system

if TYPE_CHECKING:
    from pathlib import PurePath

    from showcase.evidence import Run
    from showcase.shell import Shell

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


def shell_of(run: Run) -> Shell:
    """Return the shell that the commands are for: the usual one of the system that the run log names."""
    return of_system(run.platform.system)


def afterwards(run: Run) -> tuple[Check, ...]:
    """Return what can be checked when the processes are long gone."""
    shell = shell_of(run)
    out = shell.path(DEFAULT_OUT)
    planted = sum(len(session.planted) for session in run.sessions)
    store = Check(
        "Read the store without mem0 and without Chroma",
        shell.rows(out / STORE / "chroma.sqlite3", _ROWS_WITH_USERS),
        f"{planted} rows of this run, each with its user",
    )
    if run.store is None:
        return (*from_log(run, out / RUN_LOG), store, *_events(run, out), *_digests(run, out / STORE), *_server(run))
    # Which directory, which user of which database: that is in no log.
    url = f"the URL that the run was given, with ?collection={run.store.collection}"
    named = Check(
        f"Read the store without mem0: put {url if run.store.is_server else 'its directory'} for STORE",
        "showcase memories list --store STORE",
        f"{planted} rows of this run, each with its user",
    )
    return (*from_log(run, out / RUN_LOG), named, *_events(run, out), *_server(run))


def from_log(run: Run, path: PurePath) -> tuple[Check, ...]:
    """Return what can be checked with nothing but a log, which a redacted page holds too."""
    shell = shell_of(run)
    return (
        Check(
            "Derive every verdict again from the log alone",
            f"showcase verify {shell.quoted(path)}",
            "the same verdicts. That proves that they follow from the log, not that the log is authentic",
        ),
        Check(
            "List every address and name that any witness saw",
            shell.list_connections(path),
            "the rows of the table above, and none that it leaves out",
        ),
    )


def _server(run: Run) -> tuple[Check, ...]:
    if run.engine is None or run.engine.kind != "ollama" or run.engine.started:  # it ended with the run
        return ()
    return (
        Check(
            "Ask the model server where its models come from",
            shell_of(run).fetch(f"http://{run.engine.endpoint}/api/tags"),
            "no remote_host and no remote_model in any entry that this run used",
        ),
    )


def _events(run: Run, out: PurePath) -> tuple[Check, ...]:
    """Return checks on what a process wrote by itself while it lived."""
    third = next((s for s in run.sessions if s.number == len(run.sessions) and s.events_file), None)
    if third is None:
        return ()
    shell, file = shell_of(run), out / third.events_file
    checks = [
        Check(
            f"Read what session {third.number} wrote while it lived",
            shell.first_line(file),
            f"its pid, {third.pid}" if third.pid is not None else "no pid: it did not get that far",
        )
    ]
    first = next((row for s in run.sessions for row in s.planted if s.user_id != third.user_id), None)
    if first is not None and run.scenario is not None:
        checks.append(
            Check(
                f"Look in it for the first memory of {run.scenario.first.id}",
                shell.count_with(first.memory_id, file),
                "0",
            )
        )
    return tuple(checks)


def _digests(run: Run, store: PurePath) -> tuple[Check, ...]:
    ended = [s for s in (*run.sessions, *run.controls) if s.store_after is not None and s.ended_s is not None]
    last = max(ended, key=lambda session: session.ended_s or 0.0).store_after if ended else None
    if last is None or not last.files:
        return ()
    file = max(last.files, key=lambda item: item.size_bytes)
    return (
        Check(
            "Compare the largest file of the store with what the log says",
            shell_of(run).digest(store / file.path),
            f"{file.sha256}, as long as no later run touched the store",
        ),
    )


def live(run: Run) -> tuple[Check, ...]:
    """Return what to type in a second shell while a new run is going on."""
    shell = shell_of(run)
    port = run.engine.endpoint.port if run.engine is not None else OLLAMA_PORT
    again = shell.path("again")
    served = "" if run.store is None or not run.store.is_server else f", to the store's at {run.store.where}"
    sealed = any(report.name == "seal" and report.active for report in run.witnesses)
    checks = [
        Check(
            "Stop after each session and while it lives, with the commands for its pid and its store",
            "showcase run --step",
            "what to type in the second shell, each time it waits",
        ),
        Check(
            "Falsify persistence: plant, take the store away, ask again",
            f"showcase run --phase 1 --out {again}; {shell.remove_all(again / STORE)}; "
            f"showcase run --phase 2 --out {again}",
            "session 2 recalls nothing, and the claim is broken",
        ),
        Check(
            "See that the sessions are processes of their own",
            shell.sessions(),
            "one session after the other, each with another pid",
        ),
        Check(
            "See every socket of a session",
            shell.sockets_of_sessions(sealed=sealed),
            f"connections to port {port} on the loopback address (of a new run: to its engine's){served} and nothing "
            "else",
        ),
    ]
    traced = shell.traced_run()
    if traced is not None:
        checks.append(
            Check(
                "See every name lookup and connection as the kernel sees it (Linux, strace installed)",
                traced,
                "beside loopback only addresses of nobody (192.0.2.10, 2001:db8::10), for which the drill plants "
                "leaks, and the name server of /etc/resolv.conf: both in namespaces that lead nowhere (0.0.0.0 and :: "
                "stand in questions to the kernel for its own table of sockets)",
            )
        )
    return tuple(checks)
