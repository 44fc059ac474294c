"""The result of a benchmark: one model for the terminal, the JSON document and the page.

Every figure stands in a cell under the name of its arm. What was not observed is a cell without a value, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from showcase.evidence import EngineKind, Model
from showcase.evidence.fact import Fact

SCHEMA = "local-memory-showcase/bench-result"
VERSION = 1

Scalar = bool | int | float | str | None
"""What a setting can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Fact):
    """One figure.

    Attributes:
        value: In the unit of its column; None where nothing was observed.
        low: The lower end of what the table's `interval` names; None where there is none.
        high: The upper end.
        of: From how many samples.
        note: What has to be known about this one figure.
    """

    value: bool | int | float | str | None
    low: float | None = None
    high: float | None = None
    of: int | None = None
    note: str = ""


UNOBSERVED = Cell(value=None, of=0)
"""What was to be observed, and was not."""


SKIPPED = "skipped"
"""The value of a cell of something that could not be had here; its note says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Fact):
    """What the cells of a column are.

    Attributes:
        key: Its name in the JSON document.
        title: Its head.
        unit: `s`, `ms`, `tokens`, `rows`, `MiB`, …; `share` is from 0 to 1 and shown in per cent; empty for words.
        digits: Decimals that are shown, of a share's per cent too.
    """

    key: str
    title: str
    unit: str = ""
    digits: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Fact):
    """The figures of one arm.

    Attributes:
        arm: Its name: `naive`, `distilled`, `mem0-infer`, `chroma`, …
        group: What it was measured on, such as a task, a kind of question or a size; empty where there is one alone.
        cells: By the keys of the columns; one that is not there was not measured.
    """

    arm: str
    group: str = ""
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Fact):
    """Figures of several arms.

    Attributes:
        key: Its name in the JSON document, unlike any other of its result.
        title: What it shows, in a sentence without a full stop.
        columns: From left to right.
        rows: From top to bottom; those of one group stand together.
        interval: What `low` and `high` of its cells are, such as "95 % Wilson interval" or "least and most".
        notes: What a reader has to know, a sentence each.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    interval: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Fact):
    """One point of a plot, with its spread where it has one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series(Fact):
    """The points of one arm.

    Attributes:
        arm: Its name.
        points: By ascending x.
        measured: False for what was calculated past what was measured; it is drawn with dashes and called so.
    """

    arm: str
    points: tuple[Point, ...]
    measured: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot(Fact):
    """Lines over a number, one an arm.

    Attributes:
        key: Its name in the JSON document, unlike any other of its result.
        title: What it shows.
        x_title: What runs to the right, with its unit.
        y_title: What runs upwards, with its unit.
        x_scale: A logarithmic one takes only numbers above zero.
        y_scale: Likewise.
        series: The lines.
        notes: What a reader has to know.
    """

    key: str
    title: str
    x_title: str
    y_title: str
    x_scale: Literal["linear", "log"] = "linear"
    y_scale: Literal["linear", "log"] = "linear"
    series: tuple[Series, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Fact):
    """A part of a result: what was asked, what came out, and the figures.

    Attributes:
        key: Its name in the JSON document.
        title: Its head.
        text: Paragraphs: how it was measured, what came out, also where that is not what was hoped for.
        tables: Figures.
        plots: Lines.
    """

    key: str
    title: str
    text: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine(Fact):
    """Where it was measured.

    Attributes:
        system: Name and version of the system.
        processor: Its model, empty where the system does not say.
        cores: Processors that this process may use.
        memory_bytes: Main memory.
        python: Version of Python.
        versions: Installed versions of what is measured, by package.
    """

    system: str
    processor: str
    cores: int
    memory_bytes: int
    python: str
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineUsed(Fact):
    """Which model server answered.

    Attributes:
        kind: The rehearsal engine is no language model.
        version: What the server says of itself.
        chat_model: With its digest; None where none was asked.
        embed_model: Likewise.
    """

    kind: EngineKind
    version: str
    chat_model: Model | None
    embed_model: Model | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting(Fact):
    """One stretch of measuring without a break; a measurement that was resumed has several.

    Attributes:
        began_at: UTC.
        ended_at: UTC.
        taken: Samples that were taken in it.
        load_before: Processes that wanted a processor, the system's average of the minute before; None where it has
            none.
        load_after: The same at its end: what the measurement itself did is in it.
    """

    began_at: str
    ended_at: str
    taken: int
    load_before: float | None
    load_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Fact):
    """All that a benchmark says.

    Attributes:
        schema: Always `SCHEMA`.
        version: Of this model.
        program: Version of this program.
        bench: Which benchmark.
        question: What it settles, in one sentence.
        arms: Every arm's name and what it is.
        settings: What was asked for; a measurement is resumed by the same ones alone.
        engine: None where no model server took part.
        machine: Where.
        sittings: When.
        planned: Samples that were to be taken.
        taken: Samples that were.
        quick: Whether only a glance was asked for.
        temperature: What was cold and what was warm, a sentence each.
        cannot_tell: What these figures say nothing about.
        sections: The figures.
    """

    schema: str = SCHEMA
    version: int = VERSION
    program: str
    bench: str
    question: str
    arms: dict[str, str]
    settings: dict[str, Scalar]
    engine: EngineUsed | None
    machine: Machine
    sittings: tuple[Sitting, ...]
    planned: int
    taken: int
    quick: bool
    temperature: tuple[str, ...]
    cannot_tell: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def finished(self) -> bool:
        """Whether all samples were taken."""
        return self.taken == self.planned
