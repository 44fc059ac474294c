"""`showcase bench memory`: what is played in which order, and what the figures cannot tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.bench.memory import sections as figures
from showcase.bench.memory.arms import ARMS
from showcase.bench.memory.playing import TOP_K, Player
from showcase.bench.memory.samples import Played

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.memory.arms import Arm
    from showcase.bench.memory.told import Told
    from showcase.bench.results.result import EngineUsed, Scalar, Section
    from showcase.engines.everyday import Opened

GLANCE_TURNS = 1
"""Turns of extraction in a glance at it alone; a small machine takes more than the minute for one."""

NO_MODEL = (
    "The engine is no language model, and reads in no time: when a memory pays with one cannot be told from these "
    "figures."
)


class MemoryBench:
    """One step is one arm with its whole conversation, since what a turn costs depends on the turns before it.

    Args:
        server: The model server, with a chat model.
        told: What is told and asked; already as short as it is to be played.
        arms: Which arms.
        repeats: How often each is played, in a store of its own each time.
        limit_s: How long a whole answer of the server may take.
        engine: What is said of the server.
        glance: Extraction is left out; where it is the only arm, it plays these turns alone. None where all is played.
    """

    bench = "memory"
    question = "What does a memory cost a turn, what does it keep of what was told, and when does it pay for itself?"
    sample = Played

    def __init__(
        self,
        server: Opened,
        told: Told,
        *,
        arms: Sequence[Arm],
        repeats: int,
        limit_s: float,
        engine: EngineUsed | None,
        glance: int | None = None,
    ) -> None:
        self._server = server
        self._told = told
        # Of a glance it would be the whole minute and more: one turn was seen to take eight minutes on two busy cores.
        left_out = {"mem0-infer"} if glance is not None and set(arms) != {"mem0-infer"} else set()
        self._arms = tuple(arm for arm in ARMS if arm in arms and arm not in left_out)
        self._repeats = repeats
        self._limit_s = limit_s
        self._glance = glance
        self.engine = engine

    @property
    def arms(self) -> Mapping[str, str]:
        """See `Measurement`."""
        return {arm: ARMS[arm] for arm in self._arms}

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """See `Measurement`."""
        return {
            "turns": len(self._told.turns),
            "questions": len(self._told.questions),
            "facts": len(self._told.facts),
            "repeats": self._repeats,
            "arms": ", ".join(self._arms),
            "top_k": TOP_K,
            "told": self._told.digest,
            "extraction_turns": len(self._told.turns) if self._glance is None else self._glance,
        }

    @property
    def temperature(self) -> tuple[str, ...]:
        """See `Measurement`."""
        return (
            "Both models were asked once before the first sample, so that loading them is in no figure.",
            "Every arm and repeat begins with an empty store; opening it is in the first turn's figures.",
            (
                "Between two turns the server reads a prompt of the chat, as it does when somebody chats: what it kept "
                "of an extraction's prompt may be gone by the next one."
            ),
        )

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """See `Measurement`."""
        said = [
            "Whether a row means what was told: rows are judged by words, and one with other words counts as junk.",
            "How other conversations, languages and lengths come out: this is one, made up, of a few turns.",
            "How good the replies are: none is written, the assistant's side of the conversation is given.",
            "What the embedding calls cost in tokens: they are counted as calls.",
            "Whether a question that finds five of a dozen rows would find them among thousands.",
        ]
        if self._glance is not None:
            said.append(
                "What extraction costs and keeps over a conversation: a glance leaves it out, or plays its first turn "
                "where it is asked for alone."
            )
        return tuple(said)

    def steps(self) -> Sequence[str]:
        """See `Measurement`."""
        return [f"played/{arm}/{repeat}" for repeat in range(1, self._repeats + 1) for arm in self._order(repeat)]

    def _order(self, repeat: int) -> tuple[Arm, ...]:
        """Return the arms; every other repeat from the end."""
        return self._arms if repeat % 2 else self._arms[::-1]

    def warm_up(self) -> None:
        """See `Measurement`."""
        player = Player(self._server, self._told.upto(0), limit_s=self._limit_s)
        player.warm()

    def take(self, step: str, *, doing: Callable[[str], None]) -> Played:
        """See `Measurement`."""
        arm = next(arm for arm in ARMS if arm == step.split("/")[1])
        told = self._told.upto(self._glance) if arm == "mem0-infer" and self._glance is not None else self._told
        return Player(self._server, told, limit_s=self._limit_s).play(arm, doing)

    def sections(self, samples: Mapping[str, Played]) -> tuple[Section, ...]:
        """See `Measurement`."""
        played: dict[str, list[Played]] = {arm: [] for arm in self._arms}
        for step, sample in samples.items():
            if (arm := step.split("/")[1]) in played:
                played[arm].append(sample)
        *found, pays = figures.sections(played)
        if self.engine is not None and self.engine.kind == "rehearsal":
            pays = replace(pays, text=(NO_MODEL, *pays.text))
        return (*found, pays)
