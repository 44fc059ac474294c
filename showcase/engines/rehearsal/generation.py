"""Tokens of a reply: what the options leave of it, how many there are, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.engines.protocol.formats import schema_of
from showcase.engines.rehearsal import constrained, responder
from showcase.engines.rehearsal.prompt import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.engines.protocol.interface import Prompt
    from showcase.engines.protocol.options import Options
    from showcase.engines.rehearsal.embeddings import Embedder
    from showcase.engines.rehearsal.interface import Embeddings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply, token by token.

    Attributes:
        pieces: The text of each token that is part of the reply.
        count: Tokens made: the pieces, and the one that ended the reply where one did.
        reason: Why it ended: "stop" or "length".
    """

    pieces: tuple[str, ...]
    count: int
    reason: str


def complete(
    prompt: Prompt,
    options: Options,
    embedder: Embedder,
    *,
    others: Callable[[], Embeddings | None],
    form: object = None,
    shift: bool = True,
) -> Reply:
    """Continues a prompt.

    Args:
        prompt: The prompt, cut to the context.
        options: The options in force.
        embedder: Scores facts and cuts text into tokens.
        others: Returns the vectors of other languages, None where there are none.
        form: Ollama's `format`: None, "", "json", or a JSON schema as a dict.
        shift: Whether a reply may go on when the context is full.

    Raises:
        ApiError: 500, no such format, or a schema that is none.
    """
    schema = schema_of(form)
    text = _text("".join(prompt.tokens), embedder, others, schema)
    pieces = embedder.pieces(text)
    limit = _limit(prompt, options, shift=shift)
    end = min((found for stop in options.stop if (found := text.find(stop)) >= 0), default=None)
    if end is not None:
        kept, read = _until(pieces, end)
        if read <= limit:
            return Reply(pieces=tuple(kept), count=read, reason="stop")
    if len(pieces) >= limit:
        return Reply(pieces=tuple(pieces[:limit]), count=limit, reason="length")
    return Reply(pieces=tuple(pieces), count=len(pieces) + 1, reason="stop")


def _text(
    prompt: str, embedder: Embedder, others: Callable[[], Embeddings | None], schema: dict[str, Any] | None
) -> str:
    turns = parse(prompt)
    if (memories := responder.extract(turns)) is not None:
        return encode_json(memories) if schema is None or constrained.accepts(schema, memories) else "{}"
    text = responder.reply(turns, embedder, others)
    return text if schema is None else encode_json(constrained.instance(schema, text))


def encode_json(value: object) -> str:
    """JSON as a model writes it: one line, no HTML escapes."""
    return constrained.dumps(value)


def _limit(prompt: Prompt, options: Options, *, shift: bool) -> int:
    """Most tokens of the reply. The last one made needs no room in the context, since nothing follows it."""
    limit = options.most_tokens
    return limit if shift else min(limit, options.num_ctx - len(prompt.tokens) + 1)


def _until(pieces: list[str], end: int) -> tuple[list[str], int]:
    """The pieces before a position of the text, and how many had to be read to know that it ends there."""
    kept: list[str] = []
    position = 0
    for index, piece in enumerate(pieces):
        if position + len(piece) > end:
            if end > position:
                kept.append(piece[: end - position])
            return kept, index + 1
        kept.append(piece)
        position += len(piece)
    return kept, len(pieces)
