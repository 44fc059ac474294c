"""A server that speaks a little of Ollama's protocol, and has a cloud: daemon.py PORT [CLOUD]."""

import http.client
import json
import os
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from urllib.parse import urlsplit

CLOUD = "http://cloud.example.test"

cloud = sys.argv[2] if len(sys.argv) > 2 else CLOUD
no_cloud = os.environ.get("OLLAMA_NO_CLOUD", "").lower() in ("1", "t", "true")
sealed = [name for _, name in socket.if_nameindex()] == ["lo"]
if not (sealed or no_cloud or cloud.startswith("http://127.0.0.1:")):
    sys.exit("daemon.py posts prompts to a cloud: start it in a seal alone, as the lab says")


class Server(BaseHTTPRequestHandler):
    """Answers POST /api/chat: names that end with "cloud" by the cloud, all others here."""

    def do_POST(self) -> None:
        """Answer one chat."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not json.loads(body)["model"].endswith(("-cloud", ":cloud")):
            self.answer(200, {"message": {"role": "assistant", "content": "a local answer"}, "done": True})
        elif no_cloud:
            self.answer(403, {"error": "the cloud is switched off"})
        else:
            self.answer(*ask_the_cloud(self.path, body))

    def answer(self, status: int, said: dict[str, object]) -> None:
        """Send an answer."""
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def ask_the_cloud(path: str, body: bytes) -> tuple[int, dict[str, object]]:
    """Post the prompt on."""
    connection = http.client.HTTPConnection(urlsplit(cloud).netloc, timeout=5)
    try:
        connection.request("POST", path, body)
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return 502, {"error": "the cloud did not answer"}
    return 200, {"message": {"role": "assistant", "content": "an answer of the cloud"}, "done": True}


class Listener(ThreadingHTTPServer):
    """Listens, and does not ask for the name of this machine as its parent does."""

    def server_bind(self) -> None:
        """Take the port."""
        TCPServer.server_bind(self)


Listener(("127.0.0.1", int(sys.argv[1])), Server).serve_forever()
