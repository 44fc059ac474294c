"""Runs the program beside a model server that is nobody's child: `beside.py TOLD WHO ARGUMENTS…`, with {port} in them.

TOLD is the file that `like_macos` reads; WHO is `user`, `root`, or `hidden` for root, of whom the server is hidden.
Both are started here: a process of another namespace of users would be hidden anyway.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

SERVER = """
import os
if os.fork():
    os._exit(0)
from showcase.engines.rehearsal import server
server.serve(port=0, pace=None, standalone=True, ready=lambda port: print(port, os.getpid(), flush=True))
"""


def main() -> int:
    told, who, *arguments = sys.argv[1:]
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port, pid = map(int, process.stdout.readline().split())
    Path(told).write_text(json.dumps({"denied": [pid] if who == "hidden" else [], "root": who != "user"}))
    try:
        given = [each.replace("{port}", str(port)) for each in arguments]
        return subprocess.run([sys.executable, "-m", "showcase", *given], check=False).returncode
    finally:
        os.kill(pid, signal.SIGKILL)


sys.exit(main())
