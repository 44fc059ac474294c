"""What a lab is: its folder, read and found whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from showcase.evidence.fact import Fact

Need = Literal["linux", "seal"]

TEXT = "text"
"""Texts are `text.LANGUAGE.toml`."""

FALLBACK = "en"
"""The language that every lab has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Fact):
    """Something to do by hand: a command, a file to change, or, with neither, what the text says alone.

    Attributes:
        command: A command line, word by word; `{here}` is the participant's directory of this lab, `{python}` this
            Python. Where it begins with `showcase`, this program is meant.
        edit: A file to change, below that directory.
    """

    command: tuple[str, ...] = ()
    edit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame(Fact):
    """`lab.toml`: what is the same in every language.

    Attributes:
        number: The place in the course, from 1.
        minutes: What it takes, reading included.
        needs: What of a machine it needs; where that is not there, the recorded run takes the place of one.
        choices: Predictions to choose from; none: it is a sentence of one's own.
        findings: What is asked for before the look, by the names that `verify.py` knows.
        checks: What `verify.py` looks at, in its order.
        steps: What is done by hand.
        recorded_steps: Likewise, with the recorded run.
    """

    number: int
    minutes: int
    needs: tuple[Need, ...] = ()
    choices: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    checks: tuple[str, ...]
    steps: tuple[Step, ...]
    recorded_steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Fact):
    """`text.LANGUAGE.toml`: what is read, in one language. Steps, choices, findings and checks as in the frame.

    `outcome` is what happened, in a sentence: it is set beside the prediction when all is met.
    """

    title: str
    question: str
    reading: str
    prediction: str
    steps: tuple[str, ...]
    recorded_steps: tuple[str, ...] = ()
    hints: tuple[str, ...]
    outcome: str
    take_home: str
    checks: dict[str, str]
    choices: dict[str, str] = field(default_factory=dict)
    findings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Fact):
    """One thing that a played answer does; exactly one of `command`, `copy` and `remove`.

    Attributes:
        command: As in a step.
        exit: The exit statuses that it may have.
        output: A file below `{here}` that takes what it prints.
        typed: What is typed to it.
        variables: Added to its environment.
        copy: A file of the lab's folder, put where `to` says, below `{here}`.
        to: Likewise.
        remove: A file or directory below `{here}`.
    """

    command: tuple[str, ...] = ()
    exit: tuple[int, ...] = (0,)
    output: str | None = None
    typed: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    copy: str | None = None
    to: str | None = None
    remove: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Fact):
    """`solution.toml`, or a wrong answer: what somebody does, finds and predicts.

    Attributes:
        acts: What is done, in this order.
        findings: What is found, by name.
        prediction: What is predicted; of the solution, where there are choices, the one that comes true.
        engine: Whether the rehearsal engine is to listen meanwhile; OLLAMA_HOST names it then.
        recorded: Whether it is about the recorded run.
        why: Of a wrong one: why somebody would take it for right.
        fails: Of a wrong one: the checks that must not be met.
    """

    acts: tuple[Act, ...] = ()
    findings: dict[str, str] = field(default_factory=dict)
    prediction: str
    engine: bool = False
    recorded: bool = False
    why: str = ""
    fails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A lab as its folder has it.

    Attributes:
        folder: Where it lies.
        frame: What is the same in every language.
        texts: By language; English is among them.
        solution: What meets every check.
        recorded_solution: Likewise, of the recorded run; None where the lab needs nothing that a machine may lack.
        wrong: What does not, by the name of its file.
    """

    folder: Path
    frame: Frame
    texts: dict[str, Text]
    solution: Answer
    recorded_solution: Answer | None
    wrong: dict[str, Answer]

    @property
    def number(self) -> int:
        """Its place in the course."""
        return self.frame.number

    @property
    def given(self) -> Path:
        """What a participant is given at the start, if anything."""
        return self.folder / "given"

    @property
    def recorded(self) -> Path:
        """The recorded run, where there is one."""
        return self.folder / "recorded"

    def text(self, language: str) -> Text:
        """Return what is read, in English where it was not written in that language."""
        return self.texts.get(language, self.texts[FALLBACK])
