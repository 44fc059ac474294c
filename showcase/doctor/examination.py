"""Every check, in the order in which a person would look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.doctor import chroma_server, encryption, machine, server, shell, software, store, watchers
from showcase.doctor.finding import Circumstances, Finding, problem
from showcase.errors import ShowcaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHECKS: dict[str, Callable[[Circumstances], Iterator[Finding]]] = {
    "python": software.python,
    "packages": software.packages,
    "sqlite": software.sqlite,
    "files": machine.files,
    "ollama": server.server,
    "listening": server.listening,
    "embedded": software.embedded,
    "memory": machine.memory,
    "directory": machine.directory,
    "access": machine.access,
    "umask": machine.file_mode,
    "disk": machine.disk,
    "store": store.health,
    "dimensions": store.dimensions,
    "place": store.place,
    "encryption": encryption.at_rest,
    "chroma": chroma_server.servers,
    "telemetry": shell.telemetry,
    "proxies": shell.proxies,
    "credentials": shell.credentials,
    "witnesses": watchers.witnesses,
}
"""A new check is a function and a line here."""


def examine(circumstances: Circumstances) -> Iterator[Finding]:
    """Yield what each check finds. A check that fails is a finding too: the others still run."""
    for name, check in CHECKS.items():
        yield from _guarded(name, check(circumstances))


def _guarded(name: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except ShowcaseError as error:
        yield problem(name, error.message, error.hint or "showcase --verbose doctor")
    except OSError as error:
        yield problem(name, f"could not look: {error}", "showcase --verbose doctor")
