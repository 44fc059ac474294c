"""A program that is to be run on Windows: which file its name means, and why the system would not run it."""

from __future__ import annotations

import os
import shutil
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_PATHEXT = ".COM;.EXE;.BAT;.CMD"
"""What it is where nobody set it."""

_OF_A_PATH = "\\/:"

_INTERPRETED = {
    ".py": "py",
    ".pyw": "py",
    ".ps1": "powershell -File",
    ".js": "node",
    ".mjs": "node",
    ".jar": "java -jar",
    ".rb": "ruby",
    ".pl": "perl",
    ".sh": "bash",
    ".bash": "bash",
}

_NO_PROGRAM = 193
_REASONS: dict[int, tuple[str, str]] = {
    2: (
        "there is no such program",
        "give it as you would to the shell, after --; what it means there: where.exe {word}",
    ),
    3: (
        "there is no such directory",
        "give it as you would to the shell, after --; what it means there: where.exe {word}",
    ),
    5: ("this user may not run it", "see who may: icacls {word}"),
    206: (
        "its arguments are together too long for this system, which takes 32,767 characters",
        "put them into a file, or hand them over in parts",
    ),
    216: ("it is a program for another kind of machine", "get it for this one: echo %PROCESSOR_ARCHITECTURE%"),
    225: ("the virus protection of this machine forbids it", "see what it found: Windows Security, Protection history"),
    740: ("it asks for the rights of an administrator", "audit it from a shell that was opened as administrator"),
    1260: ("a policy of this machine forbids it", "ask whoever looks after this machine"),
    4551: ("a policy of this machine forbids it", "ask whoever looks after this machine"),
}
"""Codes of CreateProcess, as winerror.h has them: not found (file, path), access denied, file name too long, machine
type mismatch, virus infected, elevation required, disabled by policy, violates the integrity policy."""


def found(program: str, environment: Mapping[str, str], cwd: Path | None) -> str | None:
    """Return the file that a program's name means, None where there is none: PATHEXT says what may be left out.

    Args:
        program: As it was typed.
        environment: The command's own, its names in capitals.
        cwd: Where it is to run, None for here.
    """
    if not any(mark in program for mark in _OF_A_PATH):
        return shutil.which(program, path=environment.get("PATH"))
    place = os.path.join(cwd, program) if cwd else program  # noqa: PTH118 - "./x" must stay a path
    return next(filter(os.path.isfile, _spelled(place, environment.get("PATHEXT") or _PATHEXT)), None)


def _spelled(place: str, extensions: str) -> Iterator[str]:
    """Yield what a path may mean: with an extension of programs itself, else with each of them behind it."""
    known = [each for each in extensions.split(";") if each]
    if place.lower().endswith(tuple(each.lower() for each in known)):
        yield place
    yield from (place + each for each in known)


def reason(command: Sequence[str], error: OSError) -> tuple[str, str] | None:
    """Return why Windows would not run a command, and what mends it; None where the error is another system's."""
    code = getattr(error, "winerror", None)
    if code is None:
        return None
    word = quoted(command[0])
    if code == _NO_PROGRAM:
        return not_a_program(command)
    if code in _REASONS:
        why, hint = _REASONS[code]
        return why, hint.format(word=word)
    return error.strerror or f"error {code} of Windows", f"look at it: dir {word}"


def not_a_program(command: Sequence[str]) -> tuple[str, str]:
    """Return what to do with a file that Windows opens, and does not run."""
    suffix = PureWindowsPath(command[0]).suffix.lower()
    interpreter = _INTERPRETED.get(suffix)
    if interpreter is None:
        return "it is no program that this system knows", f"see what it is: assoc {suffix}" if suffix else (
            f"name a program: {_PATHEXT.lower().replace(';', ', ')}"
        )
    words = " ".join(quoted(word) for word in command)
    return "it is a script, which this system opens and does not run", f"showcase audit -- {interpreter} {words}"
