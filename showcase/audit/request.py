"""What an audit is asked to do."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from showcase.audit import authority, windows
from showcase.audit.unrun import found, not_run
from showcase.errors import UsageError
from showcase.evidence import Rule, Sealing

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One command and how it is to be watched.

    Attributes:
        command: Program and arguments.
        environment: The command's own environment, as given.
        cwd: Where it runs, None for here.
        stdin: A file for its standard input, None for ours.
        stdout_to_stderr: Send its output where our messages go, because ours is a document.
        rules: What it may contact.
        sealing: What it runs in.
        bridges: Whether allowed loopback ports lead out of the seal.
        reveal: Whether the sink reads what would have left, with a certificate that the command is told to trust.
        limit_s: How long it may take, None for as long as it likes.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    rules: tuple[Rule, ...]
    cwd: Path | None = None
    stdin: Path | None = None
    stdout_to_stderr: bool = False
    sealing: Sealing = "none"
    bridges: bool = True
    reveal: bool = False
    limit_s: float | None = None

    def check(self) -> None:
        """Raise where the command cannot be started at all.

        Raises:
            UsageError: There is no such program or directory.
            ShowcaseError: What there is cannot be run, or what is said under TLS cannot be revealed.
        """
        if self.reveal:
            authority.check()
        if self.cwd is not None and not self.cwd.is_dir():
            raise UsageError(f"{self.cwd} is no directory", hint="give one that is there: --cwd DIR")
        if self._found() is not None:
            return
        program = self.command[0]
        if found(program, self.environment, self.cwd) is None:
            raise UsageError(f"there is no program {program}", hint="give it as you would to the shell, after --")
        raise not_run(self.command, errno.EACCES, self.environment, self.cwd)

    @property
    def launched(self) -> tuple[str, ...]:
        """The command as the system is asked to run it.

        Windows itself adds `.exe` alone to a name, and looks for it on our PATH, not on the command's.
        """
        found = self._found() if os.name == "nt" else None
        return self.command if found is None else (os.path.abspath(found), *self.command[1:])  # noqa: PTH100 - a link stays one

    @property
    def program(self) -> Path:
        """Where the program lies, as far as that can be told."""
        return Path(self._found() or self.command[0])

    def _found(self) -> str | None:
        program = self.command[0]
        if os.name == "nt":
            return windows.found(program, self.environment, self.cwd)
        place = str(self.cwd / program) if self.cwd and os.sep in program else program
        return shutil.which(place, path=self.environment.get("PATH"))


def duration_s(text: str) -> float:
    """Return the seconds that `8s`, `2m`, `500ms`, `1h` or `8` mean.

    Raises:
        UsageError: It is no duration, or none at all.
    """
    found = _DURATION.fullmatch(text.strip())
    seconds = float(found[1]) * _UNITS_S[found[2]] if found else 0.0
    if seconds <= 0:
        raise UsageError(f"{text!r} is no duration", hint="give one like 8s, 2m or 500ms")
    return seconds
