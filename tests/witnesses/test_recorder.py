"""The hook sees what Python code does, before it is done, refused or not, with the packages on the stack."""

from __future__ import annotations

import ipaddress
import json
import socket
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from showcase.processes.protocol.seen import Attempted, FoundNative, StartedProcess, Unreadable
from showcase.processes.protocol.wire import read_event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRELUDE = """
import json, sys
from showcase.witnesses import recorder
recorder.install(lambda event: print(json.dumps(event), flush=True))
import socket
PORT = int(sys.argv[1])
"""


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def events(code: str, port: int, cwd: Path) -> list[dict[str, Any]]:
    script = cwd / "script.py"
    script.write_text(PRELUDE + textwrap.dedent(code), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(port)], capture_output=True, text=True, check=True, cwd=cwd, timeout=60
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for event in found:  # what is written without the classes is what the classes read
        read = read_event(json.dumps({**event, "t": 1.0}).encode())
        assert isinstance(read, (Attempted, FoundNative, StartedProcess, Unreadable)), read
    return found


@pytest.mark.parametrize(
    ("code", "kind", "facts"),
    [
        ("socket.create_connection(('127.0.0.1', PORT)).close()", "connect", {"transport": "tcp"}),
        ("socket.socket().connect_ex(('127.0.0.1', PORT))", "connect", {"transport": "tcp"}),
        (
            "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))",
            "send",
            {"transport": "udp"},
        ),
        (
            "import asyncio; asyncio.run(asyncio.open_connection('127.0.0.1', PORT))",
            "connect",
            {"transport": "tcp"},
        ),
        (
            (
                "import threading; t = threading.Thread(target=lambda: socket.create_connection(('127.0.0.1', PORT)));"
                "t.start(); t.join()"
            ),
            "connect",
            {"transport": "tcp"},
        ),
        (
            "import atexit; atexit.register(lambda: socket.create_connection(('127.0.0.1', PORT)))",
            "connect",
            {"transport": "tcp"},
        ),
    ],
)
def test_every_way_to_name_a_destination(
    code: str, kind: str, facts: dict[str, Any], port: int, tmp_path: Path
) -> None:
    found = [event for event in events(code, port, tmp_path) if event.get("kind") == kind]
    assert [(event["address"], event["port"]) for event in found] == [("127.0.0.1", port)]
    assert facts.items() <= found[0].items()


def test_a_refused_connect_is_seen(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        free = int(closed.getsockname()[1])
    found = events("socket.socket().connect_ex(('127.0.0.1', PORT))", free, tmp_path)
    assert [event["port"] for event in found] == [free]


def test_a_lookup_is_seen_although_it_fails(port: int, tmp_path: Path) -> None:
    # AI_NUMERICHOST: the name is refused by the resolver library itself, nothing is sent.
    code = """
    for host in ("decoy.invalid", b"bytes.invalid"):
        try:
            socket.getaddrinfo(host, 443, flags=socket.AI_NUMERICHOST)
        except OSError:
            pass
    """
    found = events(code, port, tmp_path)
    assert [(event["kind"], event["name"], event["port"]) for event in found] == [
        ("lookup", "decoy.invalid", 443),
        ("lookup", "bytes.invalid", 443),
    ]


NUMBERS = ("198.51.100.7", b"198.51.100.7", "3325256711", "0x7f.1", "0177.0.0.1", "127.1", "::1", "fe80::1%lo")


def test_a_number_is_no_lookup(port: int, tmp_path: Path) -> None:
    code = f"""
    for host in {NUMBERS!r}:
        for look_up in (lambda host: socket.getaddrinfo(host, 443, flags=socket.AI_NUMERICHOST), socket.gethostbyname):
            try:
                look_up(host)
            except OSError:
                pass
    """
    assert events(code, port, tmp_path) == []


def test_what_only_looks_like_a_number_is_a_lookup(port: int, tmp_path: Path) -> None:
    given = ("256.1.1.1", "198.51.100.7 x", "1.2.3.4.5", "08.1.1.1", "[::1]", "::1.example", "7.example")
    code = f"""
    for host in {given!r}:
        try:
            socket.getaddrinfo(host, 443, flags=socket.AI_NUMERICHOST)
        except OSError:
            pass
    """
    assert [event["name"] for event in events(code, port, tmp_path)] == list(given)


def test_the_name_of_a_number_is_a_lookup(port: int, tmp_path: Path) -> None:
    """Told as the question is, so that it is the same row as the question that leaves."""
    code = """
    for host in ("127.0.0.1", "::1", "::ffff:198.51.100.7"):
        socket.getnameinfo((host, PORT), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
    socket.gethostbyaddr("127.0.0.1")
    """
    found = events(code, port, tmp_path)
    asked = ["127.0.0.1", "::1", "198.51.100.7", "127.0.0.1"]
    assert [event["kind"] for event in found] == ["lookup"] * len(asked)
    assert [event["name"] for event in found] == [ipaddress.ip_address(each).reverse_pointer for each in asked]


def test_an_address_is_told_with_its_zone(port: int, tmp_path: Path) -> None:
    number, name = socket.if_nameindex()[0]
    code = f"""
    for address in (("fe80::1", 53, 0, {number}), ("fe80::1%{name}", 53), ("::1", PORT, 0, {number})):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as subject:
            subject.connect_ex(address)
    """
    found = [event["address"] for event in events(code, port, tmp_path)]
    assert found == [f"fe80::1%{name}", f"fe80::1%{name}", "::1"]


@pytest.mark.parametrize(
    ("host", "family", "address"),
    [
        ("localhost", "AF_INET", "127.0.0.1"),
        ("LocalHost", "AF_INET", "127.0.0.1"),
        ("", "AF_INET", "0.0.0.0"),  # noqa: S104 - connected to
        ("", "AF_INET6", "::"),
        ("127.1", "AF_INET", "127.0.0.1"),
        ("0x7f.1", "AF_INET", "127.0.0.1"),
        ("<broadcast>", "AF_INET", "255.255.255.255"),
    ],
)
def test_what_python_looks_up_by_itself_is_told_as_the_kernel_sees_it(
    host: str, family: str, address: str, port: int, tmp_path: Path
) -> None:
    code = f"""
    with socket.socket(socket.{family}) as subject:
        try:
            subject.connect(({host!r}, PORT))
        except OSError:
            pass
    """
    assert [event["address"] for event in events(code, port, tmp_path)] == [address]


def test_an_address_to_listen_on_is_no_lookup(port: int, tmp_path: Path) -> None:
    assert events("socket.getaddrinfo(None, 0, flags=socket.AI_PASSIVE)", port, tmp_path) == []


def test_the_packages_on_the_stack_are_named(port: int, tmp_path: Path) -> None:
    (tmp_path / "phonehome.py").write_text("import socket\ndef send(call, port):\n    call(port)\n")
    (tmp_path / "carrier.py").write_text(
        "import socket\ndef carry(port):\n    socket.create_connection(('127.0.0.1', port)).close()\n"
    )
    code = "sys.path.insert(0, '.')\nimport phonehome, carrier\nphonehome.send(carrier.carry, PORT)"
    found = [event for event in events(code, port, tmp_path) if event.get("kind") == "connect"]
    assert [event["package"] for event in found] == ["showcase > phonehome > carrier"]


def test_processes_that_it_cannot_see_into_are_counted(port: int, tmp_path: Path) -> None:
    found = events("import subprocess; subprocess.run([sys.executable, '-c', ''])", port, tmp_path)
    assert "child" in {event["event"] for event in found}


def test_an_address_that_cannot_be_read_does_not_break_the_caller(port: int, tmp_path: Path) -> None:
    code = """
    class Odd:
        def __index__(self):
            raise ValueError
    sys.audit("socket.connect", Odd(), ("127.0.0.1", PORT))
    socket.socket().connect(("127.0.0.1", PORT))
    """
    found = events(code, port, tmp_path)
    assert found[0]["event"] == "unreadable"
    assert found[-1]["port"] == port, "it went on"


@pytest.mark.parametrize(
    ("code", "peers"),
    [
        ("waiting = socket.create_server(('127.0.0.1', 0))\nto = waiting.getsockname()", ["watched"]),
        ("waiting = socket.create_server(('127.0.0.1', 0))\nto = waiting.getsockname()\nwaiting.close()", [None]),
        ("waiting = socket.socket()\nwaiting.bind(('127.0.0.1', 0))\nto = waiting.getsockname()", [None]),
        ("waiting = socket.create_server(('127.0.0.1', 0), reuse_port=True)\nto = waiting.getsockname()", [None]),
        ("to = ('127.0.0.1', PORT)", [None]),
    ],
    ids=["its own listener", "closed", "bound only", "shared with another process", "another process"],
)
def test_a_process_knows_where_it_waits_itself(code: str, peers: list[str | None], port: int, tmp_path: Path) -> None:
    seen = events(f"{code}\nsocket.socket().connect_ex(to)", port, tmp_path)
    assert [event.get("peer") for event in seen if event.get("kind") == "connect"] == peers
