"""Whether telemetry was caught in a seal, its sender named, and the program then made silent for good."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.labs import programs
from showcase.labs.workspace import NothingToSeeError, judged, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Attempt
    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Logged, Workspace

PROGRAM = "phone.py"
ASKED_FOR = "MEM0_TELEMETRY=True"
LIMIT_S = 30.0
STAND_IN = """
import os, pathlib

class Memory:
    @classmethod
    def from_config(cls, config):
        pathlib.Path(os.environ["LAB_MADE"]).write_text(SWITCH)
        return cls()

SWITCH = os.environ.get("MEM0_TELEMETRY", "not set")
"""
"""In place of mem0 where nothing can be sealed: it reads the switch when mem0 does, and sends nothing."""


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what the two logs say, and what the program does in an audit of our own."""
    folder = "recorded/" if workspace.recorded else ""
    caught = sealed(workspace, f"{folder}on.json")
    found = tried(caught)
    names = sorted({row.name for row in found if row.kind == "lookup" and row.name})
    yield judged(
        "caught",
        f"sealed, egress is {caught.status('egress')}; looked up: {listed(names)}",
        holds=caught.status("egress") == "broken" and bool(names),
    )
    if not found:
        raise NothingToSeeError(f"{caught.path.name} names no package that tried to connect")
    senders = sorted({row.package.split(" > ")[0] for row in found if row.package})
    package, host = (workspace.finding(name).lower() for name in ("package", "host"))
    package = package.partition(" > ")[0]
    hosts = {name.lower() for name in names}
    yield judged(
        "named",
        f"you say that {package} asked for {host}",
        holds=package in {sender.lower() for sender in senders} and host.removeprefix("https://").rstrip("./") in hosts,
    )
    second = sealed(workspace, f"{folder}off.json")
    silent = second.status("egress") == "upheld"
    yield judged(
        "silent",
        f"sealed, egress is {second.status('egress')}; attempts by Python packages: {len(tried(second))}",
        holds=silent,
    )
    if not silent:
        raise NothingToSeeError("the program is not silent yet, by your own audit")
    yield (with_a_stand_in if workspace.recorded else in_a_seal)(workspace)


def sealed(workspace: Workspace, name: str) -> Logged:
    """Return the log of an audit of the program in a seal.

    Raises:
        NothingToSeeError: It is another's, or nothing was sealed, or the program did not end well.
    """
    log = workspace.log(name)
    command = log.run.command
    if command is None or not any(Path(word).name == PROGRAM for word in command.arguments):
        raise NothingToSeeError(f"{name} is no audit of {PROGRAM}")
    if command.sealing == "none":
        raise NothingToSeeError(f"{name} is of an audit without a seal")
    if command.exit_code != 0:
        raise NothingToSeeError(f"{PROGRAM} did not end well in {name}: exit status {command.exit_code}")
    return log


def tried(log: Logged) -> list[Attempt]:
    """Return what Python packages tried towards others."""
    return [row for row in log.run.connections if row.package is not None and row.family != "unix"]


def in_a_seal(workspace: Workspace) -> Check:
    """Audit the program once more, elsewhere, in an environment that asks for telemetry."""
    with tempfile.TemporaryDirectory() as new:
        elsewhere = Path(new)
        shutil.copyfile(workspace.file(PROGRAM), elsewhere / PROGRAM)
        command = (programs.PYTHON, str(elsewhere / PROGRAM))
        log = elsewhere / "audit.json"
        around = ("--env", ASKED_FOR, "--for", f"{LIMIT_S:.0f}s", "--log", str(log))
        ran = workspace.showcase("audit", "--seal=sink", *around, "--", *command)
        if not log.is_file():
            raise NothingToSeeError(f"{PROGRAM} could not be audited: {ran.trouble}")
        status = sealed(workspace, str(log)).status("egress")
        made = any(is_store(workspace, path.parent) for path in elsewhere.rglob("chroma.sqlite3"))
    return judged("mended", told(f"egress is {status}", made=made), holds=status == "upheld" and made)


def is_store(workspace: Workspace, place: Path) -> bool:
    """Tell whether Chroma made what lies there: a file of that name is soon made."""
    try:
        workspace.rows(str(place))
    except NothingToSeeError:
        return False
    return True


def with_a_stand_in(workspace: Workspace) -> Check:
    """Run the program with a stand-in for mem0, in an environment that asks for telemetry."""
    with tempfile.TemporaryDirectory() as new:
        stand_in, made = Path(new) / "mem0.py", Path(new) / "made"
        stand_in.write_text(STAND_IN, encoding="utf-8")
        name, _, text = ASKED_FOR.partition("=")
        variables = {name: text, "PYTHONPATH": new, "PYTHONSAFEPATH": "1", "LAB_MADE": str(made)}
        ran = workspace.run(PROGRAM, variables=variables, timeout_s=LIMIT_S)
        switch = made.read_text(encoding="utf-8") if made.is_file() else ""
    off = switch.strip().lower() not in ("true", "1", "yes", "not set")
    seen = f"when mem0 is imported, the switch stands at {switch}" if switch else f"it says: {ran.last_line[:80]}"
    return judged("mended", told(seen, made=bool(switch)), holds=bool(switch) and off)


def told(seen: str, *, made: bool) -> str:
    """Return what was seen of the program in an environment that asks for telemetry."""
    return f"asked for telemetry: {seen}, and {'its memory is made' if made else 'no memory is made'}"
