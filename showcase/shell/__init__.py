"""The shell in which a person reads a hint: what to type there, by what it does.

Whoever tells somebody to type something asks here for it, so that it can be typed where it is read. Only a command of
this program, and of Ollama's, is spelled elsewhere: those are the same everywhere.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

from showcase.shell.command_prompt import CommandPrompt
from showcase.shell.git_bash import GitBash
from showcase.shell.interface import Shell
from showcase.shell.posix import Posix
from showcase.shell.powershell import PowerShell, WindowsPowerShell

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CommandPrompt",
    "GitBash",
    "Posix",
    "PowerShell",
    "Shell",
    "WindowsPowerShell",
    "here",
    "of_parents",
    "of_system",
]

_BY_PROGRAM: dict[str, type[Shell]] = {
    "powershell": WindowsPowerShell,
    "pwsh": PowerShell,
    "cmd": CommandPrompt,
    "bash": GitBash,
    "zsh": GitBash,
}


@functools.cache
def here() -> Shell:
    """Return the shell that this process was started from."""
    return of_parents(sys.platform, _parents() if sys.platform == "win32" else ())


def of_parents(platform: str, parents: Iterable[str]) -> Shell:
    """Return the shell that the nearest of its parents is; PowerShell on Windows where none is known.

    Args:
        platform: As `sys.platform` has it.
        parents: File names of the programs above, the nearest first.
    """
    if platform != "win32":
        return Posix("Darwin" if platform == "darwin" else "Linux")
    names = (name.lower().removesuffix(".exe") for name in parents)
    found = next((_BY_PROGRAM[name] for name in names if name in _BY_PROGRAM), PowerShell)
    return found()


def of_system(system: str) -> Shell:
    """Return the usual shell of a system; of PowerShell's versions the newer one, as the system does not tell.

    Args:
        system: As `platform.system` and the run log have it.
    """
    return PowerShell() if system == "Windows" else Posix(system)


def _parents() -> tuple[str, ...]:
    import psutil  # noqa: PLC0415 - heavy

    try:
        return tuple(parent.name() for parent in psutil.Process().parents())
    except (psutil.Error, OSError):
        return ()
