"""The benchmark: the cosines of each set, some questions at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from showcase.bench.questions.questionnaire import digest
from showcase.bench.results.result import EngineUsed
from showcase.bench.threshold import figures
from showcase.bench.threshold.cases import CHOSEN_ON, JUDGED_ON, SETS, cases
from showcase.bench.threshold.choosing import Questions, questions
from showcase.bench.threshold.sample import Piece

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.bench.results.result import Scalar, Section

PIECE = 10
"""Questions of one sample."""

QUICK_PIECES = 2


@dataclass(slots=True, kw_only=True)
class Threshold:
    """`showcase bench threshold`; fulfils `bench.results.interface.Measurement`.

    Attributes:
        embed_model: Name of the model.
        embed: Returns a text's vector of unit length.
        engine: Which server answers.
        pieces: How many pieces of each set at most; None is all of them.
    """

    embed_model: str
    embed: Callable[[str], Sequence[float]]
    engine: EngineUsed | None
    pieces: int | None = None
    _vectors: dict[str, Sequence[float]] = field(default_factory=dict, init=False)

    @property
    def bench(self) -> str:
        """Its name."""
        return "threshold"

    @property
    def question(self) -> str:
        """What it settles."""
        return "From which cosine on does a memory answer a question, and how often is that right?"

    @property
    def sample(self) -> type[Piece]:
        """What a step gives."""
        return Piece

    @property
    def arms(self) -> Mapping[str, str]:
        """The one model."""
        return {
            self.embed_model: "the embedding model whose cosines are compared",
            figures.FOUND: "a question whose fact lies at or above the threshold",
            figures.REFUSED: "a question without its facts, for which nothing does",
        }

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """All that decides what a sample is."""
        return {
            "questions_of_a_sample": PIECE,
            "samples_of_a_set": "all" if self.pieces is None else self.pieces,
            **{name: digest(name) for name in SETS},
        }

    @property
    def temperature(self) -> tuple[str, ...]:
        """Nothing is timed."""
        return ("Nothing is timed.",)

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """What the figures say nothing about."""
        return (
            "How it is with your memories: the people and the questions are made up, in English, a sentence a fact.",
            "Whether a model answers well from what is found.",
        )

    def steps(self) -> tuple[str, ...]:
        """Return a step for each piece of each set; the sets alternate."""
        by_set = []
        for name in SETS:
            count = -(-len(cases(name)) // PIECE)
            by_set.append([f"{name}/{number}" for number in range(count)][: self.pieces])
        return tuple(step for some in zip_longest(*by_set) for step in some if step is not None)

    def warm_up(self) -> None:
        """Do nothing: no sample is timed."""

    def take(self, step: str, *, doing: Callable[[str], None]) -> Piece:
        """Embed the questions of a piece and the facts of whom they are about."""
        doing("embedding")
        name, number = step.split("/")
        begin = int(number) * PIECE
        return Piece(cosines=tuple(case.cosines(self._vector) for case in cases(name)[begin : begin + PIECE]))

    def sections(self, samples: Mapping[str, Piece]) -> tuple[Section, ...]:
        """Return the figures: what is held out is not told to whoever chooses."""
        return figures.sections(
            self.embed_model,
            self._of(samples, CHOSEN_ON),
            self._of(samples, (JUDGED_ON,)),
            all_chosen_on=sum(len(cases(name)) for name in CHOSEN_ON),
        )

    def _of(self, samples: Mapping[str, Piece], names: Sequence[str]) -> Questions:
        there = [samples[step] for step in self.steps() if step in samples and step.split("/")[0] in names]
        return questions(each for piece in there for each in piece.cosines)

    def _vector(self, text: str) -> Sequence[float]:
        """Return the vector of a text, which many questions share."""
        if text not in self._vectors:
            self._vectors[text] = self.embed(text)
        return self._vectors[text]
