"""What of a prompt fits the context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.protocol.interface import Prompt
from showcase.engines.protocol.wire import ApiError

if TYPE_CHECKING:
    from showcase.engines.protocol.interface import Layout
    from showcase.engines.protocol.options import Options

TOO_LONG = "the input length exceeds the context length"


def fit(layout: Layout, options: Options, *, most: int, truncate: bool) -> Prompt:
    """Cuts a prompt that is longer than the context: its head of `num_keep` tokens stays, and as much of its tail.

    Args:
        layout: The prompt.
        options: The options in force.
        most: Tokens that can be read.
        truncate: Whether it may be cut.

    Raises:
        ApiError: 400, the prompt does not fit and may not be cut.
    """
    tokens, limit = layout.tokens, most
    if len(tokens) <= limit:
        return Prompt(tokens=tokens, whole=layout.whole)
    if not truncate:
        raise ApiError(400, TOO_LONG)
    keep = limit - 1 if options.num_keep < 0 else min(options.num_keep, limit - 1)
    return Prompt(tokens=[*tokens[:keep], *tokens[len(tokens) - (limit - keep) :]], whole=layout.whole)
