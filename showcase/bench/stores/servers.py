"""Stores that are servers: Chroma, PostgreSQL with pgvector, Redis Stack; each on a free port of loopback.

All of them come from the package index; none is downloaded, built or asked of the system here. What cannot be had says
why (`UnavailableError`), before anything was started.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from showcase.bench.stores import launches
from showcase.bench.stores.launches import LOOPBACK, Embedded, Kind, Launch, UnavailableError, environment, installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "LOOPBACK",
    "Embedded",
    "Kind",
    "Launch",
    "Server",
    "UnavailableError",
    "embedded",
    "start",
    "started",
    "stop",
]

TRIES = 3
"""A free port may be taken by somebody else before the server opens it."""

LONGEST_START_S = 60
POLL_S = 0.02
PATIENCE_S = 10

_guardians: dict[int, subprocess.Popen[bytes]] = {}
"""Those that this process started, kept because they are its children; others are known by their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A store to be tested against: a server that runs, or the place of an embedded one.

    Attributes:
        kind: Which.
        host: Where it listens; None where the library is the engine.
        port: Likewise.
        url: Without a password.
        user: As whom; None where the engine knows no users.
        secret: Password; None where there is none.
        command: How it was started; empty where the library is the engine.
        data: Where its files lie.
        start_s: From the first process to the first answer, with the making of its files; 0 where nothing is started.
        guardian: The process that ends it (`guardian.py`).
    """

    kind: Kind | Embedded
    host: str | None
    port: int | None
    url: str
    user: str | None
    secret: str | None = field(repr=False)
    command: tuple[str, ...]
    data: Path
    start_s: float
    guardian: int | None


def start(
    kind: Kind,
    place: Path,
    *,
    owner: int | None = None,
    settings: Mapping[str, str] | None = None,
    keeps_data: bool = False,
) -> Server:
    """Start a server that ends with its owner at the latest.

    Args:
        kind: Which.
        place: A directory of this server alone; its data and its log come to lie there.
        owner: The process it lives for; by default this one.
        settings: More for its configuration, by the names that it has for them; they win.
        keeps_data: Leave its files where they are when it ends, for somebody who removes them.

    Returns:
        The server, which has answered.

    Raises:
        UnavailableError: It cannot be had on this machine.
        RuntimeError: It was started and did not answer; the message has the end of its log.
    """
    if sys.platform == "win32":
        raise UnavailableError("servers are ended by signals, which Windows has not")
    began, secret, data = time.monotonic(), secrets.token_urlsafe(18), place / "data"
    for _ in range(TRIES):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        port = _free_port()
        launch = launches.prepare(kind, place, port, secret, settings or {})
        guardian = _guarded(launch, place, owner or os.getpid(), keeps_data=keeps_data)
        if _answered(guardian, launch):
            return Server(
                kind=kind,
                host=LOOPBACK,
                port=port,
                url=launch.url,
                user=launch.user,
                secret=None if kind == "chroma" else secret,
                command=launch.command,
                data=data,
                start_s=time.monotonic() - began,
                guardian=guardian.pid,
            )
        _end(guardian.pid)
    said = (place / "server.log").read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"{kind} did not answer, {TRIES} times; it said: {said[-2000:]}")


def stop(server: Server) -> None:
    """End the server and remove its data, unless they are kept; nothing runs any more when this returns."""
    if server.guardian is not None:
        _end(server.guardian)


@contextlib.contextmanager
def started(
    kind: Kind, place: Path, *, settings: Mapping[str, str] | None = None, keeps_data: bool = False
) -> Iterator[Server]:
    """Start a server for a block of code; arguments and errors as of `start`."""
    server = start(kind, place, settings=settings, keeps_data=keeps_data)
    try:
        yield server
    finally:
        stop(server)


def embedded(kind: Embedded, place: Path) -> Server:
    """Return the place of an engine that is a library: nothing runs until somebody opens it.

    Raises:
        UnavailableError: Its package is not installed.
    """
    installed({"milvus": "milvus_lite", "qdrant": "qdrant_client"}[kind])
    # By the ending Milvus' client tells a file from an address.
    data = place / ("milvus.db" if kind == "milvus" else "qdrant")
    return Server(
        kind=kind,
        host=None,
        port=None,
        url=str(data),
        user=None,
        secret=None,
        command=(),
        data=data,
        start_s=0.0,
        guardian=None,
    )


def _guarded(launch: Launch, place: Path, owner: int, *, keeps_data: bool) -> subprocess.Popen[bytes]:
    program = str(Path(__file__).with_name("guardian.py"))
    data = "" if keeps_data else str(place / "data")
    arguments = [str(owner), str(int(launch.ending)), data, *launch.command]
    with (place / "server.log").open("ab") as log:
        guardian = subprocess.Popen(
            [sys.executable, program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment(launch.variables),
            start_new_session=True,  # Ctrl-C is for those who use it; it follows them
        )
    _guardians[guardian.pid] = guardian
    return guardian


def _answered(guardian: subprocess.Popen[bytes], launch: Launch) -> bool:
    latest = time.monotonic() + LONGEST_START_S
    while guardian.poll() is None and time.monotonic() < latest:
        if launch.answers():
            return guardian.poll() is None
        time.sleep(POLL_S)
    return False


def _end(guardian: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process = _guardians.pop(guardian, None) or psutil.Process(guardian)
        process.terminate()
        process.wait(PATIENCE_S)


def _free_port() -> int:
    with socket.socket() as asking:
        asking.bind((LOOPBACK, 0))
        return int(asking.getsockname()[1])
