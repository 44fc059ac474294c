"""A command that never ran has no verdict, and it is said why and what would help."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from pathlib import Path

import pytest
from auditing import Audited, Auditor, audit_command

from showcase.audit.request import Request
from showcase.audit.rules import DEFAULT
from showcase.errors import ShowcaseError, UsageError

pytestmark = pytest.mark.usefixtures("watched")

WAYS = ("watched", "sealed", "alone")
UNRUN: dict[str, tuple[bytes | None, int, str, str]] = {
    "no-first-line": (b"echo hello\n", 0o755, "names no interpreter", " -- sh {file} one 'two words'"),
    "windows-lines": (b"#!/bin/sh\r\necho hello\r\n", 0o755, "end on Windows", "sed -i 's/\\r$//' {file}"),
    "no-interpreter": (b"#!/no/such/python -u\n", 0o755, "/no/such/python, which is not there", "showcase audit "),
    "no-program": (b"#!/etc\n", 0o755, "/etc, which is no program", " -- sh {file}"),
    "no-permission": (b"#!/bin/sh\necho hello\n", 0o644, "not marked as executable", "chmod +x {file}"),
    "empty": (b"", 0o755, "empty", "ls -l {file}"),
    "other-machine": (None, 0o755, "is a program for s390x", "get it for"),
    "windows-program": (b"MZ\x90\0" + bytes(100), 0o755, "a program for Windows", "get it for this system"),
    "data": (b"\0\1\2\3" * 100, 0o755, "no program that this system knows", "file {file}"),
}


def foreign_binary() -> bytes:
    header = bytearray(Path("/bin/true").resolve().read_bytes())
    header[18:20] = (22).to_bytes(2, sys.byteorder)
    return bytes(header)


def run_somehow(run: Auditor, way: str, *arguments: str) -> Audited:
    """Audit a command watched by the kernel, sealed, or where the kernel allows no second supervisor."""
    if way == "watched":
        return run(*arguments)
    if way == "sealed":
        return run("--seal", *arguments)
    outer = run("--", *audit_command("--pass-exit", *arguments))
    assert outer.run.command is not None
    assert outer.run.command.exit_code is not None
    return Audited(outer.run.command.exit_code, outer.stdout, outer.stderr, outer.log)


@pytest.mark.usefixtures("sealable")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", UNRUN)
def test_what_cannot_be_run_has_no_verdict(run: Auditor, tmp_path: Path, what: str, way: str) -> None:
    content, mode, why, hint = UNRUN[what]
    file = tmp_path / "a program"
    file.write_bytes(foreign_binary() if content is None else content)
    file.chmod(mode)
    done = run_somehow(run, way, "--", str(file), "one", "two words")
    assert done.exit_code == 4
    assert why in done.stderr
    assert hint.format(file=shlex.quote(str(file))) in done.stderr
    assert "hello" not in done.stdout
    said = done.stderr if way != "alone" else done.stderr.partition("Audited:")[0]
    assert "upheld" not in said
    assert way == "alone" or not done.log.exists()


def test_the_fix_that_is_named_is_one(run: Auditor, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("echo hello $1\n")
    script.chmod(0o755)
    hint = run("--", str(script), "you").stderr.partition("fix: ")[2].partition(" audit ")[2]
    assert run(*shlex.split(hint)).stdout == "hello you\n"


def test_the_fix_that_is_named_keeps_the_walls(run: Auditor, tmp_path: Path) -> None:
    """The same command without its options would be let out, or be ended never."""
    script = tmp_path / "script"
    script.write_text("echo hello\n")
    script.chmod(0o755)
    done = run("--seal", "--allow", "*", "--for", "9s", "--no-bridge", "--env", "A=b c", "--", str(script))
    words = shlex.split(done.stderr.partition("fix: ")[2].splitlines()[0])
    kept = ["--seal=namespace", "--allow=*", "--for=9s", "--no-bridge", "--env=A=b c", f"--log={done.log}"]
    assert sorted(words[2 : words.index("--")]) == sorted(kept)
    assert words[words.index("--") + 1 :] == ["sh", str(script)]


@pytest.mark.parametrize("way", ["watched", "alone"])
def test_a_directory_or_a_link_to_nowhere_is_no_program(run: Auditor, tmp_path: Path, way: str) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    for program, why in ((tmp_path, "directory"), (tmp_path / "link", "leads nowhere")):
        done = run_somehow(run, way, "--", str(program))
        assert (done.exit_code, why in done.stderr) == (4, True)


def test_arguments_that_are_too_long(run: Auditor) -> None:
    long = "x" * 200_000  # one argument has 128 KiB at most, however much all of them have
    try:
        done = run("--", "true", long)
    except OSError:
        pytest.skip("this system does not let the audit itself be started with them")
    assert done.exit_code == 4


def test_arguments_that_only_the_command_cannot_have(tmp_path: Path) -> None:
    request = Request(command=("true", "x" * 200_000), environment=dict(os.environ), rules=DEFAULT, cwd=tmp_path)
    from showcase.audit import audit  # noqa: PLC0415 - psutil

    with pytest.raises(ShowcaseError, match="too long") as raised:
        audit(request)
    assert raised.value.exit_code == 4
    assert "ARG_MAX" in raised.value.hint


@pytest.mark.parametrize(
    ("command", "status"),
    [(["sh", "-c", "exit 126"], 126), (["sh", "-c", "exit 127"], 127), (["sh", "-c", "./no-such-program"], 127)],
)
@pytest.mark.parametrize("way", ["watched", "sealed"])
def test_a_command_that_says_the_same_by_its_status_did_run(
    run: Auditor, command: list[str], status: int, way: str
) -> None:
    done = run_somehow(run, way, "--", *command)
    assert done.exit_code == 0, done.stderr
    assert done.run.command is not None
    assert done.run.command.exit_code == status


def test_a_file_that_is_spoilt_between_the_look_and_the_run(tmp_path: Path) -> None:
    """The check before finds a program; what the kernel finds a moment later is what counts."""
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)
    request = Request(command=(str(script),), environment=dict(os.environ), rules=DEFAULT)
    request.check()
    script.chmod(stat.S_IRUSR)
    with pytest.raises(ShowcaseError, match="not marked as executable") as raised:
        request.check()
    assert raised.value.exit_code == 4
    script.unlink()
    with pytest.raises(UsageError):
        request.check()
