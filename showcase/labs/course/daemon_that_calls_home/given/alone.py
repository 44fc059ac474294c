"""Audit the client alone. The server runs beside the audit, and its cloud is a decoy on this machine."""

import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import TCPServer

HERE = Path(__file__).resolve().parent


class Decoy(BaseHTTPRequestHandler):
    """Takes what is posted, and says so."""

    def do_POST(self) -> None:
        """Take one request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        print(f"the decoy of the cloud heard: {self.command} {self.path} {body.decode()}", flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class Listener(HTTPServer):
    """Listens, and does not ask for the name of this machine as its parent does."""

    def server_bind(self) -> None:
        """Take the port."""
        TCPServer.server_bind(self)


with socket.create_server(("127.0.0.1", 0)) as free:
    port = str(free.getsockname()[1])

decoy = Listener(("127.0.0.1", 0), Decoy)
threading.Thread(target=decoy.serve_forever, daemon=True).start()
cloud = f"http://127.0.0.1:{decoy.server_address[1]}"
with subprocess.Popen([sys.executable, str(HERE / "daemon.py"), port, cloud]) as server:
    time.sleep(1)
    audit = ["audit", "--allow", f"127.0.0.1:{port}", "--log", str(HERE / "client.json")]
    client = [sys.executable, str(HERE / "client.py"), port, "large-cloud", "my dog is called Biscuit"]
    subprocess.run([sys.executable, "-m", "showcase", *audit, "--", *client], check=False)
    server.terminate()
