"""Plays answers of labs, each beginning once: many share what they do first, and runs take seconds."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.labs import playing, verifying
from showcase.labs.notebook import Check, directory_of, new_page
from showcase.labs.starting import lay_out

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.labs.lab import Answer, Lab


class Player:
    """Plays the answers of one lab in one place; what two of them begin with is done once and copied back."""

    def __init__(self, lab: Lab, base: Path) -> None:
        self.lab = lab
        self.root = base / "participant"
        self.root.mkdir()
        self._kept = base / "kept"
        self._kept.mkdir()
        self._states: dict[tuple[bool, bool, tuple[str, ...]], Path] = {}

    @property
    def place(self) -> Path:
        return directory_of(self.root, self.lab.number)

    def play(self, answer: Answer) -> None:
        """Bring the place to where an answer leads."""
        done = max(
            (key for key in self._states if key == self._key(answer, len(key[2]))),
            key=lambda key: len(key[2]),
            default=None,
        )
        shutil.rmtree(self.place, ignore_errors=True)
        if done is None:
            lay_out(self.lab, self.root, recorded=answer.recorded)
        else:
            shutil.copytree(self._states[done], self.place, symlinks=True)
        begin = 0 if done is None else len(done[2])
        for at in range(begin, len(answer.acts)):
            playing.play(self.lab, replace(answer, acts=answer.acts[at : at + 1]), self.root)
            self._keep(self._key(answer, at + 1))

    def again(self, answer: Answer) -> None:
        """Do all that an answer does once more, where it was done already."""
        playing.play(self.lab, answer, self.root)

    def look(self, answer: Answer) -> tuple[Check, ...]:
        page = replace(
            new_page(self.lab.number, answer.prediction, recorded=answer.recorded), findings=dict(answer.findings)
        )
        return verifying.verify(self.lab, self.root, page)

    @staticmethod
    def _key(answer: Answer, count: int) -> tuple[bool, bool, tuple[str, ...]]:
        return answer.recorded, answer.engine, tuple(map(repr, answer.acts[:count]))

    def _keep(self, key: tuple[bool, bool, tuple[str, ...]]) -> None:
        target = self._kept / str(len(self._states))
        shutil.copytree(self.place, target, symlinks=True)
        self._states[key] = target
