"""What the doctor says: one line for each thing looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from showcase.settings import OLLAMA, Settings
from showcase.settings.ollama_host import Place

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line.

    Attributes:
        check: What was looked at.
        level: `ok`; `warning` where a run works but something is worth knowing; `problem` where it would fail.
        message: What was found, one sentence.
        fix: The command that fixes it; empty only where all is well.
    """

    check: str
    level: Level
    message: str
    fix: str = ""

    def __post_init__(self) -> None:
        """Refuse a complaint without a way out."""
        if self.level != "ok" and not self.fix:
            raise ValueError(f"{self.check}: {self.message}: no fix given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is examined.

    Attributes:
        settings: The run that would be made.
        environ: The user's shell.
        place: How the server's address was read, and what would be a plainer one.
    """

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    place: Place = field(default=Place(endpoint=OLLAMA))


def ok(check: str, message: str) -> Finding:
    """Return a line that needs no action."""
    return Finding(check=check, level="ok", message=message)


def warning(check: str, message: str, fix: str) -> Finding:
    """Return a line that is worth knowing."""
    return Finding(check=check, level="warning", message=message, fix=fix)


def problem(check: str, message: str, fix: str) -> Finding:
    """Return a line that says why a run would fail."""
    return Finding(check=check, level="problem", message=message, fix=fix)
