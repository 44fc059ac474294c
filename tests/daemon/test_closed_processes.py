"""A server beside a process that nobody may look into is not one that the system starts on demand."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from showcase.engines.daemon_watch import linux
from showcase.engines.daemon_watch.process_table import ProcessTable
from showcase.witnesses import proc_net

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the system's tables of sockets are Linux's")

SOMEBODY, SERVER, INIT = 54_321, 4_000_001, 1


@pytest.mark.parametrize(
    ("holders", "sight"), [({SERVER}, "user"), ({INIT}, "none"), ({INIT, SERVER}, "user"), (set(), "user")]
)
def test_whom_the_system_serves_by_itself_is_told_by_its_being_alone(
    holders: set[int], sight: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user's listener, and one process that is closed: whether it holds the port as well is not known."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        row = next(each for each in proc_net.tcp() if each.listens and each.port == port)
        theirs = row._replace(uid=SOMEBODY)
        monkeypatch.setattr(os, "geteuid", lambda: SOMEBODY - 1)
        table = ProcessTable(closed={99})
        table.holders[row.inode] |= holders
        found = linux._Look(table, [theirs], {}).at(theirs)
    assert found is not None
    assert (found.sight, "on demand" in found.unseen) == (sight, sight == "none")
