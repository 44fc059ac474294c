"""A server that carries what it is told into another network of this machine, as those of rootless containers do."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from beside import started

from showcase.engines.daemon_watch.linux import LinuxLooker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")

CARRIER = """
import ctypes, fcntl, os, socket, struct, sys, threading, time
NEWUSER, NEWNET, SIOCSIFFLAGS, UP = 0x10000000, 0x40000000, 0x8914, 1
unshare = ctypes.CDLL(None).unshare
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
if os.fork():
    os._exit(0)  # a server is nobody's child
user, group = os.getuid(), os.getgid()
if unshare(NEWUSER):
    sys.exit(print(0, 0, flush=True))
for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
    with open(f"/proc/self/{name}", "w") as file:
        file.write(text)
def carry():
    if unshare(NEWNET):
        return
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", UP))
    inside = socket.create_server(("127.0.0.1", port))  # as in a container whose port is the same
    leading = socket.create_connection(("127.0.0.1", port))
    kept.extend((inside, leading))
    time.sleep(600)  # as those in a container stay there
kept = []
if sys.argv[1] == "carries":
    thread = threading.Thread(target=carry)
    thread.start()
    while thread.is_alive() and len(kept) < 2:
        time.sleep(0.01)
if sys.argv[1] == "leaves":
    unshare(NEWNET)
print(port, os.getpid(), flush=True)
time.sleep(600)
"""
"""Its main thread stays where it listens. Sockets of the other thread stand in the tables of its own network alone."""


@pytest.mark.parametrize(
    ("how", "kinds"), [("carries", {"listen", "other"}), ("stays", {"listen"}), ("leaves", {"listen"})]
)
def test_a_socket_is_seen_whatever_network_its_process_is_in(how: str, kinds: set[str]) -> None:
    port, pid = started([sys.executable, "-c", CARRIER, how])
    if not port:
        pytest.skip("this system lets no user have a namespace")
    try:
        (seen,) = LinuxLooker().look(lambda _, wanted: wanted == port)
    finally:
        os.kill(pid, signal.SIGKILL)
    assert seen.sight == "processes"
    assert {each.kind for each in seen.held} == kinds
    assert {each.address for each in seen.held if each.kind == "other"} <= {"TCP of another network"}
