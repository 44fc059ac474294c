"""An audit on Windows: what it can tell and says it cannot, and which file a program's name means."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from showcase.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conftest import There

pytestmark = pytest.mark.windows


def audit(windows: There, *arguments: str, **asked: Any) -> Mapping[str, Any]:
    return windows.driven(windows.showcase("audit", *arguments), **asked)


@pytest.fixture
def tools(windows: There) -> Path:
    place = windows.here / "tools"
    place.mkdir(exist_ok=True)
    (place / "tool.cmd").write_text("@echo told by a tool: %1\r\n@exit /b 7\r\n")
    (place / "script.py").write_text("print('told by a script')")
    return place


def test_what_is_contacted_is_found_by_looking_and_named_by_the_hook(windows: There) -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        port = outside.getsockname()[1]
        script = f"import socket, time; held = socket.create_connection(('127.0.0.1', {port})); time.sleep(3)"
        came_to = audit(windows, "--json", "--", *windows.with_hook().python_command("-c", script))
    document = json.loads(came_to["out"])
    egress = next(claim for claim in document["claims"] if claim["id"] == "egress")
    assert (came_to["status"], egress["status"]) == (ExitCode.BROKEN, "broken")
    (row,) = [row for row in document["connections"] if (row["kind"], row["port"]) == ("connect", port)]
    assert sorted(row["witnesses"]) == ["hook", "sockets"]


def test_a_lookup_of_a_plain_machine_name_is_seen(windows: There) -> None:
    """Windows asks the local network for names without a dot, too: NetBIOS and LLMNR."""
    script = "import socket\ntry: socket.getaddrinfo('no-such-machine', 80)\nexcept OSError: pass"
    came_to = audit(windows, "--json", "--", *windows.with_hook().python_command("-c", script))
    rows = [row for row in json.loads(came_to["out"])["connections"] if row["kind"] == "lookup"]
    assert [row["name"] for row in rows] == ["no-such-machine"]


@pytest.mark.parametrize(
    "script",
    [
        "import asyncio, time; asyncio.run(asyncio.sleep(1))",
        "import socket, time; held = socket.socketpair(); time.sleep(1)",
    ],
)
def test_a_pair_that_is_a_connection_here_contacts_nobody(windows: There, script: str) -> None:
    came_to = audit(windows, "--json", "--", *windows.with_hook().python_command("-c", script))
    document = json.loads(came_to["out"])
    assert came_to["status"] == ExitCode.UPHELD, document["claims"]
    assert next(claim["level"] for claim in document["claims"] if claim["id"] == "egress") == "sampled"
    assert any(row["peer"] == "watched" for row in document["connections"])


def test_two_processes_that_speak_by_multiprocessing_contact_nobody(windows: There) -> None:
    (windows.here / "two.py").write_text(
        "import multiprocessing\n"
        "def answer(end): end.send(end.recv() + 1)\n"
        "if __name__ == '__main__':\n"
        "    ours, theirs = multiprocessing.Pipe()\n"
        "    other = multiprocessing.Process(target=answer, args=(theirs,))\n"
        "    other.start(); ours.send(1); print('came', ours.recv()); other.join()\n"
    )
    came_to = audit(windows, "--", *windows.with_hook().python_command(str(windows.there / "two.py")))
    assert "came 2" in came_to["out"]
    assert came_to["status"] == ExitCode.UPHELD, came_to


def test_a_seal_is_refused_with_what_works_instead(windows: There) -> None:
    came_to = audit(windows, "--seal", "--", *windows.python_command("-c", "print('ran')"))
    assert came_to["status"] == ExitCode.ENVIRONMENT
    assert "there is no seal on this system" in came_to["err"]
    assert "sockets and hook watch" in came_to["err"]
    assert "ran" not in came_to["out"]


@pytest.mark.parametrize("path", ["PATH", "Path"])
def test_a_batch_file_is_found_on_the_path_of_the_command(windows: There, tools: Path, path: str) -> None:
    folder = str(windows.there / tools.name)
    came_to = audit(windows, "--env", f"{path}={folder}", "--", "tool", "hello")
    assert "told by a tool: hello" in came_to["out"]
    assert "ended with exit status 7" in came_to["err"]


@pytest.mark.parametrize("name", [".\\tool", "./tool", ".\\TOOL.CMD"])
def test_a_batch_file_is_found_where_the_command_runs(windows: There, tools: Path, name: str) -> None:
    came_to = audit(windows, "--cwd", str(windows.there / tools.name), "--", name, "hello")
    assert "told by a tool: hello" in came_to["out"], came_to


def test_a_script_that_the_system_only_opens_gets_its_interpreter_named(windows: There, tools: Path) -> None:
    script = str(windows.there / tools.name / "script.py")
    came_to = audit(windows, "--", script)
    assert came_to["status"] == ExitCode.ENVIRONMENT
    assert f"audit -- py {script}" in came_to["err"]


def test_names_that_differ_in_case_are_one_file(windows: There) -> None:
    places = (windows.there / "Log.json", windows.there / "log.JSON")
    came_to = audit(windows, "--log", str(places[0]), "--report", str(places[1]), "--", windows.python, "-c", "pass")
    assert came_to["status"] == ExitCode.USAGE, came_to
    assert "is the same file as" in came_to["err"]
