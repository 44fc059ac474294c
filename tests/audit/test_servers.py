"""Servers behind allowed loopback ports: real ones that stay at home, and none at all."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import pytest
from auditing import Auditor, python
from serving import TELL, Serve, Turn, allow, assert_not_upheld, assert_upheld, daemon, seen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="/proc"),
    pytest.mark.usefixtures("watched"),
]


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

    @pytest.mark.parametrize("size", [8, 100, 1500])
    def test_who_a_connected_datagram_socket_leads_to_may_change(self, run: Auditor, free_port: int, size: int) -> None:
        """The command listens, connects to itself, makes way for a stranger, and writes."""
        script = (
            "import os, socket, sys\n"
            "own, out = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]\n"
            "own.bind(('127.0.0.1', int(sys.argv[1]))); out.connect(own.getsockname()); own.close()\n"
            "try: os.write(out.fileno(), bytes(int(sys.argv[2])))\n"
            "except ConnectionRefusedError: pass\n"
        )
        done = run(*python(script, str(free_port), str(size)))
        (egress,) = [each for each in done.run.claims if each.id == "egress"]
        assert egress.status == "inconclusive"
        assert f"connect 127.0.0.1:{free_port}" in egress.reason

    def test_a_server_of_datagrams_is_not_watched(self, run: Auditor) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            port = server.getsockname()[1]
            script = (
                "import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                "s.sendto(b'alice likes sushi', ('127.0.0.1', int(sys.argv[1])))\n"
            )
            assert_not_upheld(run(*allow(f"127.0.0.1:{port}"), *python(script, str(port))), f"127.0.0.1:{port}")
