"""What a benchmark has to say of itself, so that it can be run, interrupted, resumed and shown like the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.results.result import EngineUsed, Scalar, Section

S = TypeVar("S")


class Measurement(Protocol[S]):
    """A benchmark with its server, its place and its settings.

    Attributes:
        bench: Its name on the command line.
        question: What it settles, in one sentence.
        sample: The frozen dataclass of one sample, a `Fact`.
        arms: Every arm's name and what it is, in a few words.
        settings: All that decides what a sample is, such as counts, seeds and digests of data; no paths, no times.
        engine: Which server answers; None where none takes part.
        temperature: What is cold and what is warm, a sentence each.
        cannot_tell: What the figures say nothing about, whatever comes out.
    """

    @property
    def bench(self) -> str: ...  # noqa: D102 - see above
    @property
    def question(self) -> str: ...  # noqa: D102 - likewise
    @property
    def sample(self) -> type[S]: ...  # noqa: D102 - likewise
    @property
    def arms(self) -> Mapping[str, str]: ...  # noqa: D102 - likewise
    @property
    def settings(self) -> Mapping[str, Scalar]: ...  # noqa: D102 - likewise
    @property
    def engine(self) -> EngineUsed | None: ...  # noqa: D102 - likewise
    @property
    def temperature(self) -> tuple[str, ...]: ...  # noqa: D102 - likewise
    @property
    def cannot_tell(self) -> tuple[str, ...]: ...  # noqa: D102 - likewise

    def steps(self) -> Sequence[str]:
        """Return the names of all samples in the order in which they are taken: arms alternate."""
        ...

    def warm_up(self) -> None:
        """Do once, untimed, what the first sample alone would pay for; done anew when resumed."""
        ...

    def take(self, step: str, *, doing: Callable[[str], None]) -> S:
        """Take one sample.

        Args:
            step: One of `steps`.
            doing: Is told what goes on, where a sample takes long.
        """
        ...

    def sections(self, samples: Mapping[str, S]) -> tuple[Section, ...]:
        """Return the figures: a pure function of the settings and of the samples that there are, which may be few."""
        ...


class Progress(Protocol):
    """Is told how far a measurement is."""

    def at(self, done: int, of: int, step: str, left_s: float | None) -> None:
        """Hear which sample is taken, of how many, and about how long the rest will take."""
        ...

    def doing(self, what: str) -> None:
        """Hear what goes on within a sample."""
        ...
