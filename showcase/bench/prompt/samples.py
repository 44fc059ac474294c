"""What one sample of the prompt benchmark is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from showcase.bench.prompt.judging import Judgement
from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import Message, Reply


LOADED_S = 1.0
"""A request that says so much of loading has loaded the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Fact):
    """What a server made of a prompt.

    Attributes:
        tokens: As the server counted them; None where the stream ended before it said so.
        words: Words that were sent.
        ttft_s: Until the first piece of the reply; None where there was none.
        load_s: How long the model was loaded: more than a moment means that this sample paid for it.
        read_s: How long the prompt was read, as the server says.
        total_s: Until the last piece.
    """

    tokens: int | None
    words: int
    ttft_s: float | None
    load_s: float | None
    read_s: float | None
    total_s: float

    @property
    def loaded(self) -> bool:
        """Whether the server loaded the model for it: one in memory takes milliseconds."""
        return (self.load_s or 0.0) > LOADED_S

    def cut(self, num_ctx: int) -> bool:
        """Tell whether the server dropped some of the prompt: the count fills the context, or is below the words.

        No tokenizer makes fewer tokens than words of plain English.
        """
        return self.tokens is not None and (self.tokens >= num_ctx or self.tokens < self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied(Fact):
    """A task that was put to an arm.

    Attributes:
        prompt: The first request.
        prompt_tokens: Of all requests together, that of the retry included.
        reply_tokens: Likewise.
        total_s: Likewise: until the last piece of the last reply.
        warm_ttft_s: Until the first piece, when the first prompt was sent once more at once.
        first: Judgement of the first reply.
        final: Judgement of the last one: the first where there was no retry.
        retries: 0 or 1.
        replies: Their texts.
    """

    prompt: Read
    prompt_tokens: int | None
    reply_tokens: int | None
    total_s: float
    warm_ttft_s: float | None
    first: Judgement
    final: Judgement
    retries: int
    replies: tuple[str, ...]

    @property
    def ended(self) -> bool:
        """Whether there is an answer that came to its end: one that was cut took less time than it would have."""
        return self.final.code not in {"empty", "cut", "broken-off"}

    def cut(self, num_ctx: int) -> bool:
        """Tell whether the server dropped some of the first prompt, or of that of the retry, which is longer."""
        if self.prompt.cut(num_ctx):
            return True
        if not self.retries or self.prompt_tokens is None or self.prompt.tokens is None:
            return False
        again = self.prompt_tokens - self.prompt.tokens
        return again >= num_ctx or again < self.prompt.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown(Fact):
    """The prompt at one point of a growing conversation.

    Attributes:
        resumed: To a server that had just read something else.
        continued: To one that had just read the prompt of the turn before.
    """

    resumed: Read
    continued: Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Fact):
    """Two turns that recall the same memories.

    Attributes:
        first: The first prompt.
        second: The second, with the memories as in the first or turned round.
    """

    first: Read
    second: Read


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSample(Fact):
    """One sample: one of these, by the kind of its step."""

    replied: Replied | None = None
    grown: Grown | None = None
    pair: Pair | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A sample's name in its parts.

    Attributes:
        kind: What is measured.
        group: The task of a reply, nothing otherwise.
        arm: Which arm.
        number: The run and seed, the turns or the pair.
    """

    kind: Literal["reply", "growth", "prefix"]
    group: str
    arm: str
    number: int

    @property
    def name(self) -> str:
        """What it is called in the journal."""
        return "/".join(filter(None, (self.kind, self.group, self.arm, str(self.number))))

    @classmethod
    def parse(cls, name: str) -> Step:
        """Return the parts of a name.

        Raises:
            ValueError: It is none.
        """
        match name.split("/"):
            case ["reply", group, arm, number]:
                return cls(kind="reply", group=group, arm=arm, number=int(number))
            case ["growth", arm, number]:
                return cls(kind="growth", group="", arm=arm, number=int(number))
            case ["prefix", arm, number]:
                return cls(kind="prefix", group="", arm=arm, number=int(number))
            case _:
                raise ValueError(f"no step of the prompt benchmark: {name}")


def as_read(messages: Sequence[Message], reply: Reply, total_s: float) -> Read:
    """Return what a server made of these messages."""
    return Read(
        tokens=reply.prompt_tokens,
        words=sum(len(message.content.split()) for message in messages),
        ttft_s=reply.tokens[0].at_s if reply.tokens else None,
        load_s=reply.load_s,
        read_s=reply.prompt_s,
        total_s=round(total_s, 6),
    )
