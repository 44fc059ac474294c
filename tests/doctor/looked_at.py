"""What the doctor is shown: a real store, a server that answers, a shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from showcase.processes import environment
from showcase.settings import STORE

RECORDED = Path(__file__).resolve().parents[1] / "recorded"

MAKE_STORE = """
import sys, chromadb
client = chromadb.PersistentClient(path=sys.argv[1], settings=chromadb.Settings(anonymized_telemetry=False))
rows = client.create_collection("mem0", embedding_function=None)
rows.add(ids=["a", "b"], embeddings=[[1.0] + [0.0] * (int(sys.argv[2]) - 1)] * 2, documents=["x", "y"])
"""

QUIET = ("MEM0_TELEMETRY", "OLLAMA_HOST", "OLLAMA_API_KEY", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
         "http_proxy", "https_proxy", "all_proxy", "no_proxy", "DO_NOT_TRACK", "DISABLE_TELEMETRY",
         "HF_HUB_DISABLE_TELEMETRY", "ANONYMIZED_TELEMETRY", "POSTHOG_DISABLED", "MEM0_TELEMETRY_SAMPLE_RATE",
         "CHROMA_OTEL_COLLECTION_ENDPOINT")  # fmt: skip


class Server(ThreadingHTTPServer):
    """Answers as Ollama does: a path has one answer, status and document."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answers: dict[str, tuple[int, Any]] = {
            path: (200, recorded(name))
            for path, name in {
                "/api/version": "version",
                "/api/status": "status",
                "/api/tags": "tags",
                "/api/ps": "ps-idle",
            }.items()
        }
        self.asked: list[str] = []

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(self.path)
        status, document = self.server.answers.get(self.path, (404, {"error": "not found"}))
        if self.path == "/api/show":
            embeds = "minilm" in json.loads(body)["model"]
            status, document = 200, recorded("show-embed" if embeds else "show-chat")
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815 - the name that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


def recorded(name: str) -> Any:
    """Return the JSON body that a real Ollama server answered."""
    return json.loads("".join(json.loads((RECORDED / f"{name}.json").read_text("utf-8"))["lines"]))


def make_store(out: Path, dimensions: int) -> Path:
    """Let chromadb itself make a store below `out`, in a process of its own."""
    store = out / STORE
    forced, _ = environment.build()
    subprocess.run([sys.executable, "-c", MAKE_STORE, str(store), str(dimensions)], env=forced, check=True, timeout=120)
    return store


def doctor(*arguments: str, cwd: Path, **variables: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
    """Run `showcase doctor --json` with nobody at the Ollama port; return status and findings by check."""
    environ = {name: value for name, value in os.environ.items() if name not in QUIET}
    environ |= {"OLLAMA_HOST": "127.0.0.1:1", "PYTHONPATH": str(Path(environment.SOURCE))} | variables
    done = subprocess.run(
        [sys.executable, "-m", "showcase", "doctor", "--json", *arguments],
        cwd=cwd, env=environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    found: dict[str, list[dict[str, str]]] = {}
    for finding in json.loads(done.stdout):
        found.setdefault(finding["check"], []).append(finding)
        assert finding["level"] == "ok" or finding["fix"]
    return done.returncode, found
