"""What a participant runs, for each system, and the page that says how."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from showcase.documents.resources import directory
from showcase.engines.models.sizes import show_size
from showcase.pack.platforms import PLATFORMS, PYTHONS

if TYPE_CHECKING:
    from showcase.pack.manifest import Pack

READ_ME = PurePosixPath("READ ME.txt")
FILES = ("install.py", "install_models.py", "install.sh", "install.ps1", "install.bat")
"""Of `installers/`; each written as its system ends lines."""

_OF_WINDOWS = (".ps1", ".bat", ".txt")
_PYTHONS = "@PYTHONS@"
"""Stands in a script for the Pythons that the stick has wheels for, newest first."""

COMMANDS = {
    "Linux, macOS": 'sh "install.sh"',
    "Windows": "install.bat (double click), or: powershell -ExecutionPolicy Bypass -File install.ps1",
}
"""What is typed in the directory of the stick."""


def files(pack: Pack) -> dict[PurePosixPath, bytes]:
    """Return the scripts and the page of a stick."""
    pythons = " ".join(each for each in reversed(PYTHONS) if any(each == target.python for target in pack.targets))
    texts = {name: (directory("installers") / name).read_text("utf-8").replace(_PYTHONS, pythons) for name in FILES}
    texts[str(READ_ME)] = _page(pack)
    return {
        PurePosixPath(name): text.replace("\n", "\r\n" if name.endswith(_OF_WINDOWS) else "\n").encode()
        for name, text in texts.items()
    }


def _page(pack: Pack) -> str:
    machines = [
        f"  {PLATFORMS[name].title}: Python {', '.join(t.python for t in pack.targets if t.platform == name)}"
        for name in dict.fromkeys(target.platform for target in pack.targets)
    ]
    models = [f"  {model.name}, {show_size(model.total_bytes)}" for model in pack.models] or ["  none"]
    most = show_size(max(target.unpacked_bytes for target in pack.targets))
    return "\n".join(
        [
            f"local-memory-showcase {pack.showcase}, for a room without internet.",
            "",
            "To install it, open a terminal in this folder and type",
            "",
            "  Linux, macOS:  sh install.sh",
            "  Windows:       double-click install.bat, or type",
            "                 powershell -ExecutionPolicy Bypass -File install.ps1",
            "",
            "It makes the folder local-memory-showcase in your home directory, which takes",
            f"{most} at most, and nothing else. It uses no network. Another folder: put its",
            "name behind the command. The same command again mends what was interrupted.",
            "",
            "You need Python. This stick is for",
            "",
            *machines,
            "",
            "Models, which are copied where there is an Ollama and no model of that name:",
            "",
            *models,
            "",
            "An Ollama can also use them from here (OLLAMA_NOPRUNE=1 keeps it from removing",
            "any): OLLAMA_MODELS=STICK/models OLLAMA_NOPRUNE=1 ollama serve",
            "",
            "Whether all of it is as it was written: sha256sum -c SHA256SUMS",
            "",
        ]
    )
