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


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptCount:
    """What is known of one prompt.

    Attributes:
        own_tokens: The prompt's own count; None where it was not taken.
        refused: Whether the server refused to take it uncut.
        evaluated_tokens: `prompt_eval_count` of the request that counts; None where the server did not say.
        context_length: Tokens in force, None where unknown.
    """

    own_tokens: int | None = None
    refused: bool = False
    evaluated_tokens: int | None
    context_length: int | None


def judge(prompt: PromptCount) -> Outcome:
    """Tell whether the prompt was cut.

    Where its own count is missing, a count that equals the context is called cut, since such a prompt leaves
    no room to reply; one near half of the context is unknown; any other is whole. That holds for one system
    message and one question. From a longer conversation the server drops messages, which only the own count
    tells.
    """
    evaluated, context = prompt.evaluated_tokens, prompt.context_length
    if prompt.refused:
        return "cut"
    if evaluated is None:
        return "unknown"
    if prompt.own_tokens is not None:
        return "cut" if evaluated < prompt.own_tokens else "whole"
    return "unknown" if context is None else _by_size(evaluated, context)


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
