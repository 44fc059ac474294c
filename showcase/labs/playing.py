"""Plays an answer of a lab: its solution, for who looks or comes late, and the wrong ones, for the lab's own test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError
from showcase.labs import programs
from showcase.labs.notebook import directory_of
from showcase.labs.starting import filled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from showcase.labs.lab import Act, Answer, Lab

LIMIT_S = 240.0
"""Seconds that one act may take."""


class ActError(ShowcaseError):
    """An act of an answer did not end as it says."""


def play(lab: Lab, answer: Answer, root: Path, tell: Callable[[str], None] = lambda _line: None) -> None:
    """Do what an answer does, in the participant's directory.

    Args:
        lab: Which.
        answer: Its solution, or another.
        root: The participant's directory.
        tell: Is told each command before it runs.

    Raises:
        ActError: A command ended in another way than the answer says.
    """
    place = directory_of(root, lab.number).absolute()
    with programs.environment(place, engine=answer.engine) as around:
        for act in answer.acts:
            _do(lab, act, place, around, tell)


def _do(lab: Lab, act: Act, place: Path, around: dict[str, str], tell: Callable[[str], None]) -> None:
    if act.remove is not None:
        tell(f"remove {act.remove}")
        path = place / act.remove
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif act.copy is not None and act.to is not None:
        tell(f"write {act.to}")
        source, target = lab.folder / act.copy, place / act.to
        shutil.copytree(source, target, dirs_exist_ok=True) if source.is_dir() else shutil.copyfile(source, target)
    else:
        _run(act, place, around, tell)


def _run(act: Act, place: Path, around: dict[str, str], tell: Callable[[str], None]) -> None:
    words = [filled(word, place, python=programs.PYTHON) for word in act.command]
    tell(" ".join(words))
    if words[0] == "showcase":
        words[:1] = [programs.PYTHON, "-m", "showcase"]
    elif words[0] == "python":
        words[0], around = programs.PYTHON, around | programs.BESIDE
    ran = programs.run(words, around | act.variables, place, typed=act.typed, timeout_s=LIMIT_S)
    if act.output is not None:
        (place / act.output).write_text(ran.out, encoding="utf-8")
    if ran.status not in act.exit:
        ended = "took too long" if ran.status is None else f"ended with {ran.status}"
        raise ActError(
            f"{' '.join(act.command)} {ended}: {ran.last_line}",
            hint="see what this machine lacks: showcase doctor",
        )
