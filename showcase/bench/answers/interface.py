"""What the benchmark needs of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.bench.answers.samples import Answered
    from showcase.bench.questions.questionnaire import Case


class Answerer(Protocol):
    """Answers questions; every method raises `ShowcaseError` where server or store cannot be used."""

    def warm_up(self, people: Sequence[Case]) -> None:
        """Load the models, and plant the facts of each person as they are; `people` has one question of each."""
        ...

    def given(self, case: Case) -> Answered:
        """Answer with all facts in the prompt."""
        ...

    def recalled(self, case: Case) -> Answered:
        """Answer from what is found in the store that was planted."""
        ...

    def extracted(self, cases: Sequence[Case], *, doing: Callable[[str], None]) -> Answered:
        """Extract the facts of one person into a store of its own, and answer all their questions from it."""
        ...
