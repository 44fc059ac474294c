"""What a participant runs, for each system, and the page that says how."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from string import Template
from typing import TYPE_CHECKING

from showcase.engines.models.sizes import show_size
from showcase.pack.platforms import PLATFORMS, PYTHONS

if TYPE_CHECKING:
    from showcase.pack.manifest import Pack

FOLDER = Path(__file__).with_name("on_the_stick")
"""Scripts and a page that lie on a stick, and run there without this program."""

READ_ME = PurePosixPath("READ ME.txt")
FILES = ("install.py", "install_models.py", "install.sh", "install.ps1", "install.bat")
"""Of `FOLDER`; each written as its system ends lines."""

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
    texts = {name: (FOLDER / name).read_text("utf-8").replace(_PYTHONS, pythons) for name in FILES}
    texts[str(READ_ME)] = _page(pack)
    return {
        PurePosixPath(name): text.replace("\n", "\r\n" if name.endswith(_OF_WINDOWS) else "\n").encode()
        for name, text in texts.items()
    }


def _page(pack: Pack) -> str:
    machines = [
        f"  {PLATFORMS[name].title}: Python {', '.join(each.python for each in pack.targets if each.platform == name)}"
        for name in dict.fromkeys(target.platform for target in pack.targets)
    ]
    models = [f"  {model.name}, {show_size(model.total_bytes)}" for model in pack.models] or ["  none"]
    return Template((FOLDER / "read-me.txt").read_text("utf-8")).substitute(
        version=pack.showcase,
        most=show_size(max(target.unpacked_bytes for target in pack.targets)),
        machines="\n".join(machines),
        models="\n".join(models),
    )
