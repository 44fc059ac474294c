"""Servers behind allowed loopback ports that begin, end or are replaced while the command runs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from auditing import Auditor, python
from serving import SEEN_S, TELL, Serve, Turn, allow, assert_not_upheld

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="/proc"),
    pytest.mark.usefixtures("watched"),
]


class TestMoments:
    def test_a_server_that_begins_after_the_first_contact(
        self, run: Auditor, serve: Serve, free_port: int, tmp_path: Path
    ) -> None:
        started = Turn(tmp_path, lambda: serve(port=free_port))
        say, _ = started
        places = [f"try@{free_port}", say, f"until@{free_port}"]
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
