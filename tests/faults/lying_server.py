"""A model server that lies: `python lying_server.py HOST PORT LIE`, a process in front of a real engine.

It passes everything on. `told:TEXT` streams TEXT in the place of every reply to the second user; `counts:NUMBER` says
of every chat that NUMBER tokens of its prompt were read, and leaves the count out where that is empty, and
`counts:NUMBER,NUMBER,NUMBER` says so of the chats of session 2, session 3 and of who has no memory; `version:TEXT`
answers with another version. What it listens at is its first line of output.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Endpoint

CHAT, VERSION = "/api/chat", "/api/version"
FIRST_USER, SECOND_USER = b"peanuts", b"Thai place"
"""What only the first and only the second user of the shipped scenario have in a prompt."""


def lied(lie: str, path: str, body: bytes, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is said instead of these lines of JSON."""
    kind, _, text = lie.partition(":")
    if kind == "version" and path == VERSION:
        return [{"version": text}]
    if kind == "counts" and path == CHAT:
        numbers = text.split(",")
        who = 0 if FIRST_USER in body else 1 if SECOND_USER in body else 2
        number = numbers[who % len(numbers)]
        counted = {"prompt_eval_count": int(number)} if number else {}
        without = [{key: value for key, value in row.items() if key != "prompt_eval_count"} for row in rows]
        return [{**row, **counted} if row.get("done") else row for row in without]
    if kind == "told" and path == CHAT and SECOND_USER in body:
        words = text.split(" ")
        pieces = [f" {word}" if number else word for number, word in enumerate(words)]
        told = [{**rows[0], "message": {"role": "assistant", "content": each}, "done": False} for each in pieces]
        return [*told, {**rows[-1], "message": {"role": "assistant", "content": ""}}]
    return rows


class Liar(BaseHTTPRequestHandler):
    """Asks the engine, and answers something else where the lie is about that."""

    protocol_version = "HTTP/1.1"
    engine: tuple[str, int]
    lie: str

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with contextlib.closing(http.client.HTTPConnection(*self.engine, timeout=60)) as connection:
            connection.request(self.command, self.path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            data = answer.read()
        if self.path in (CHAT, VERSION) and answer.status == http.client.OK:
            rows = [json.loads(line) for line in data.splitlines() if line.strip()]
            data = "".join(json.dumps(row) + "\n" for row in lied(self.lie, self.path, body, rows)).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET  # noqa: N815 - the base class's name

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def lying(engine: Endpoint, lie: str) -> Iterator[str]:
    """Run the liar in front of the engine; yield its address."""
    arguments = [sys.executable, __file__, engine.address, str(engine.port), lie]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


if __name__ == "__main__":
    Liar.engine, Liar.lie = (sys.argv[1], int(sys.argv[2])), sys.argv[3]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    sys.stdout.write(f"127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
