"""A command that cannot be run: why, and what makes it run."""

from __future__ import annotations

import errno
import os
import platform
import shutil
import stat
import struct
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.audit import windows
from showcase.errors import ShowcaseError
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEAD_BYTES = 4096
_AUDIT = "showcase audit -- "
_INTERPRETED = {".py": "python3", ".js": "node", ".mjs": "node", ".rb": "ruby", ".pl": "perl", ".bash": "bash"}
_MACHINES = {3: "i686", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 62: "x86_64", 183: "aarch64"}
_MACHINES |= {243: "riscv64", 258: "loongarch64"}
"""Numbers of e_machine in `elf.h`, with the names that uname(1) has for them."""

_FOREIGN = {b"MZ": "Windows", b"\xcf\xfa\xed\xfe": "macOS", b"\xca\xfe\xba\xbe": "macOS or Java"}


def not_run(
    command: Sequence[str], error: int | OSError, environment: Mapping[str, str], cwd: Path | None
) -> ShowcaseError:
    """Return why the kernel would not run a command, with the command that mends it.

    Args:
        command: Program and arguments, as they were given.
        error: The kernel's errno, or the error that has it; 0 where the process was ended before it asked.
        environment: The command's own; its PATH is where the program was looked for.
        cwd: Where it was to run, None for here.
    """
    if isinstance(error, OSError):
        told = windows.reason(command, error)
        if told is not None:
            return ShowcaseError(f"cannot run {command[0]}: {told[0]}; nothing was audited", hint=told[1])
        error = error.errno or 0
    if error == 0:
        return ShowcaseError(
            f"{command[0]} was not run: its process was killed before it could begin",
            hint=f"try again; where memory is short the kernel kills what is new: {here().free_memory()}",
        )
    file = found(command[0], environment, cwd)
    why, hint = _reason(command, error, file)
    return ShowcaseError(f"cannot run {command[0]}: {why}; nothing was audited", hint=hint)


def never_ran(
    command: Sequence[str], records: Sequence[Mapping[str, Any]], environment: Mapping[str, str], cwd: Path | None
) -> ShowcaseError | None:
    """Return why a command was never run, from what its supervisor wrote down; None where it ran, or may have."""
    by_event = {record["event"]: record for record in records}
    if (unrun := by_event.get("not run")) is not None:
        return not_run(command, unrun["errno"], environment, cwd)
    if (refused := by_event.get("refused")) is not None:
        return ShowcaseError(
            f"{command[0]} was not run, because it could not have been watched: {refused['stage']}: "
            f"{os.strerror(refused['errno'])}",
            hint="see what this machine allows: showcase doctor",
        )
    if "launched" not in by_event:
        return ShowcaseError(f"{command[0]} was not run: its supervisor ended before it", hint="try again")
    return None


def found(program: str, environment: Mapping[str, str], cwd: Path | None) -> Path | None:
    """Return the file that a program's name means, executable or not; None where there is none."""
    if os.sep in program or (os.altsep and os.altsep in program):
        place = (cwd or Path()) / program
        return place if os.path.lexists(place) else None
    path = environment.get("PATH")
    runs = shutil.which(program, path=path)
    if runs is not None:
        return Path(runs)
    places = (Path(part or ".") / program for part in (os.defpath if path is None else path).split(os.pathsep))
    return next((place for place in places if os.path.isfile(place)), None)  # noqa: PTH113 - where we may not look there is none for us


def _reason(command: Sequence[str], error: int, file: Path | None) -> tuple[str, str]:
    if error == errno.E2BIG:
        return (
            "its arguments and its environment together are too long for this system",
            f"put them into a file, or hand them over in parts; {here().longest_line()}",
        )
    if file is None:
        return "there is no such program", "give it as you would to the shell, after --"
    told = _of_file(command, error, file)
    if told is not None:
        return told
    if error == errno.ETXTBSY:
        return "its file is open for writing", f"wait until it is written: {here().who_has_open(file)}"
    return os.strerror(error), f"look at it: {here().listing(file)}; {here().kind_of(file)}"


def _of_file(command: Sequence[str], error: int, file: Path) -> tuple[str, str] | None:
    """Return what is wrong with the file itself."""
    try:
        mode, head = _looked_at(file)
    except FileNotFoundError:
        return "it is a link that leads nowhere", f"see where: {here().target_of(file)}"
    except OSError as trouble:
        return trouble.strerror or "it cannot be looked at", f"look at it: {here().listing(file)}"
    if not stat.S_ISREG(mode):
        is_directory = stat.S_ISDIR(mode)
        return "it is a directory" if is_directory else "it is no file", f"name a program: {here().listing(file)}"
    if os.name == "nt":
        return windows.not_a_program(command)
    if head.startswith(b"#!"):
        return _of_script(command, error, file, head)
    if error == errno.EACCES:
        return _not_allowed(command, file, head)
    if head.startswith(b"\x7fELF"):
        return _of_binary(error, head)
    return _of_text(command, file, head) if error == errno.ENOEXEC else None


def _looked_at(file: Path) -> tuple[int, bytes]:
    """Return a file's mode and how it begins, as far as we may read it: one that may be run need not be readable."""
    mode = file.stat().st_mode
    if stat.S_ISREG(mode):
        with suppress(PermissionError), file.open("rb") as opened:
            return mode, opened.read(_HEAD_BYTES)
    return mode, b""


def _of_script(command: Sequence[str], error: int, file: Path, head: bytes) -> tuple[str, str] | None:
    """Return what is wrong with a script that names its interpreter."""
    line = head[2:].split(b"\n")[0]
    words = line.split()
    if line.endswith(b"\r"):
        return (
            "its first line ends as lines end on Windows, so its interpreter is looked for under another name",
            here().end_lines_as_here(file),
        )
    if not words:
        return "its first line names no interpreter", _under(command, file, head)
    interpreter = Path(os.fsdecode(words[0]))
    if not interpreter.exists():
        return (
            f"its first line asks for {interpreter}, which is not there",
            f"install that, or name another: {_under(command, file, head)}",
        )
    if interpreter.is_dir() or not os.access(interpreter, os.X_OK):
        return f"its first line asks for {interpreter}, which is no program", _under(command, file, head)
    return _not_allowed(command, file, head) if error == errno.EACCES else None


def _not_allowed(command: Sequence[str], file: Path, head: bytes) -> tuple[str, str]:
    try:
        no_programs = os.statvfs(file).f_flag & getattr(os, "ST_NOEXEC", 0)
    except (OSError, AttributeError):
        no_programs = 0
    if no_programs:
        return (
            "it lies in a file system that holds no programs (noexec)",
            f"copy it elsewhere, or: {_under(command, file, head)}",
        )
    if os.access(file, os.X_OK):
        return "this user may not run it", f"see what forbids it: {here().way_to(file)}"
    if head.startswith(b"\x7fELF"):
        return "it is not marked as executable", here().make_runnable(file)
    return "it is not marked as executable", f"{here().make_runnable(file)}, or: {_under(command, file, head)}"


def _of_binary(error: int, head: bytes) -> tuple[str, str] | None:
    order = ">" if head[5:6] == b"\x02" else "<"
    if len(head) < 64:  # noqa: PLR2004 - the header's size
        return "it is a program that was cut off", "copy or build it again"
    (machine,) = struct.unpack_from(f"{order}H", head, 18)
    name = _MACHINES.get(machine, f"machine {machine}")
    loader = _loader(head, order)
    if error == errno.ENOENT and loader and not Path(loader).exists():
        return f"it needs the loader {loader}, which is not there", f"install the package that has {loader}"
    if name != platform.machine():
        return f"it is a program for {name}, and this is {platform.machine()}", f"get it for {platform.machine()}"
    return None


def _loader(head: bytes, order: str) -> str | None:
    """Return the dynamic loader that a program of 64 bits asks for, from its program headers (elf(5))."""
    if head[4:5] != b"\x02":
        return None
    (offset,) = struct.unpack_from(f"{order}Q", head, 32)
    size, count = struct.unpack_from(f"{order}HH", head, 54)
    for number in range(count):
        at = offset + number * size
        if at + 40 > len(head):
            return None
        if struct.unpack_from(f"{order}I", head, at)[0] == 3:  # noqa: PLR2004 - PT_INTERP
            begin, _, _, length = struct.unpack_from(f"{order}QQQQ", head, at + 8)
            return os.fsdecode(head[begin : begin + length].rstrip(b"\0"))
    return None


def _of_text(command: Sequence[str], file: Path, head: bytes) -> tuple[str, str]:
    if not head:
        return "its file is empty", f"look at it: {here().listing(file)}"
    foreign = next((system for magic, system in _FOREIGN.items() if head.startswith(magic)), None)
    if foreign is not None:
        return f"it is a program for {foreign}", "get it for this system"
    if b"\0" in head:
        return "it is no program that this system knows", f"see what it is: {here().kind_of(file)}"
    why = "it is a script whose first line names no interpreter; a shell would read it, the kernel does not"
    return why, _under(command, file, head)


def _under(command: Sequence[str], file: Path, head: bytes) -> str:
    """Return the audit of the same script, read by the interpreter that it is most likely for."""
    named = head.split(b"\n")[0].rstrip(b"\r").rpartition(b"/")[2].split()[-1:] if head.startswith(b"#!") else []
    usual = os.fsdecode(named[0]) if named else ""
    interpreter = usual if usual and shutil.which(usual) else _INTERPRETED.get(file.suffix, "sh")
    return _AUDIT + here().joined((interpreter, str(file) if os.sep not in command[0] else command[0], *command[1:]))
