"""Servers behind allowed loopback ports: real ones, honest and not, each a process of nobody who is audited."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from auditing import TIMEOUT_S, Audited, Auditor, audit_command, python

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import Verdict

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="/proc"),
    pytest.mark.usefixtures("watched"),
]

SERVER = """
import ctypes, os, socket, struct, sys, threading, time
address, port, first, each = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
def waiting(address, port):
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((address, port))
    listener.listen()
    return listener
listener = waiting(address, port)
port = listener.getsockname()[1]
exec(first)
print(port, flush=True)
while True:
    caller, _ = listener.accept()
    told = caller.recv(65535)
    exec(each)
    caller.sendall(b"HTTP/1.1 404 No\\r\\nContent-Length: 0\\r\\n\\r\\n")
    caller.close()
"""
"""A server of one thread. `first` runs before it serves, `each` for every request."""

TELL = """
import pathlib, socket, sys, time
for place in sys.argv[1:]:
    address, port = place.rsplit("@", 1)
    if address == "say":
        pathlib.Path(port).touch()
    elif address == "wait":
        while not pathlib.Path(port).exists(): time.sleep(0.02)
    elif address == "try":
        assert socket.socket().connect_ex(("127.0.0.1", int(port)))
    else:
        with socket.create_connection((address, int(port))) as server:
            server.sendall(b"alice likes sushi")
            server.recv(10)
"""
"""A client that tells each server something, and takes turns with a test by files."""

SEEN_S = 1.0
"""Longer than the pause between two looks, on a busy machine too."""


@dataclass
class Served:
    port: int
    process: subprocess.Popen[str]


Serve = Callable[..., Served]


class Turn:
    """What a test does while the command waits for it."""

    def __init__(self, place: Path, act: Callable[[], object]) -> None:
        self._said, self._done = place / "said", place / "done"
        self._thread = threading.Thread(target=self._run, args=(act,))
        self._thread.start()

    def __iter__(self) -> Iterator[str]:
        """Return what the client has to be told."""
        return iter((f"say@{self._said}", f"wait@{self._done}"))

    def _run(self, act: Callable[[], object]) -> None:
        until = time.monotonic() + TIMEOUT_S
        while not self._said.exists() and time.monotonic() < until:
            time.sleep(0.02)
        act()
        self._done.touch()


def seen(act: Callable[[], object]) -> Callable[[], object]:
    """Return what does the same and lets a look pass."""
    return lambda: (act(), time.sleep(SEEN_S))


@pytest.fixture
def serve() -> Iterator[Serve]:
    processes = []

    def start(address: str = "127.0.0.1", port: int = 0, first: str = "", each: str = "") -> Served:
        command = [sys.executable, "-c", SERVER, address, str(port), first, each]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        return Served(int(process.stdout.readline()), process)

    yield start
    for process in processes:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def allow(*places: str) -> list[str]:
    return [part for place in places for part in ("--allow", place)]


def daemon(done: Audited) -> Verdict | None:
    return next((each for each in done.run.claims if each.id == "daemon"), None)


def told(done: Audited) -> str:
    found = daemon(done)
    return done.stderr if found is None else f"{found.status}: {found.reason}"


def assert_upheld(done: Audited, *ports: int) -> None:
    assert done.exit_code == 0, told(done)
    assert told(done).startswith("upheld")
    assert sorted(each.endpoint.port for each in done.run.daemons) == sorted(ports)


def assert_not_upheld(done: Audited, words: str) -> None:
    assert done.exit_code == 3, told(done)
    assert told(done).startswith("inconclusive")
    assert words in told(done)


class TestHonest:
    @pytest.mark.parametrize(
        ("bound", "contacted", "rule"),
        [
            ("127.0.0.1", "127.0.0.1", "127.0.0.1:{}"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.0/8"),
            ("127.0.0.1", "127.0.0.1", "localhost:{}"),
            ("127.0.0.1", "127.0.0.1", "*"),
            ("127.0.0.1", "0.0.0.0", "*"),  # noqa: S104 - contacted: the kernel takes it for loopback
            ("127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1:{}"),
            ("127.0.0.2", "127.0.0.2", "127.0.0.2:{}"),
            ("::1", "::1", "[::1]:{}"),
            ("::1", "::1", "[::1]"),
        ],
    )
    def test_a_server_that_stays_at_home(
        self, run: Auditor, serve: Serve, bound: str, contacted: str, rule: str
    ) -> None:
        port = serve(bound).port
        done = run(*allow(rule.format(port)), *python(TELL, f"{contacted}@{port}"))
        assert_upheld(done, port)
        assert done.run.daemons[0].endpoint.address == bound

    @pytest.mark.usefixtures("sealable")
    def test_behind_a_bridge(self, run: Auditor, serve: Serve) -> None:
        port = serve().port
        assert_upheld(run("--seal", *allow(f"127.0.0.1:{port}"), *python(TELL, f"127.0.0.1@{port}")), port)

    def test_the_document_has_them(self, run: Auditor, serve: Serve) -> None:
        port = serve().port
        done = run("--json", *allow(f"127.0.0.1:{port}"), *python(TELL, f"127.0.0.1@{port}"))
        assert [each["endpoint"]["port"] for each in done.document["daemons"]] == [port]

    def test_two(self, run: Auditor, serve: Serve) -> None:
        ports = [serve().port, serve("::1").port]
        places = [f"127.0.0.1@{ports[0]}", f"::1@{ports[1]}"]
        done = run(*allow(f"127.0.0.1:{ports[0]}", f"[::1]:{ports[1]}"), *python(TELL, *places))
        assert_upheld(done, *ports)

    def test_one_with_a_helper_of_its_own_to_which_it_is_connected(self, run: Auditor, serve: Serve) -> None:
        """As an Ollama is with its runner, and programs with a worker on a pair of sockets."""
        first = (
            "inner = waiting('127.0.0.1', 0)\n"
            "one, other = socket.socketpair()\n"
            "if os.fork() == 0: one.close(); held = inner.accept(); time.sleep(600)\n"
            "other.close()\n"
            "runner = socket.create_connection(inner.getsockname())\n"
            "inner.close()\n"
        )
        port = serve(first=first).port
        assert_upheld(run(*allow(f"127.0.0.1:{port}"), *python(TELL, f"127.0.0.1@{port}")), port)

    def test_one_that_forks_for_each_caller(self, run: Auditor, serve: Serve) -> None:
        each = "if os.fork() == 0: time.sleep(0.5); os._exit(0)"
        port = serve(each=each).port
        places = [f"127.0.0.1@{port}"] * 2
        assert_upheld(run(*allow(f"127.0.0.1:{port}"), *python(TELL, *places)), port)

    @pytest.mark.parametrize(
        "first",
        [
            "held = socket.socket()",
            "held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); held.bind(('127.0.0.1', 0))",
            "held = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
            "held = socket.socket(socket.AF_UNIX); held.bind('\\0' + str(os.getpid())); held.listen()",
        ],
    )
    def test_sockets_that_lead_nowhere(self, run: Auditor, serve: Serve, first: str) -> None:
        port = serve(first=first).port
        assert_upheld(run(*allow(f"127.0.0.1:{port}"), *python(TELL, f"127.0.0.1@{port}")), port)

    def test_one_that_is_there_before_the_first_contact_though_not_before_the_command(
        self, run: Auditor, serve: Serve, free_port: int, tmp_path: Path
    ) -> None:
        started = Turn(tmp_path, seen(lambda: serve(port=free_port)))
        done = run(*allow(f"127.0.0.1:{free_port}"), *python(TELL, *started, f"127.0.0.1@{free_port}"))
        assert_upheld(done, free_port)


class TestNoServer:
    def test_nobody_listens(self, run: Auditor, free_port: int) -> None:
        """A program that looks for an Ollama where there is none told nobody anything."""
        script = "import socket, sys\nfor _ in '123': socket.socket().connect_ex(('127.0.0.1', int(sys.argv[1])))\n"
        done = run(*allow(f"127.0.0.1:{free_port}"), *python(script, str(free_port)))
        assert (done.exit_code, daemon(done)) == (0, None), done.stderr
        (row,) = done.rows("connect")
        assert (row.outcome, row.count) == ("ECONNREFUSED", 3)

    def test_the_command_serves_itself(self, run: Auditor, free_port: int) -> None:
        script = (
            "import os, socket, sys\n"
            "server = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
            "if os.fork() == 0: server.accept()[0].sendall(b'here'); os._exit(0)\n"
            "server.close(); socket.create_connection(('127.0.0.1', int(sys.argv[1]))).recv(4); os.wait()\n"
        )
        done = run(*allow(f"127.0.0.1:{free_port}"), *python(script, str(free_port)))
        assert (done.exit_code, daemon(done)) == (0, None), done.stderr

    def test_a_server_of_datagrams_is_not_watched(self, run: Auditor) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            port = server.getsockname()[1]
            script = (
                "import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                "s.sendto(b'alice likes sushi', ('127.0.0.1', int(sys.argv[1])))\n"
            )
            assert_not_upheld(run(*allow(f"127.0.0.1:{port}"), *python(script, str(port))), f"127.0.0.1:{port}")


class TestRelay:
    @pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.3", "::1"])
    @pytest.mark.parametrize("with_port", [True, False])
    def test_by_datagrams_without_a_peer(self, run: Auditor, serve: Serve, address: str, *, with_port: bool) -> None:
        port = serve(address, first="away = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)").port
        host = f"[{address}]" if ":" in address else address
        done = run(*allow(f"{host}:{port}" if with_port else host), *python(TELL, f"{address}@{port}"))
        assert_not_upheld(done, "datagram socket at 0.0.0.0")
        assert "datagram" in {each.kind for each in done.run.daemons[0].sockets}

    def test_contacted_by_the_unspecified_address(self, run: Auditor, serve: Serve) -> None:
        port = serve(first="away = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)").port
        assert_not_upheld(run(*allow("0.0.0.0"), *python(TELL, f"0.0.0.0@{port}")), "datagram socket")  # noqa: S104 - contacted

    def test_the_second_of_two(self, run: Auditor, serve: Serve) -> None:
        honest = serve().port
        relay = serve(first="away = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)").port
        places = [f"127.0.0.1@{port}" for port in (honest, relay)]
        done = run(*allow(*(each.replace("@", ":") for each in places)), *python(TELL, *places))
        assert_not_upheld(done, f"the server at 127.0.0.1:{relay} has a datagram socket")
        assert [each.endpoint.port for each in done.run.daemons] == [honest, relay]

    @pytest.mark.parametrize(
        ("first", "words"),
        [
            ("if os.fork() == 0: away = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); time.sleep(600)", "datagram"),
            (
                (
                    "def apart():\n"
                    "    ctypes.CDLL(None).unshare(0x400)\n"  # CLONE_FILES: a table of descriptors of its own
                    "    away = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                    "    time.sleep(600)\n"
                    "threading.Thread(target=apart, daemon=True).start(); time.sleep(0.5)"
                ),
                "datagram",
            ),
            ("away = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136)", "datagram"),
            ("away = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)", "VSOCK"),
        ],
        ids=["child", "thread", "udplite", "vsock"],
    )
    def test_by_a_socket_of_another_kind(self, run: Auditor, serve: Serve, first: str, words: str) -> None:
        guarded = f"try:\n    {first.replace(chr(10), chr(10) + '    ')}\nexcept OSError: print(0, flush=True)\n"
        port = serve(first=guarded).port
        if port == 0:
            pytest.skip("this kernel has no such socket")
        assert_not_upheld(run(*allow(f"127.0.0.1:{port}"), *python(TELL, f"127.0.0.1@{port}")), words)

    @pytest.mark.root
    @pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root to have such sockets")
    @pytest.mark.parametrize(
        ("first", "words"),
        [
            ("away = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)", "raw packets"),
            ("away = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)", "the protocol PACKET"),
            (
                (
                    "if os.fork() == 0:\n"
                    "    ctypes.CDLL(None).unshare(0x40000000)\n"  # CLONE_NEWNET
                    "    away = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); away.bind(('0.0.0.0', 4000))\n"
                    "    time.sleep(600)\n"
                    "time.sleep(0.5)"
                ),
                "datagram socket at 0.0.0.0:4000",
            ),
        ],
        ids=["raw", "packet", "another namespace"],
    )
    def test_by_a_socket_of_roots(self, run: Auditor, serve: Serve, first: str, words: str) -> None:
        port = serve(first=first).port
        assert_not_upheld(run(*allow(f"127.0.0.1:{port}"), *python(TELL, f"127.0.0.1@{port}")), words)

    def test_by_another_program_of_this_machine(self, run: Auditor, serve: Serve, outside_port: int) -> None:
        """A proxy on loopback that nobody watches."""
        port = serve(first=f"away = socket.create_connection(('127.0.0.1', {outside_port}))").port
        done = run(*allow(f"127.0.0.1:{port}"), *python(TELL, f"127.0.0.1@{port}"))
        assert_not_upheld(done, f"connected to 127.0.0.1:{outside_port}, whose other end was not watched")

    def test_from_the_very_port_that_it_serves(self, run: Auditor, serve: Serve, outside_port: int) -> None:
        first = (
            "away = socket.socket(); away.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n"
            f"away.bind(('127.0.0.1', port)); away.connect(('127.0.0.1', {outside_port}))\n"
        )
        port = serve(first=first).port
        done = run(*allow(f"127.0.0.1:{port}"), *python(TELL, f"127.0.0.1@{port}"))
        assert_not_upheld(done, f"connected to 127.0.0.1:{outside_port}")

    @pytest.mark.parametrize("accepted", [True, False])
    def test_by_a_unix_socket(self, run: Auditor, serve: Serve, *, accepted: bool) -> None:
        name = f"\0showcase-test-{os.getpid()}-{accepted}"
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(name)
            other.listen()
            port = serve(first=f"away = socket.socket(socket.AF_UNIX); away.connect({name!r})").port
            held = other.accept()[0] if accepted else None
            done = run(*allow(f"127.0.0.1:{port}"), *python(TELL, f"127.0.0.1@{port}"))
            if held is not None:
                held.close()
        assert_not_upheld(done, f"the Unix socket @{name[1:]}" if accepted else "another process by a Unix socket")

    @pytest.mark.usefixtures("sealable")
    def test_behind_a_bridge(self, run: Auditor, serve: Serve) -> None:
        port = serve(first="away = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)").port
        done = run("--seal", *allow(f"127.0.0.1:{port}"), *python(TELL, f"127.0.0.1@{port}"))
        assert_not_upheld(done, "datagram socket")


class TestMoments:
    def test_a_server_that_begins_after_the_first_contact(
        self, run: Auditor, serve: Serve, free_port: int, tmp_path: Path
    ) -> None:
        started = Turn(tmp_path, seen(lambda: serve(port=free_port)))
        places = [f"try@{free_port}", *started, f"127.0.0.1@{free_port}"]
        assert_not_upheld(run(*allow(f"127.0.0.1:{free_port}"), *python(TELL, *places)), "first seen after")

    def test_a_server_that_was_there_between_two_looks_alone(
        self, run: Auditor, free_port: int, tmp_path: Path
    ) -> None:
        """It waits only as long as the command needs to reach it."""
        relay = (
            "import socket, sys\n"
            "waiting = socket.create_server(('127.0.0.1', int(sys.argv[1]))); print(flush=True)\n"
            "caller = waiting.accept()[0]; waiting.close(); caller.recv(99); caller.sendall(b'thanks')\n"
        )
        others: list[subprocess.Popen[str]] = []

        def begin() -> None:
            others.append(
                subprocess.Popen([sys.executable, "-c", relay, str(free_port)], stdout=subprocess.PIPE, text=True)
            )
            assert others[0].stdout is not None
            others[0].stdout.readline()

        places = [*Turn(tmp_path, begin), f"127.0.0.1@{free_port}"]
        done = run(*allow("127.0.0.1"), *python(TELL, *places))
        others[0].communicate()
        assert_not_upheld(done, f"127.0.0.1:{free_port}")

    def test_a_server_that_serves_once_and_ends(self, run: Auditor, serve: Serve) -> None:
        served = serve(each="caller.sendall(b'bye'); listener.close(); caller.close(); os._exit(0)")
        done = run(*allow("127.0.0.1"), *python(TELL, f"127.0.0.1@{served.port}"))
        assert_not_upheld(done, "changed while it was used")

    def test_a_server_whose_place_another_takes(
        self, run: Auditor, serve: Serve, free_port: int, tmp_path: Path
    ) -> None:
        before = serve(port=free_port)

        def replace() -> None:
            before.process.kill()
            before.process.wait()
            time.sleep(SEEN_S)
            serve(port=free_port)
            time.sleep(SEEN_S)

        place = f"127.0.0.1@{free_port}"
        done = run(*allow(f"127.0.0.1:{free_port}"), *python(TELL, place, *Turn(tmp_path, replace), place))
        assert_not_upheld(done, "changed while it was used")
        (found,) = done.run.daemons
        spans = [(each.first_seen_s, each.last_seen_s) for each in found.sockets if each.kind == "listen"]
        assert len(spans) == 2
        assert spans[0][1] < spans[1][0]

    @pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root sees every process")
    def test_a_second_server_at_the_same_port_that_may_not_be_seen(self, run: Auditor, serve: Serve) -> None:
        port = serve().port
        serve(port=port, first="ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)")  # PR_SET_DUMPABLE
        assert_not_upheld(run(*allow("127.0.0.1"), *python(TELL, f"127.0.0.1@{port}")), "could not be seen")


LINK = (
    "link set lo up",
    "link add out type veth peer name far",
    "addr add 10.66.0.1/24 dev out",
    "link set far up",
    "link set out up",
)


@pytest.mark.root
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root to make namespaces")
def test_a_relay_that_another_machine_would_hear(tmp_path: Path) -> None:
    """All of it in a network namespace of its own, whose only way out is a link that nobody answers on."""
    ip, namespace, log = shutil.which("ip"), f"showcase-test-{os.getpid()}", tmp_path / "relay.json"
    if ip is None or subprocess.run([ip, "netns", "add", namespace], check=False, capture_output=True).returncode:
        pytest.skip("no network namespaces here")
    inside = [ip, "netns", "exec", namespace]
    each = "away = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); away.sendto(told, ('10.66.0.2', 9999))"
    try:
        for words in LINK:
            subprocess.run([ip, "-n", namespace, *words.split()], check=True)
        relay = subprocess.Popen(
            [*inside, sys.executable, "-c", SERVER, "::1", "0", "", each], stdout=subprocess.PIPE, text=True
        )
        try:
            assert relay.stdout is not None
            place = f"::1@{int(relay.stdout.readline())}"
            turn = Turn(tmp_path, lambda: time.sleep(SEEN_S))
            client = audit_command("--log", str(log), *allow("[::1]"), *python(TELL, place, *turn))
            done = subprocess.run([*inside, *client], capture_output=True, text=True, check=False)
        finally:
            relay.kill()
            relay.communicate()
    finally:
        subprocess.run([ip, "netns", "del", namespace], check=False)
    assert_not_upheld(Audited(done.returncode, done.stdout, done.stderr, log), "datagram socket at 0.0.0.0:")
