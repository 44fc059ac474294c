"""Whether a client was clean and its server was not, and whether the server's cloud was then switched off."""

from __future__ import annotations

import secrets
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.evidence import addresses
from showcase.labs import programs
from showcase.labs.workspace import NothingToSeeError, judged, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Logged, Workspace

CLIENT, SERVER, PROGRAM = "client.py", "daemon.py", "both.py"
CLOUD = "http://cloud.example.test"
ANSWERS = ("a local answer", "the cloud is switched off")
"""Of the server: by its own model, and of a name of the cloud."""

LIMIT_S = 30.0


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what the three logs say, and what the program does with a prompt of our own."""
    folder = "recorded/" if workspace.recorded else ""
    yield clean(audit_of(workspace, f"{folder}client.json", CLIENT))
    both = audit_of(workspace, f"{folder}both.json", PROGRAM)
    said = [request for request in both.run.requests if request.method is not None]
    yield judged(
        "left",
        f"{sealing(both)}: egress is {both.status('egress')}; said: {listed([str(each) for each in said])}",
        holds=both.status("egress") == "broken" and bool(said),
    )
    if not said:
        raise NothingToSeeError(f"{both.path.name} has no request that was made: audit it with --seal=sink")
    host, path = workspace.finding("host").lower(), workspace.finding("path").rstrip("/")
    yield judged(
        "whom",
        f"you say {path} of {host}",
        holds=any(host.removeprefix("http://") in (each.name, each.host) and path == each.path for each in said),
    )
    off = audit_of(workspace, f"{folder}off.json", PROGRAM)
    silent = sealing(off) != "not sealed" and off.status("egress") == "upheld"
    yield judged("off", f"{sealing(off)}: egress is {off.status('egress')}", holds=silent)
    if not silent:
        raise NothingToSeeError("the cloud is not switched off yet, by your own audit")
    yield once_more(workspace)


def audit_of(workspace: Workspace, name: str, program: str) -> Logged:
    """Return the log of an audit of a program that ended well.

    Raises:
        NothingToSeeError: It is of something else.
    """
    log = workspace.log(name)
    command = log.run.command
    if command is None or not any(Path(word).name == program for word in command.arguments):
        raise NothingToSeeError(f"{name} is no audit of {program}")
    if command.exit_code != 0:
        raise NothingToSeeError(f"{program} did not end well in {name}: exit status {command.exit_code}")
    return log


def sealing(log: Logged) -> str:
    """Return how the command of an audit ran."""
    return "not sealed" if log.run.command is None or log.run.command.sealing == "none" else "sealed"


def clean(log: Logged) -> Check:
    """Look at the audit of the client alone."""
    rows = [row for row in log.run.connections if row.kind in ("connect", "send") and row.address is not None]
    reached = sorted({f"{row.address}:{row.port}" for row in rows})
    here = all(addresses.is_loopback(row.address or "") for row in rows)
    told = f"it contacted {listed(reached)}, and egress is {log.status('egress')}"
    return judged("clean", told, holds=bool(reached) and here and log.status("egress") == "upheld")


def once_more(workspace: Workspace) -> Check:
    """Run the program elsewhere, with a name and a prompt that it does not know: in a seal, or to a decoy."""
    name, prompt = f"model-{secrets.token_hex(4)}:cloud", f"the door code is {secrets.randbelow(10**6):06}"
    answers = [f"{answer} {secrets.token_hex(8)}" for answer in ANSWERS]
    with tempfile.TemporaryDirectory() as new:
        elsewhere = Path(new)
        shutil.copyfile(workspace.given / CLIENT, elsewhere / CLIENT)
        server = (workspace.given / SERVER).read_text("utf-8")
        for answer, ours in zip(ANSWERS, answers, strict=True):  # what nobody knows who has not asked it
            server = server.replace(answer, ours)
        (elsewhere / SERVER).write_text(server, "utf-8")
        shutil.copyfile(workspace.file(PROGRAM), elsewhere / PROGRAM)
        asked = (str(elsewhere / PROGRAM), name, prompt)
        silent, told, out = (to_a_decoy if workspace.recorded else in_a_seal)(workspace, elsewhere, asked)
    local, refused = (
        any(line.startswith(said) and answer in line for line in out.splitlines())
        for said, answer in zip(("small: status 200", f"{name}: status 403"), answers, strict=True)
    )
    seen = f"{told}; the local model {'answered' if local else 'did not answer'}"
    seen += f", the cloud name was {'refused' if refused else 'not refused'}"
    return judged("mended", seen, holds=silent and local and refused)


def in_a_seal(workspace: Workspace, elsewhere: Path, asked: tuple[str, ...]) -> tuple[bool, str, str]:
    """Audit it: whether it was silent, what was seen, and what it said."""
    log = elsewhere / "audit.json"
    around = ("--seal=sink", "--for", f"{LIMIT_S:.0f}s", "--log", str(log))
    ran = workspace.showcase("audit", *around, "--", programs.PYTHON, *asked)
    if not log.is_file():
        raise NothingToSeeError(f"{PROGRAM} could not be audited: {ran.trouble}")
    status = workspace.log(str(log)).status("egress")
    return status == "upheld", f"egress is {status}", ran.out


def to_a_decoy(workspace: Workspace, elsewhere: Path, asked: tuple[str, ...]) -> tuple[bool, str, str]:
    """Run it where the name of the cloud is that of a listener on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as decoy:
        address = f"http://127.0.0.1:{decoy.getsockname()[1]}"
        server = elsewhere / SERVER
        server.write_text(server.read_text("utf-8").replace(CLOUD, address), "utf-8")
        with programs.environment(workspace.here, engine=False) as around:
            ran = programs.run((programs.PYTHON, *asked), around, elsewhere, timeout_s=LIMIT_S)
        decoy.setblocking(False)
        came = False
        with suppress(BlockingIOError):  # nobody waits
            decoy.accept()[0].close()
            came = True
    return not came, f"the cloud was {'contacted' if came else 'not contacted'}", ran.out
