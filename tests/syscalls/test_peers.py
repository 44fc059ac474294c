"""Who has the other end is the kernel's word at that moment, not a port's number or a row of another moment."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from showcase.witnesses.syscalls.rules.peers import Peers, by_proc

if TYPE_CHECKING:
    from watching import Watcher


def test_a_listener_of_the_watched_is_one_by_its_transport(watch: Watcher) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as outside:
        outside.bind(("127.0.0.1", 0))
        port = outside.getsockname()[1]
        seen = watch(
            f"import socket\nl = socket.create_server(('127.0.0.1', {port}))\n"
            f"socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))\n"
            f"socket.create_connection(('127.0.0.1', {port}))"
        )
    assert {(row.kind, row.transport): row.peer for row in seen.attempts if row.kind != "listen"} == {
        ("send", "udp"): "unwatched",
        ("connect", "tcp"): "watched",
    }


def test_a_listener_of_the_watched_is_one_from_when_it_waits(watch: Watcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        port = outside.getsockname()[1]

        def serve_once() -> None:
            with outside.accept()[0] as connection:
                connection.recv(9)
                outside.close()

        thread = threading.Thread(target=serve_once)
        thread.start()
        script = """
import socket, sys, time
port = int(sys.argv[1])
s = socket.create_connection(("127.0.0.1", port)); s.sendall(b"secret"); s.recv(1); s.close()
l = socket.socket(); l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
for _ in range(100):
    try: l.bind(("127.0.0.1", port)); break
    except OSError: time.sleep(0.05)
l.listen(); socket.create_connection(("127.0.0.1", port))
"""
        seen = watch([sys.executable, "-c", script, str(port)])
        thread.join()
    assert [row.peer for row in seen.of("connect")] == ["unwatched", "watched"], seen.errors


@pytest.mark.parametrize("kind", ["udp", "unix", "abstract", "unix datagrams"])
def test_the_watched_know_each_other(watch: Watcher, tmp_path: Path, kind: str) -> None:
    scripts = {
        "udp": "a = socket.socket(type=2); a.bind(('127.0.0.1', 0)); b = socket.socket(type=2)\n"
        "b.sendto(b'x', a.getsockname()); _, there = a.recvfrom(9); a.sendto(b'y', there)",
        "unix": "l = socket.socket(1); l.bind(sys.argv[1]); l.listen(); socket.socket(1).connect(sys.argv[1])",
        "abstract": "l = socket.socket(1); l.bind('\\0showcase-%d' % os.getpid()); l.listen()\n"
        "socket.socket(1).connect(l.getsockname())",
        "unix datagrams": "l = socket.socket(1, 2); l.bind(sys.argv[1]); socket.socket(1, 2).sendto(b'x', sys.argv[1])",
    }
    seen = watch([sys.executable, "-c", f"import os, socket, sys\n{scripts[kind]}", str(tmp_path / "s")])
    assert seen.returncode == 0, seen.errors
    assert {row.peer for row in seen.attempts if row.kind in {"connect", "send"}} == {"watched"}


def test_a_socket_that_another_program_has_is_not_one_of_the_watched(watch: Watcher, tmp_path: Path) -> None:
    server = (
        "import os, socket, sys; l = socket.socket(1); l.bind(sys.argv[1]); l.listen()\n"
        "a = socket.socket(1); a.bind('\\0showcase-%s' % sys.argv[2]); a.listen(); print(flush=True); input()"
    )
    name = f"{os.getpid()}-{Path(tmp_path).name}"
    with subprocess.Popen(
        [sys.executable, "-c", server, str(tmp_path / "s"), name], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as outside:
        assert outside.stdout is not None
        outside.stdout.readline()
        script = (
            "import socket, sys\nfor to in (sys.argv[1], '\\0showcase-' + sys.argv[2]): socket.socket(1).connect(to)"
        )
        seen = watch([sys.executable, "-c", script, str(tmp_path / "s"), name])
        allowed = watch(
            [sys.executable, "-c", script, str(tmp_path / "s"), name],
            "--unix",
            f"{tmp_path / 's'}\n@showcase-{name}",
        )
        outside.kill()
    assert seen.returncode == 0, seen.errors
    assert [row.peer for row in seen.of("connect")] == ["unwatched", "unwatched"]
    assert {record["by"] for record in seen.records if record.get("call") == "connect"} == {"caller"}
    assert {row.name for row in allowed.of("connect")} == {str(tmp_path / "s"), f"@showcase-{name}"}
    assert {record["by"] for record in allowed.records if record.get("call") == "connect"} == {"supervisor"}


ROUTE = """
import os, socket
s = socket.socket(type=socket.SOCK_DGRAM)
s.connect(("127.0.0.1", 0)); os.write(s.fileno(), b"SECRET!!"); os.write(s.fileno(), bytes(1500))
"""


def test_who_asks_for_a_route_can_send_nothing(watch: Watcher) -> None:
    (row,) = watch(ROUTE).of("connect")
    assert row.outcome == "asked for a route, nothing could be sent"


def test_a_name_server_gets_what_was_read_and_nothing_else(watch: Watcher) -> None:
    script = """
import os, socket, sys
query = bytes.fromhex("123401000001000000000000") + b"\\6secret\\7example\\0\\0\\1\\0\\1"
s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("127.0.0.1", 53)); s.settimeout(5)
def quietly(f):
    try: return f()
    except OSError as error: return error.errno
print(quietly(lambda: os.write(s.fileno(), b"SECRET!!")), quietly(lambda: os.write(s.fileno(), query + bytes(1500))))
print(quietly(lambda: os.write(s.fileno(), query)), s.getsockname()[0])
quietly(lambda: s.send(b"no question at all"))
"""
    seen = watch(script)
    assert seen.output.splitlines()[0] == "89 89", "EDESTADDRREQ: it has no destination"
    assert seen.output.splitlines()[1] == "32 127.0.0.1"
    assert {row.name for row in seen.of("lookup")} == {"secret.example"}
    (connected,) = seen.of("connect")
    assert connected.outcome == "each datagram was read and sent by the supervisor"
    assert len(seen.of("send")) == 1, "what is no lookup is written down as something that was sent"


def test_what_stands_behind_a_question_is_something_that_was_sent(watch: Watcher) -> None:
    script = """
import socket
def query(name): return bytes.fromhex("123401000001000000000000") + bytes([len(name)]) + name + b"\\0\\0\\1\\0\\1"
s = socket.socket(type=socket.SOCK_DGRAM)
s.sendto(query(b"plain"), ("127.0.0.1", 53)); s.sendto(query(b"laden") + b"alice likes sushi", ("127.0.0.2", 53))

"""
    seen = watch(script)
    assert {row.name for row in seen.of("lookup")} == {"plain", "laden"}
    assert [row.address for row in seen.of("send")] == ["127.0.0.2"]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="waits at port 53")
def test_names_that_go_to_a_name_server_in_pieces_are_put_together(watch: Watcher) -> None:
    """A length of its own, two questions in one write, a name cut in two; and what is no question is no lookup."""
    script = """
import socket, threading
l = socket.create_server(("127.0.0.1", 53)); threading.Thread(target=lambda: [l.accept() for _ in range(2)]).start()
def query(name): return bytes.fromhex("123401000001000000000000") + bytes([len(name)]) + name + b"\\0\\0\\1\\0\\1"
def framed(name): q = query(name); return len(q).to_bytes(2, "big") + q
s = socket.create_connection(("127.0.0.1", 53)); s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
whole = framed(b"first"); s.send(whole[:2]); s.send(whole[2:17]); s.send(whole[17:])
s.send(framed(b"second") + framed(b"third"))
t = socket.create_connection(("127.0.0.1", 53)); t.send(b"GET / HTTP/1.0 alice likes sushi\\r\\n\\r\\n")
"""
    seen = watch(script)
    assert {row.name for row in seen.of("lookup")} == {"first", "second", "third"}, seen.errors
    assert [(row.transport, row.port) for row in seen.of("send")] == [("tcp", 53)]


@pytest.mark.parametrize("kind", ["stream", "datagram"])
def test_the_quick_question_finds_whom_the_text_of_the_kernel_names(kind: Literal["stream", "datagram"]) -> None:
    sort = socket.SOCK_STREAM if kind == "stream" else socket.SOCK_DGRAM
    ports = set()
    with ExitStack() as stack:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 - all of them are asked for
            waiting = stack.enter_context(socket.socket(family, sort))
            waiting.bind((address, 0))
            if kind == "stream":
                waiting.listen()
            ports.add(waiting.getsockname()[1])
        peers = stack.enter_context(closing(Peers(os.getpid())))
        quick = {row for row in peers.waiting(os.getpid(), kind) if row[1] in ports}
        assert quick == {row for row in by_proc(os.getpid(), kind) if row[1] in ports}
        assert len(quick) == 3


def test_another_network_namespace_is_not_asked_by_a_socket_of_ours() -> None:
    """Its sockets are found all the same."""
    script = "import socket; l = socket.create_server(('127.0.0.1', 0)); print(l.getsockname()[1], flush=True); input()"
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-Urn", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no namespaces here")
    with subprocess.Popen(
        [unshare, "-Urn", sys.executable, "-c", f"import os; os.system('ip link set lo up'); {script}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        with closing(Peers(os.getpid())) as peers:
            assert port in {row[1] for row in peers.waiting(other.pid, "stream")}
            assert port not in {row[1] for row in peers.waiting(os.getpid(), "stream")}
        other.communicate("\n", timeout=30)
