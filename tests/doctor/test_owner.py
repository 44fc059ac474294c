"""A server of another user: told as one, and nobody is told to end what is not theirs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from looked_at import Server, doctor

from showcase.doctor import owner
from showcase.doctor import server as looked_at
from showcase.doctor.finding import Circumstances, Finding
from showcase.evidence import Endpoint
from showcase.settings import Settings
from showcase.witnesses import proc_net
from showcase.witnesses.proc_net import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc/net")
NOBODY = 65534
ENDS = ("end that server", "end it", "kill", "stop it", "pkill")


@pytest.fixture
def server() -> Iterator[Server]:
    import threading  # noqa: PLC0415 - only here

    found = Server()
    found.answers["/api/status"] = (200, {"cloud": {"disabled": False, "source": "none"}})
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join()


def listens(port: int, uid: int, address: str = "127.0.0.1") -> Row:
    return Row(address, port, "0.0.0.0", 0, True, uid, 1)  # noqa: S104 - as the table has it


def findings(server: Server) -> list[Finding]:
    place = Endpoint(address="127.0.0.1", port=server.server_port)
    circumstances = Circumstances(settings=Settings(ollama=place), environ={})
    return [*looked_at.server(circumstances), *looked_at.listening(circumstances)]


@pytest.mark.parametrize("uid", [NOBODY, 987654])
def test_of_another_users_server_nobody_is_told_to_end_it(
    server: Server, monkeypatch: pytest.MonkeyPatch, uid: int
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(proc_net, "tcp", lambda: [listens(server.server_port, uid)])
    found = findings(server)
    assert not [each for each in found if any(word in each.fix for word in ENDS)], found
    (told,) = [each for each in found if f"id {uid}" in each.message]
    assert told.level == "warning"
    assert "showcase run --start-ollama" in told.fix
    (cloud,) = [each for each in found if each.check == "cloud"]
    assert f"id {uid}" in cloud.fix
    assert "OLLAMA_NO_CLOUD=1" in cloud.fix


def test_ones_own_server_is_told_as_before(server: Server) -> None:
    found = findings(server)
    assert not [each for each in found if " is of user " in each.message]
    (cloud,) = [each for each in found if each.check == "cloud"]
    assert cloud.fix.startswith("end that server, then: ")


def test_whose_it_is_is_told_by_who_listens_there(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Endpoint(address="127.0.0.1", port=7)
    for rows, other in (
        ([], False),
        ([listens(7, 1000)], False),
        ([listens(7, NOBODY), listens(7, 1000)], False),
        ([listens(8, NOBODY)], False),
        ([listens(7, NOBODY, "127.0.0.2")], False),
        ([listens(7, NOBODY, "0.0.0.0")], True),  # noqa: S104 - who listens there serves it
        ([listens(7, NOBODY)._replace(listens=False)], False),
    ):
        monkeypatch.setattr(proc_net, "tcp", lambda rows=rows: rows)
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        assert (owner.other_user(place) is not None) is other, rows
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        assert owner.other_user(place) is None, "root may end whatever it likes"


@pytest.mark.root
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root to become somebody else")
def test_a_real_server_of_nobody_is_told_to_an_ordinary_user(tmp_path: Path, server: Server) -> None:
    """The server is root's, and the doctor is run as another user, who may not look into it."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("no setpriv")
    script = (
        "import json, os, sys\n"
        "sys.path[:0] = json.loads(sys.argv[2])\n"
        "from dataclasses import asdict\n"
        "from showcase.doctor import server\n"
        "from showcase.doctor.finding import Circumstances\n"
        "from showcase.evidence import Endpoint\n"
        "from showcase.settings import Settings\n"
        "from showcase.engines import ollama\n"
        "import psutil, pwd, showcase.witnesses.proc_net\n"
        "showcase.witnesses.proc_net.tcp()\n"
        f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "place = Endpoint(address='127.0.0.1', port=int(sys.argv[1]))\n"
        "found = server.server(Circumstances(settings=Settings(ollama=place), environ={}))\n"
        "print(json.dumps([asdict(each) for each in found]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(server.server_port), json.dumps(sys.path)],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [each for each in found if "is of user root (id 0)" in each["message"]], found
    assert not [each for each in found if any(word in each["fix"] for word in ENDS)], found


def test_the_doctor_ends_where_a_server_is_stopped(tmp_path: Path) -> None:
    """Its kernel takes the connection, and nobody answers."""
    script = (
        "import os, socket, time\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "print(server.getsockname()[1], flush=True)\n"
        "time.sleep(100)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        process.send_signal(signal.SIGSTOP)
        try:
            status, found = doctor(cwd=tmp_path, OLLAMA_HOST=f"127.0.0.1:{port}")
        finally:
            process.kill()
    assert status == 0
    (told,) = found["ollama"]
    assert "does not answer in time" in told["message"]
    assert "-sSm 60" in told["fix"]
