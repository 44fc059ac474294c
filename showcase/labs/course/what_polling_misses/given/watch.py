"""Audit leak.py, with a decoy of ours for the outside; then keep what the sampler alone would have seen."""

import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

from showcase import claims, runlog

HERE = Path(__file__).resolve().parent
TEXT = "the door code is 4711"


def accept(decoy: socket.socket) -> None:
    """Take connections, and say what comes."""
    while True:
        connection, _ = decoy.accept()
        with connection, connection.makefile("rb") as stream:
            tell(stream.read())


def receive(decoy: socket.socket) -> None:
    """Take datagrams, likewise."""
    while True:
        tell(decoy.recv(65536))


def tell(heard: bytes) -> None:
    """Say what came."""
    print(f"the decoy heard: {heard.decode(errors='replace')}", flush=True)


streams = socket.create_server(("127.0.0.1", 0))  # on this machine, so that nothing leaves it
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(streams.getsockname())
threading.Thread(target=accept, args=(streams,), daemon=True).start()
threading.Thread(target=receive, args=(datagrams,), daemon=True).start()
port = str(streams.getsockname()[1])

# Only 127.0.0.1:9 may be contacted, where nobody waits: our decoy is somewhere else, and so it counts as outside.
audit = ["audit", "--allow", "127.0.0.1:9", "--log", str(HERE / "leak.json")]
leak = [sys.executable, str(HERE / "leak.py"), "127.0.0.1", port, TEXT]
subprocess.run([sys.executable, "-m", "showcase", *audit, "--", *leak], check=False)

run = runlog.read(HERE / "leak.json")
sampler = replace(
    run,
    witnesses=tuple(witness for witness in run.witnesses if witness.name == "sockets"),
    connections=tuple(replace(row, witnesses=("sockets",)) for row in run.connections if "sockets" in row.witnesses),
    options=replace(run.options, witnesses=("sockets",)),
)
runlog.write(replace(sampler, claims=claims.judge(sampler)), HERE / "sampler.json")
