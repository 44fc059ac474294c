"""Tokens of a reply: what the options leave of it, how many there are, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.engines.rehearsal import constrained, responder
from showcase.engines.rehearsal.prompt import parse
from showcase.engines.rehearsal.wire import ApiError, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.engines.rehearsal.embeddings import Embedder
    from showcase.engines.rehearsal.interface import Vectors
    from showcase.engines.rehearsal.options import Options
    from showcase.engines.rehearsal.prompt import Prompt

_RUNAWAY = 10
"""A reply ends after this many contexts, as in Ollama."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
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
    others: Callable[[], Vectors | None],
    form: object = None,
    shift: bool = True,
) -> Completion:
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
    schema = _schema(form)
    text = _text(prompt, embedder, others, schema)
    pieces = embedder.pieces(text)
    limit = _limit(prompt, options, shift=shift)
    end = min((found for stop in options.stop if (found := text.find(stop)) >= 0), default=None)
    if end is not None:
        kept, read = _until(pieces, end)
        if read <= limit:
            return Completion(pieces=tuple(kept), count=read, reason="stop")
    if len(pieces) >= limit:
        return Completion(pieces=tuple(pieces[:limit]), count=limit, reason="length")
    return Completion(pieces=tuple(pieces), count=len(pieces) + 1, reason="stop")


def _text(
    prompt: Prompt, embedder: Embedder, others: Callable[[], Vectors | None], schema: dict[str, Any] | None
) -> str:
    turns = parse(prompt.text)
    if (memories := responder.extract(turns)) is not None:
        return encode_json(memories) if schema is None or constrained.accepts(schema, memories) else "{}"
    text = responder.reply(turns, embedder, others)
    return text if schema is None else encode_json(constrained.instance(schema, text))


def encode_json(value: object) -> str:
    """JSON as a model writes it: one line, no HTML escapes."""
    return constrained.dumps(value)


def _schema(form: object) -> dict[str, Any] | None:
    if form is None or form == "":
        return None
    if form == "json":
        return {"type": "object"}
    if isinstance(form, dict):
        if not constrained.usable(form):
            raise ApiError(500, "invalid JSON schema in format")
        return form
    shown = encode(form).replace("\\", "\\\\").replace('"', '\\"')
    raise ApiError(500, f'invalid format: "{shown}"; expected "json" or a valid JSON Schema object')


def _limit(prompt: Prompt, options: Options, *, shift: bool) -> int:
    """Most tokens of the reply. The last one made needs no room in the context, since nothing follows it."""
    limit = options.num_predict if options.num_predict > 0 else _RUNAWAY * options.num_ctx
    return limit if shift else min(limit, options.num_ctx - prompt.tokens + 1)


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
