"""What ends an audit or a run is in memory before the first foreign program starts, which may rewrite this one."""

from __future__ import annotations

import json
import subprocess
import sys
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
        (RUN, ["run", "--engine", "rehearsal", "--out", "out", "--json"], 0),
    ],
    ids=["audit", "audit as JSON", "audit that finds", "run", "run as JSON"],
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
