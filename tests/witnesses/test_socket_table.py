"""The kernel's table, asked in one question, says of our own sockets what psutil says."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
from contextlib import ExitStack

import psutil
import pytest

from showcase.witnesses import proc_net, sock_diag, socket_table
from showcase.witnesses.process_tree import ProcessTree
from showcase.witnesses.socket_table import End, InternetSocket, look

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this table")


def by_psutil(pid: int) -> set[InternetSocket]:
    return {
        InternetSocket(int(row.type), End(*row.laddr), End(*row.raddr) if row.raddr else None, str(row.status))
        for row in psutil.Process(pid).net_connections(kind="inet")
        if row.laddr
    }


def open_sockets(stack: ExitStack) -> None:
    """Open one of each kind that counts."""
    waiting = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    stack.enter_context(socket.create_connection(waiting.getsockname()))
    stack.enter_context(waiting.accept()[0])
    datagrams = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    datagrams.connect(("127.0.0.1", 9))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        stack.enter_context(socket.socket(fileno=os.dup(other.fileno())))
    if socket.has_dualstack_ipv6():
        both = stack.enter_context(socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True))
        stack.enter_context(socket.create_connection(("127.0.0.1", both.getsockname()[1])))
        stack.enter_context(both.accept()[0])


def test_it_says_what_psutil_says() -> None:
    with ExitStack() as stack:
        open_sockets(stack)
        (held,) = look([os.getpid()])
        found = set(held.sockets)
        assert found == by_psutil(os.getpid())
        assert {row.status for row in found} >= {psutil.CONN_LISTEN, psutil.CONN_ESTABLISHED, psutil.CONN_NONE}
        assert not held.denied


@linux
def test_a_kernel_that_does_not_tell_is_asked_in_the_old_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: int) -> list[sock_diag.Row]:
        raise FileNotFoundError

    with ExitStack() as stack:
        open_sockets(stack)
        asked = set(look([os.getpid()])[0].sockets)
        ports = {row.local.port for row in asked}
        rows = {row for row in proc_net.tcp() if row.port in ports and row.inode}
        monkeypatch.setattr(sock_diag, "internet", none)
        assert set(look([os.getpid()])[0].sockets) == asked
        assert len(rows) >= 3
        assert {row for row in proc_net.tcp() if row.port in ports and row.inode} == rows


@linux
def test_the_kernel_s_refusal_is_no_empty_table() -> None:
    with sock_diag.diagnosis_socket() as diagnosis, pytest.raises(OSError, match=r".+"):
        list(sock_diag.answers(diagnosis, b"\xff" * 56))  # a family that there is not


@linux
def test_the_rest_of_an_answer_is_none_to_the_next_question() -> None:
    """One socket is asked again and again. Who stops reading leaves the end on it, which is not that of the next."""
    request = struct.pack("=BBBxI48x", socket.AF_INET, socket.IPPROTO_TCP, 0, 1 << sock_diag.LISTEN)
    with sock_diag.diagnosis_socket() as diagnosis, socket.create_server(("127.0.0.1", 0)):
        next(iter(sock_diag.answers(diagnosis, request)))
        assert list(sock_diag.answers(diagnosis, request))


def test_a_process_of_somebody_else_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    """As root nobody is; so the system's answer is planted."""
    listdir = os.listdir

    def refused(path: str) -> list[str]:
        if str(path).endswith("/fd"):
            raise PermissionError
        return listdir(path)

    def denied(*_: object, **__: object) -> list[object]:
        raise psutil.AccessDenied

    monkeypatch.setattr(socket_table.os, "listdir", refused)
    monkeypatch.setattr(psutil.Process, "net_connections", denied)
    (held,) = look([os.getpid()])
    assert held.denied


def test_a_process_that_is_gone_has_no_sockets() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(timeout=30)
    (held,) = look([gone.pid])
    assert (held.sockets, held.denied) == ([], False)


def test_the_tree_is_the_system_s() -> None:
    """Children, theirs, who comes between two looks, and who is left when a parent goes."""
    tree = ProcessTree()
    grandchild = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=0);"
        "print(child.pid, flush=True); child.wait()"
    )
    tree.pids()
    with subprocess.Popen(
        [sys.executable, "-c", grandchild], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        younger = int(child.stdout.readline())
        assert {child.pid, younger} <= set(tree.pids())
        assert set(tree.pids()) == {os.getpid(), *(it.pid for it in psutil.Process().children(recursive=True))}
        child.communicate("\n", timeout=30)
    assert not {child.pid, younger} & set(tree.pids())
