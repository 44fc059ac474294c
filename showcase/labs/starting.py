"""Lays out what a participant is given at the start of a lab."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from showcase.documents import regular_file
from showcase.errors import StoreError
from showcase.labs.notebook import directory_of
from showcase.shell import here

if TYPE_CHECKING:
    from pathlib import Path, PurePath

    from showcase.labs.lab import Lab, Step

_HERE = re.compile(r"\{here\}((?:/[\w.-]+)*)")
"""With what lies below, so that a path is spelled as this system spells it."""

RUN = "recorded"
"""Where the recorded run lies in the participant's directory."""


def lay_out(lab: Lab, root: Path, *, recorded: bool) -> Path:
    """Make the participant's directory of a lab, with what is given; return it.

    Raises:
        StoreError: It cannot be written.
    """
    place = directory_of(root, lab.number)
    try:
        place.mkdir(mode=0o700)
        if lab.given.is_dir():
            _copy(lab.given, place)
        if recorded:
            (place / RUN).mkdir(mode=0o700)
            _copy(lab.recorded, place / RUN)
    except OSError as error:
        raise StoreError(
            f"cannot lay out lab {lab.number} in {place}: {error.strerror or error}",
            hint=f"see the space there: {here().free_space(root)}",
        ) from error
    return place


def _copy(source: Path, target: Path) -> None:
    """Copy files and directories, without their permissions: a package may be installed read-only.

    A link to a file is one (some installers make such), a link to a directory may lead round in a circle.
    """
    for path in sorted(source.iterdir()):
        if path.name == "__pycache__":
            continue
        is_directory = path.is_dir() and not path.is_symlink()
        if not is_directory:
            regular_file.check(path, path.stat())  # a device has no end
        if is_directory:
            (target / path.name).mkdir(mode=0o700)
            _copy(path, target / path.name)
        else:
            shutil.copyfile(path, target / path.name)


def steps(lab: Lab, *, recorded: bool) -> tuple[Step, ...]:
    """Return what is to be done by hand."""
    return lab.frame.recorded_steps if recorded else lab.frame.steps


def filled(word: str, place: PurePath, *, python: str) -> str:
    """Return a word of a command, or a text, with the participant's own places in it."""
    here_and_below = _HERE.sub(lambda found: str(place.joinpath(*found[1].split("/"))), word)
    return here_and_below.replace("{python}", python)
