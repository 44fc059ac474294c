"""What this program itself would let out: nobody sees that but `sockets`, beside a seal as well."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

LEAKING = """
import json, os, socket, sys, threading, time
from showcase import claims
from showcase.audit import Request, audit
def leak():
    time.sleep(2.5)
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))):
        time.sleep(0.5)
threading.Thread(target=leak, daemon=True).start()
run = audit(Request(command=("sleep", "5"), environment=dict(os.environ), rules=(), sealing=sys.argv[2]))
print(json.dumps({each.id: each.status for each in run.claims}))
"""


@pytest.mark.usefixtures("watched", "sealable")
@pytest.mark.parametrize("sealing", ["none", "namespace"])
def test_a_connection_of_ours_is_a_finding(sealing: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as decoy:
        port = str(decoy.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", LEAKING, port, sealing], capture_output=True, text=True, check=False, timeout=120
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["egress"] == "broken"
