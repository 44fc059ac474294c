"""`showcase bench answers` as a measurement: who is asked what in which order, and what the figures are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.bench.answers.arms import ARMS, PEOPLE
from showcase.bench.answers.figures import sections
from showcase.bench.answers.interface import Answerer
from showcase.bench.answers.playing import NUM_PREDICT, SEED, TEMPERATURE, TOP_K
from showcase.bench.answers.samples import Answered
from showcase.bench.questions.questionnaire import digest, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.answers.arms import Arm
    from showcase.bench.results.result import EngineUsed, Scalar, Section

SET = "held_out"
QUOTING = "rehearsal"
"""The engine that quotes by rule, as rows and steps name it."""
MEASURED = "measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who is asked.

    Attributes:
        name: As rows have it; `QUOTING` for the engine that quotes.
        embed_model: Whose vectors its stores have.
        answerer: It.
    """

    name: str
    embed_model: str
    answerer: Answerer


class Answers:
    """Fulfils `bench.results.interface.Measurement`.

    Args:
        quoting: The engine that quotes.
        measured: The engine that is measured; None where that is the one that quotes.
        engine: What is said of the measured one's server.
        infer: Whether memories are extracted too.
        people: How many of the set.
    """

    bench = "answers"
    question = "How often is a reply right, and how does a model compare with an engine that only quotes?"
    sample = Answered

    def __init__(
        self,
        quoting: Asked,
        measured: Asked | None,
        *,
        engine: EngineUsed | None,
        infer: bool = False,
        people: int = PEOPLE,
    ) -> None:
        self._asked = {QUOTING: quoting} if measured is None else {MEASURED: measured, QUOTING: quoting}
        self.engine = engine
        self._arms: tuple[Arm, ...] = tuple(arm for arm in ARMS if infer or arm != "extracted")
        every = load(SET)
        there = tuple(dict.fromkeys(case.who for case in every))[:people]
        self._people = {who: tuple(case for case in every if case.who == who) for who in there}
        self._cases = {case.number: case for cases in self._people.values() for case in cases}

    @property
    def arms(self) -> Mapping[str, str]:
        """See `Measurement`."""
        names = {each.name: "the chat model that is measured" for each in self._asked.values()}
        names[QUOTING] = "the rehearsal engine, no language model: it quotes facts by rule"
        return {**{arm: ARMS[arm] for arm in self._arms}, **names}

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """See `Measurement`."""
        return {
            "people": len(self._people),
            "questions": len(self._cases),
            SET: digest(SET),
            "arms": ", ".join(self._arms),
            "temperature": TEMPERATURE,
            "seed": SEED,
            "num_predict": NUM_PREDICT,
            "top_k": TOP_K,
            "embedding": ", ".join(f"{each.name} by {each.embed_model}" for each in self._asked.values()),
        }

    @property
    def temperature(self) -> tuple[str, ...]:
        """See `Measurement`."""
        return (
            "Both models were asked once before the first sample, so that loading them is in no figure.",
            (
                "Arms alternate by person: a server that keeps one prompt reads what all questions of a person have in "
                "common with the first alone, as in a conversation."
            ),
        )

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """See `Measurement`."""
        return (
            "Whether a reply means what it should: it is judged by words, and one that denies the answer is right.",
            "How it is with your memories: people, facts and questions are made up, in English, a sentence a fact.",
            "What another seed or wording of the prompt gives: each question is asked once an arm.",
            "How good a model is at anything but using eight facts, such as conversation, advice or code.",
        )

    def steps(self) -> Sequence[str]:
        """See `Measurement`: a question each; where memories are extracted a person each, who has a store."""
        single = [arm for arm in self._arms if arm != "extracted"]
        asked = [
            f"{arm}/{who}/{case.number}"
            for cases in self._people.values()
            for arm in single
            for case in cases
            for who in self._asked
        ]
        if "extracted" in self._arms:
            asked += [f"extracted/{who}/{person}" for person in self._people for who in self._asked]
        return asked

    def warm_up(self) -> None:
        """See `Measurement`; it plants the facts, too."""
        for each in self._asked.values():
            each.answerer.warm_up([cases[0] for cases in self._people.values()])

    def take(self, step: str, *, doing: Callable[[str], None]) -> Answered:
        """See `Measurement`."""
        arm, who, what = step.split("/")
        answerer = self._asked[who].answerer
        if arm == "extracted":
            return answerer.extracted(self._people[what], doing=doing)
        case = self._cases[int(what)]
        return answerer.given(case) if arm == "given" else answerer.recalled(case)

    def sections(self, samples: Mapping[str, Answered]) -> tuple[Section, ...]:
        """See `Measurement`."""
        taken: dict[tuple[Arm, str], list[Answered]] = {
            (arm, each.name): [] for arm in self._arms for each in self._asked.values()
        }
        for step, sample in samples.items():
            arm, who, _ = step.split("/")
            taken[next(each for each in ARMS if each == arm), self._asked[who].name].append(sample)
        return sections(self._cases, taken, quoting=self._asked[QUOTING].name)
