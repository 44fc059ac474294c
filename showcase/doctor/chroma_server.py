"""Chroma servers of this machine: nobody is asked who they are, and the Python one runs whatever it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from showcase.doctor.chroma_answer import Answer, ask
from showcase.doctor.finding import Circumstances, Finding, ok, problem, warning
from showcase.doctor.owner import other_user
from showcase.evidence import Endpoint
from showcase.evidence.addresses import is_loopback
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT_PORT = 8000
PORT_VARIABLE = "CHROMA_SERVER_HTTP_PORT"
"""What names the port of Chroma's Python server; `chroma run` takes `--port` alone."""

LAST_KNOWN = (1, 5, 9)
"""The newest release, of November 2026: none up to it has the hole mended (https://github.com/advisories/GHSA-f4j7-r4q5-qw2c)."""

READ = 'docs/scale-out.md, "A Chroma server has no lock on its door"'
_WILDCARDS = {"0.0.0.0", "::"}  # noqa: S104 - looked for, not bound
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A port that may be a Chroma's.

    Attributes:
        port: Its number.
        addresses: Where it is open; none where this system does not tell.
        named: Whether its process is Chroma's by name or command line.
    """

    port: int
    addresses: frozenset[str]
    named: bool

    def open_to(self) -> list[str]:
        """Return the addresses that others than this machine can reach."""
        return sorted(address for address in self.addresses if not is_loopback(address))

    def asked_at(self) -> list[str]:
        """Return the loopback addresses to ask: nobody else is asked anything."""
        own = sorted(address for address in self.addresses if is_loopback(address))
        if own:
            return own[:1]
        return ["127.0.0.1", "::1"] if not self.addresses or self.addresses & _WILDCARDS else []


def servers(circumstances: Circumstances) -> Iterator[Finding]:
    """Look for Chroma servers: on the ports that are Chroma's, and on those of processes that are."""
    ports = ports_of_chroma(circumstances.environ)
    looked = [each for each in listeners(ports) if each.port != circumstances.settings.ollama.port]
    found = False
    for listener in looked:
        answer = next(filter(None, (ask(address, listener.port) for address in listener.asked_at())), None)
        if answer is not None:
            found = True
            yield of_server(answer, listener)
        elif listener.named and listener.open_to() and not listener.asked_at():
            found = True
            yield of_server(Answer(address=listener.open_to()[0], port=listener.port), listener)
    if not found:
        asked = sorted({*ports, *(each.port for each in looked)})
        yield ok("chroma", f"no Chroma server answers on loopback (port {', '.join(map(str, asked))})")


def ports_of_chroma(environ: Mapping[str, str]) -> set[int]:
    """Return the port that Chroma's servers take by themselves, and the one that the shell names."""
    named = environ.get(PORT_VARIABLE, "").strip()
    valid = re.fullmatch(r"[0-9]{1,5}", named) and 0 < int(named) <= _HIGHEST_PORT
    return {DEFAULT_PORT, *([int(named)] if valid else [])}


def listeners(ports: set[int]) -> list[Listener]:
    """Return who listens on these ports, and every process of Chroma's that this user may look at."""
    import psutil  # noqa: PLC0415 - heavy

    try:
        rows = [row for row in psutil.net_connections(kind="tcp") if row.status == psutil.CONN_LISTEN]
    except (psutil.AccessDenied, OSError):
        return [Listener(port=port, addresses=frozenset(), named=False) for port in sorted(ports)]
    chromas = {pid for pid in {row.pid for row in rows} if pid is not None and _is_chroma(pid)}
    wanted = {row.laddr.port for row in rows if row.laddr.port in ports or row.pid in chromas}
    return [
        Listener(
            port=port,
            addresses=frozenset(row.laddr.ip for row in rows if row.laddr.port == port),
            named=any(row.pid in chromas for row in rows if row.laddr.port == port),
        )
        for port in sorted(wanted)
    ]


def _is_chroma(pid: int) -> bool:
    """Tell whether a process is a server of Chroma's, by its name or by what it was started with."""
    import psutil  # noqa: PLC0415 - heavy

    try:
        process = psutil.Process(pid)
        name, words = process.name(), process.cmdline()
    except (psutil.Error, OSError):
        return False
    # The program is a script: a process of it may be called python, with the script's path after that.
    programs = {PureWindowsPath(word).stem.lower() for word in (name, *words[:2])}
    return "chroma" in programs or any(word.startswith("chromadb.app:") for word in words)


def of_server(answer: Answer, listener: Listener) -> Finding:
    """Return what is to be said of one server, and what to do."""
    port, open_to = listener.port, listener.open_to()
    where = (
        f"port {port}, open on {', '.join(sorted(listener.addresses)) or 'addresses that this system does not tell'}"
    )
    other = other_user(Endpoint(address=answer.address, port=port))
    serve = here().joined(("chroma", "run", "--path", "DIR", "--host", "localhost", "--port", port))
    end = "end it" if other is None else f"it is of {other}, who may end it"
    instead = f"see whose it is: {here().listeners(port)}; {end}, and where a server is needed: {serve}"
    if answer.kind == "python":
        return problem(
            "chroma", f"Chroma's Python server answers on {where}: {_hole(answer.version)}", f"{instead}; {READ}"
        )
    said = "since 1.0 it has no login of its own, so that "
    if open_to:
        said += "whoever reaches it from another machine reads, changes and deletes every memory in it"
        proxy = "or put a proxy with TLS and a login before it"
        return problem("chroma", f"a Chroma server is on {where}: {said}", f"{instead}; {proxy}; {READ}")
    said += "every user and program of this machine reads, changes and deletes every memory in it"
    more = "where others use this machine, PostgreSQL with a user for each"
    see = f"see whose it is: {here().listeners(port)}"
    return warning("chroma", f"a Chroma server is on {where}: {said}", f"{see}; {more}: {READ}")


def _hole(version: str) -> str:
    """Return what is known to be wrong with a Python server of this version."""
    numbers = tuple(int(part) for part in re.findall(r"[0-9]+", version)[:3])
    if numbers and numbers < (1,):
        return f"{version} runs code of whoever may change a collection (CVE-2026-45833, since 0.4.17)"
    hole = "runs code of whoever reaches it, before any login (CVE-2026-45829, since 1.0.0"
    if numbers > LAST_KNOWN:
        return f"{hole}, not mended up to 1.5.9); whether {version} has that mended is not known here"
    return f"{version or 'it'} {hole}; no release has it mended)"
