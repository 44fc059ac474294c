"""Servers behind allowed loopback ports that could pass on what they are told, each a process of nobody audited."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from auditing import Audited, Auditor, audit_command, python
from serving import SEEN_S, SERVER, TELL, Serve, Turn, allow, assert_not_upheld

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="/proc"),
    pytest.mark.usefixtures("watched"),
]


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
