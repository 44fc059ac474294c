"""Bytes that go elsewhere than their address says are a way out of their own."""

from __future__ import annotations

import errno
import os
import socket
import struct
import threading
from typing import TYPE_CHECKING

import pytest

from showcase.clock import RunClock
from showcase.witnesses.syscalls.calls import dns
from showcase.witnesses.syscalls.record.records import Records
from showcase.witnesses.syscalls.record.testimony import interpret, read

if TYPE_CHECKING:
    from pathlib import Path

    from watching import Watcher


S = """
import errno, os, resource, socket, struct
index = socket.if_nametoindex("lo")
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); receiver.bind(("127.0.0.1", 0))
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
"""
SEND = "; own.sendto(b'my dog', receiver.getsockname()); print(receiver.recv(99).decode())"
GROUP = "socket.inet_aton('224.1.2.3') + bytes(4) + struct.pack('=I', index)"
GROUP6 = "b'\\xff\\x01' + bytes(14) + struct.pack('=I', index)"
PKTINFO = "(0, 8, struct.pack('=iII', index, 0, 0))"


@pytest.mark.parametrize(
    ("way", "script"),
    [
        ("SO_BINDTODEVICE", "own.setsockopt(1, 25, b'lo\\0')" + SEND),
        ("SO_BINDTOIFINDEX", "own.setsockopt(1, 62, index)" + SEND),
        ("IP_UNICAST_IF", "own.setsockopt(0, 50, struct.pack('!I', index))" + SEND),
        (
            "IP_PKTINFO",
            f"own.sendmsg([b'my dog'], [{PKTINFO}], 0, receiver.getsockname()); print(receiver.recv(99).decode())",
        ),
        ("IP_ADD_MEMBERSHIP", f"own.setsockopt(0, 35, {GROUP}); print('my dog')"),
        (
            "IPV6_JOIN_GROUP",
            "own6.setsockopt(41, 20, b'\\xff\\x01' + bytes(14) + struct.pack('=I', index)); print('my dog')",
        ),
    ],
)
def test_a_way_that_the_address_does_not_tell_is_written_down(watch: Watcher, way: str, script: str) -> None:
    seen = watch(S + script)
    assert seen.output == "my dog\n", seen.errors
    reached = [row for row in seen.attempts if row.kind == "reach"]
    assert [(row.family, row.outcome) for row in reached] == [(way, "outside of the watched tree")]


def test_options_that_change_no_way_are_not_asked_about(watch: Watcher) -> None:
    seen = watch(S + "own.setsockopt(1, 2, 1); own.setsockopt(0, 1, 16); own.setsockopt(0, 4, b''); print('set')")
    assert seen.output == "set\n", seen.errors
    assert [row for row in seen.attempts if row.kind == "reach"] == []


def test_control_data_that_name_no_interface_change_no_way(watch: Watcher) -> None:
    control = "[(0, 8, struct.pack('=iII', 0, 0, 0)), (0, 1, struct.pack('=i', 16))]"
    seen = watch(f"{S}own.sendmsg([b'x'], {control}, 0, receiver.getsockname()); print('sent')")
    assert seen.output == "sent\n", seen.errors
    assert [row for row in seen.attempts if row.kind == "reach"] == []


@pytest.mark.parametrize("call", ["sendto(b'x' * 16, (77777, 0))", "connect((77777, 0))", "sendto(b'x' * 16, (0, 1))"])
def test_netlink_to_a_process_is_no_word_to_the_kernel(watch: Watcher, call: str) -> None:
    seen = watch(
        f"{S}\ntry: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2).{call}\nexcept OSError: pass\nprint('tried')"
    )
    assert seen.output == "tried\n", seen.errors
    assert [row.family for row in seen.attempts if row.kind == "reach"] == ["netlink"]


def test_netlink_to_the_kernel_is_none(watch: Watcher) -> None:
    seen = watch("import socket; print(len(socket.if_nameindex()) > 0)")
    assert seen.output == "True\n", seen.errors
    assert [row for row in seen.attempts if row.kind == "reach"] == []


def test_limits_of_the_supervisor_are_not_the_watched_s_to_set(watch: Watcher) -> None:
    script = """
try: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (10, 10)); print("set")
except OSError as error: print(errno.errorcode[error.errno])
print(resource.prlimit(os.getpid(), resource.RLIMIT_CORE) is not None)
"""
    seen = watch(S + script)
    assert seen.output == "EPERM\nTrue\n", seen.errors
    assert {
        (row.family, row.outcome) for row in seen.attempts if row.kind == "reach" and "refused" in str(row.outcome)
    } == {("prlimit64", "outside of the watched tree, refused")}


QUESTION = struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"\x09localhost\0" + struct.pack("!HH", 1, 1)


@pytest.mark.parametrize(
    "port", [5355, pytest.param(53, marks=[pytest.mark.root, pytest.mark.skipif(os.geteuid() != 0, reason="port 53")])]
)
def test_nothing_is_put_behind_a_question_unseen(watch: Watcher, port: int) -> None:
    """Neither by MSG_MORE nor by a corked socket: what is written next goes nowhere, or is no lookup."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind(("127.0.0.77", port))
        except OSError:
            pytest.skip("the port is taken")
        server.settimeout(20)
        thread = threading.Thread(target=lambda: heard.append(server.recv(2000)))
        thread.start()
        seen = watch(f"""{S}
own.connect(("127.0.0.77", {port}))
try: own.setsockopt(17, 1, 1)
except OSError as error: print(errno.errorcode[error.errno])
own.send({QUESTION!r}, socket.MSG_MORE)
try: os.write(own.fileno(), b"my dog i")
except OSError: pass
""")
        thread.join()
    assert seen.output == "ENOPROTOOPT\n", seen.errors
    assert [row.name for row in seen.attempts if row.kind == "lookup"] == ["localhost"]
    assert heard == [QUESTION] or any(row.kind == "send" for row in seen.attempts)


def opt(*options: tuple[int, bytes]) -> bytes:
    data = b"".join(struct.pack("!HH", code, len(value)) + value for code, value in options)
    return QUESTION[:10] + b"\0\1" + QUESTION[12:] + b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(data)) + data


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        (opt(), True),
        (opt((10, bytes(8))), True),
        (opt((10, bytes(24)), (12, bytes(300))), True),
        (opt((10, b"my dog is Biscuit"), (10, b"and my cat is Tom")), False),
        (opt((65001, b"my dog")), False),
        (opt((3, b"my dog")), False),
        (opt((12, b"my dog")), False),
        (opt((10, bytes(41))), False),
    ],
)
def test_what_stands_behind_a_question_is_what_resolvers_send(message: bytes, asks: bool) -> None:
    query = dns.question(message)
    assert query is not None
    assert dns.only_asks(message, query) is asks


def test_a_record_that_was_cut_costs_the_coverage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "records"
    records = Records(str(place))
    records.write("supervisor", pid=1)
    whole = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: whole(descriptor, data[:10]))
    with pytest.raises(OSError, match="was cut") as caught:
        records.write("launched", pid=2, rights=[], fenced=True)
    assert caught.value.errno == errno.EFBIG
    monkeypatch.undo()
    os.write(os.open(place, os.O_WRONLY | os.O_APPEND), b"\n")
    watched = interpret("child", read(place), RunClock(), "syscalls")
    assert not watched.coverage.complete
