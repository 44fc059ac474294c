"""What ends an audit or a run is in memory before the first foreign program starts, which may rewrite this one."""

from __future__ import annotations

import http.server
import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from showcase.documents.resources import directory

SCRIPT = """
import json, sys
from importlib import import_module

place, owner, method, *arguments = sys.argv[1:]
module, _, kind = place.partition(":")
kind = getattr(import_module(module), kind)
began, before, opened = [], set(), []
inner = getattr(kind, method)

def noted(*given, **named):
    if not began:
        began.append(True)
        before.update(sys.modules)
    return inner(*given, **named)

def hook(event, arguments):
    if began and event == "open" and isinstance(arguments[0], str) and "r" in (arguments[1] or "r"):
        opened.append(arguments[0])

setattr(kind, method, noted)
sys.addaudithook(hook)
from showcase.cli import main
try:
    main(arguments)
except SystemExit as end:
    code = end.code
new = [name for name in set(sys.modules) - before if name.partition(".")[0] not in sys.stdlib_module_names]
with open(owner, "w") as file:
    json.dump({"began": bool(began), "code": code, "new": sorted(new), "opened": opened}, file)
"""

FINDING = "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))"
AUDIT = ("showcase.audit.foreground:Foreground", "run")
RUN = ("showcase.orchestrator.conduct:Orchestrator", "_play_session")


@pytest.mark.parametrize(
    ("start", "arguments", "code"),
    [
        (AUDIT, ["audit", "--log", "log.json", "--report", "page.html", "--", sys.executable, "-c", ""], 0),
        (AUDIT, ["audit", "--json", "--pass-exit", "--", sys.executable, "-c", "raise SystemExit(7)"], 7),
        (AUDIT, ["audit", "--report", "page.html", "--", sys.executable, "-c", FINDING], 1),
        (RUN, ["run", "--engine", "rehearsal", "--out", "out"], 0),
        (RUN, ["run", "--engine", "rehearsal", "--out", "out", "--no-drill", "--phase", "1", "--json"], 3),
    ],
    ids=["audit", "audit as JSON", "audit that finds", "run", "phase as JSON"],
)
def test_nothing_is_imported_once_it_began(
    start: tuple[str, str], arguments: list[str], code: int, tmp_path: Path
) -> None:
    place = tmp_path / "seen.json"
    told = [sys.executable, "-c", SCRIPT, start[0], str(place), start[1], *arguments]
    done = subprocess.run(told, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240)
    seen = json.loads(place.read_text(encoding="utf-8"))
    assert (seen["began"], seen["code"]) == (True, code), done.stderr
    assert seen["new"] == []
    own = [directory("templates"), Path(sys.modules["showcase"].__file__ or "").parent]
    assert [path for path in seen["opened"] if any(Path(path).is_relative_to(each) for each in own)] == []


IN_THREADS = """
import json, sys, threading
place, *arguments = sys.argv[1:]
seen = []

def hook(event, given):
    if event == "import" and threading.current_thread() is not threading.main_thread():
        seen.append([threading.current_thread().name, str(given[0])])

sys.addaudithook(hook)
from showcase.cli import main
try:
    main(arguments)
except SystemExit as end:
    code = end.code
with open(place, "w") as file:
    json.dump({"code": code, "seen": seen}, file)
"""


def test_one_thread_imports(tmp_path: Path) -> None:
    """Two that import at once may wait for each other, and one is then told of a deadlock."""
    place = tmp_path / "seen.json"
    told = [sys.executable, "-c", IN_THREADS, str(place), "run", "--engine", "rehearsal", "--out", "out"]
    done = subprocess.run(told, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240)
    assert json.loads(place.read_text("utf-8")) == {"code": 0, "seen": []}, done.stderr


def test_nothing_is_imported_for_a_server_that_comes_later(tmp_path: Path) -> None:
    """It is asked what it is when it is first seen: by code that the command cannot have rewritten."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    place, begun = tmp_path / "seen.json", tmp_path / "begun"
    command = (
        f"import pathlib, socket, time\npathlib.Path({str(begun)!r}).touch()\nuntil = time.monotonic() + 20\n"
        f"while time.monotonic() < until and socket.socket().connect_ex(('127.0.0.1', {port})):\n    time.sleep(0.05)\n"
        "time.sleep(1)"
    )
    served = threading.Event()

    def serve_late() -> None:
        while not begun.exists() and not served.wait(0.05):
            pass
        with http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler) as server:
            server.timeout = 0.1
            while not served.is_set():
                server.handle_request()

    late = threading.Thread(target=serve_late)
    late.start()
    told = [sys.executable, "-c", SCRIPT, AUDIT[0], str(place), AUDIT[1], "audit", "--allow", f"127.0.0.1:{port}", "--"]
    try:
        done = subprocess.run(
            [*told, sys.executable, "-c", command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
    finally:
        served.set()
        late.join()
    seen = json.loads(place.read_text(encoding="utf-8"))
    assert seen["began"], done.stderr
    assert seen["new"] == []


def test_an_audit_asks_a_server_what_it_is_without_the_client_library(tmp_path: Path) -> None:
    """On import that library makes a client, and reads all certificates for it."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "showcase", "audit", "--", sys.executable, "-c", ""],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time")}
    assert "showcase.engines.ollama" in loaded
    assert "ollama" not in loaded
