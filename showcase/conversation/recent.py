"""The turns of a conversation that go into the next prompt, kept to a budget in tokens as the server counts them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.evidence import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import Reply

CHARACTERS_A_TOKEN = 4.0
"""Until the server has counted a prompt: about what tokenizers make of English
(https://platform.openai.com/tokenizer gives the same rule of thumb)."""

SHARE = 0.5
"""Of the context that is in force; the rest is for rules, memories, what is said now, and the reply."""

LEAST = 1024
"""Tokens, where nobody knows the context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    words: str
    reply: str
    reply_tokens: int | None


class Recent:
    """Earlier turns, the oldest of which are left out whole where they exceed the budget.

    A server counts whole prompts and replies. What a single message has of a prompt is told by the tokens a character
    of the last prompt that it counted.

    Args:
        budget: Tokens; None for a share of the context, once that is known.
    """

    def __init__(self, budget: int | None = None) -> None:
        self._budget = budget
        self._context: int | None = None
        self._turns: list[_Kept] = []
        self._a_token = CHARACTERS_A_TOKEN
        self.left_out = 0
        """How many turns were left out so far."""

    @property
    def budget(self) -> int:
        """Tokens that earlier turns may have."""
        if self._budget is not None:
            return self._budget
        return LEAST if self._context is None else int(self._context * SHARE)

    @property
    def tokens(self) -> int:
        """About how many tokens the kept turns have."""
        return sum(map(self._size, self._turns))

    def messages(self) -> tuple[Message, ...]:
        """Return the kept turns, oldest first."""
        return tuple(
            message
            for turn in self._turns
            for message in (Message(role="user", content=turn.words), Message(role="assistant", content=turn.reply))
        )

    def add(self, words: str, prompt: Sequence[Message], reply: Reply, context: int | None) -> None:
        """Keep a turn, and learn from what the server counted of its prompt.

        Args:
            words: What the user said.
            prompt: All that was sent.
            reply: What came, with the server's counts.
            context: The context in force, None where the server does not say.
        """
        self._context = context or self._context
        characters = sum(len(message.content) for message in prompt)
        if reply.prompt_tokens:
            self._a_token = max(1.0, characters / reply.prompt_tokens)
        self._turns.append(_Kept(words=words, reply=reply.text, reply_tokens=reply.reply_tokens))

    def copy(self) -> Recent:
        """Return the same turns, to go on with apart from these."""
        other = Recent(self._budget)
        other._context, other._a_token, other._turns = self._context, self._a_token, list(self._turns)
        return other

    def drop_last(self) -> None:
        """Forget the last turn."""
        if self._turns:
            self._turns.pop()

    def clear(self) -> None:
        """Forget all turns: another user speaks now."""
        self._turns.clear()

    def fit(self) -> int:
        """Leave out the oldest turns until the rest is within the budget; return how many."""
        out = 0
        while self._turns and self.tokens > self.budget:
            self._turns.pop(0)
            out += 1
        self.left_out += out
        return out

    def _size(self, turn: _Kept) -> int:
        replied = turn.reply_tokens if turn.reply_tokens is not None else math.ceil(len(turn.reply) / self._a_token)
        return math.ceil(len(turn.words) / self._a_token) + replied
