"""Whether the server cut a prompt. It never says so.

Seen on Ollama 0.24: a cut prompt answers 200 with `prompt_eval_count` equal to the context. Newer sources
free half of the context: `num_ctx - (num_ctx - num_keep) / 2`. Neither formula is trusted alone, because an
uncut prompt may have just that many tokens: its own count decides, taken with `truncate: false`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["whole", "cut", "unknown"]

HALF_SLACK_TOKENS = 32
"""`num_keep` is 4 by default, and a template may begin with some tokens that are kept too."""


BEGUN_REPLY_TOKENS = 1
"""Some servers count the token that begins the reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptCount:
    """What is known of one prompt.

    Attributes:
        own_tokens: The prompt's own count; None where it was not taken.
        refused: Whether the server refused to take it uncut.
        evaluated_tokens: `prompt_eval_count` of the request that counts; None where the server did not say.
        context_length: Tokens in force, None where unknown.
        exact: Whether the server made its own tokens of the prompt for its count, and read none.
    """

    own_tokens: int | None = None
    refused: bool = False
    evaluated_tokens: int | None
    context_length: int | None
    exact: bool = False


def judge(prompt: PromptCount) -> Outcome:
    """Tell whether the prompt was cut.

    Where its own count is missing, a count that equals the context is called cut, since such a prompt leaves
    no room to reply; one near half of the context is unknown; any other is whole. That holds for one system
    message and one question. From a longer conversation the server drops messages, which only the own count
    tells.

    No prompt has no tokens, so that a count of none is none. Counts that cannot be so together tell nothing either: a
    prompt of which more was read than it has or than the context holds, or that was refused and counted.
    """
    evaluated, own, context = map(count, (prompt.evaluated_tokens, prompt.own_tokens, prompt.context_length))
    if contradiction(prompt) is not None:
        return "unknown"
    if prompt.refused:
        return "cut"
    if evaluated is None or (prompt.own_tokens is not None and own is None):
        return "unknown"
    if own is not None:
        return "cut" if evaluated < own else "whole"
    return "unknown" if context is None else _by_size(evaluated, context)


def count(number: int | None) -> int | None:
    """Return a count of tokens, None where the number is none: 0 is what some servers say who did not count."""
    return number if number is not None and number > 0 else None


def contradiction(prompt: PromptCount) -> str | None:
    """Return which counts cannot be so together, None where all can."""
    evaluated, own, context = map(count, (prompt.evaluated_tokens, prompt.own_tokens, prompt.context_length))
    if prompt.refused and prompt.own_tokens is not None:
        return "it was refused uncut, and counted uncut"
    if own is not None and evaluated is not None and evaluated > own + BEGUN_REPLY_TOKENS:
        return f"of its {own} tokens {evaluated} were read"
    most = max(own or 0, (evaluated or 0) - BEGUN_REPLY_TOKENS)
    whole = own is None or evaluated is None or evaluated >= own
    return (
        f"{most} tokens were read in a context of {context}"
        if context is not None and whole and most > context
        else None
    )


def _by_size(evaluated: int, context: int) -> Outcome:
    if evaluated >= context:
        return "cut"
    near_half = 0 <= evaluated - context // 2 <= HALF_SLACK_TOKENS
    return "unknown" if near_half else "whole"


def in_doubt(prompt: PromptCount) -> bool:
    """Tell whether the prompt's own count should be taken after the fact.

    Cheap enough to ask always: it is one evaluation without a generation, mostly from the server's cache.
    """
    return prompt.own_tokens is None and not prompt.refused and judge(prompt) != "whole"
