"""Servers beside an audit, as users have them: nobody's children, and a client of theirs that is audited."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.audit import Request, audit, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Run

OLLAMA = """
import json, os, socket, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
cloud, host, peer = sys.argv[1:4]
class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        told = {"/api/version": {"version": "0.24.0"}, "/api/status": {"cloud": {"disabled": cloud == "off"}}}
        body = json.dumps(told.get(self.path, {})).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = ThreadingHTTPServer((host, 0), Answers)
if peer != "-":
    address, port = peer.rsplit(":", 1)
    held = socket.create_connection((address, int(port)))
if os.fork():
    os._exit(0)  # a server is nobody's child
print(server.server_address[1], os.getpid(), flush=True)
server.serve_forever()
"""
"""A server that answers the two questions as Ollama does (recorded from 0.24.0), and holds a connection if told."""


@contextmanager
def server(cloud: str = "off", host: str = "127.0.0.1", peer: str = "-") -> Iterator[int]:
    port, pid = started([sys.executable, "-c", OLLAMA, cloud, host, peer])
    try:
        yield port
    finally:
        os.kill(pid, signal.SIGKILL)


def started(command: list[str]) -> tuple[int, int]:
    """Return port and pid of a server that is no descendant of ours."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port, pid = process.stdout.readline().split()
    return int(port), int(pid)


def audited(port: int) -> Run:
    """Return the audit of a client of the server at `port`."""
    script = f"import urllib.request as u; u.urlopen('http://127.0.0.1:{port}/api/version').read()"
    return audit(
        Request(
            command=(sys.executable, "-c", script),
            environment={**os.environ, "NO_PROXY": "*"},
            rules=(rules.parse(f"127.0.0.1:{port}"),),
        )
    )
