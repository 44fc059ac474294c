"""Messages become one prompt that fits the context, cut the way Ollama cuts it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.engines.rehearsal.wire import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.engines.rehearsal.embeddings import Embedder
    from showcase.engines.rehearsal.options import Options

TEMPLATE = "{{- range .Messages }}<|{{ .Role }}|>\n{{ .Content }}<|end|>\n{{ end }}<|assistant|>\n"
"""The layout of a prompt, in the language of Ollama's templates, for those who ask with `/api/show`."""

_CUE = "<|assistant|>\n"
_TURN = re.compile(r"<\|(\w+)\|>\n(.*?)(?:<\|end\|>\n|(?=<\|\w+\|>\n)|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What the model reads.

    Attributes:
        text: The prompt after any cut.
        tokens: Its length.
        cut: Whether anything was left out of it.
    """

    text: str
    tokens: int
    cut: bool = False


def render(messages: Sequence[Message]) -> str:
    """Lays messages out as `TEMPLATE` says."""
    return "".join(map(_turn, messages)) + _CUE


def parse(text: str) -> list[Message]:
    """Reads a prompt back as its model sees it: what a cut has left.

    Text before the first mark has lost its beginning and belongs to nobody in particular; it is given the role
    "system" where other turns follow, and "user" in a prompt without any mark (raw mode).
    """
    first = re.search(r"<\|\w+\|>\n", text)
    if first is None:
        return [Message(role="user", content=text)]
    head = text[: first.start()].removesuffix("\n").removesuffix("<|end|>")
    turns = [Message(role=role, content=content) for role, content in _TURN.findall(text, first.start())]
    if turns and turns[-1].role == "assistant" and not turns[-1].content:
        turns.pop()
    return [Message(role="system", content=head), *turns] if head.strip() else turns


def fit_messages(messages: Sequence[Message], options: Options, embedder: Embedder, *, truncate: bool) -> str:
    """Renders the messages, leaving out the oldest until the rest fits; system messages and the last one stay.

    The rule is that of Ollama's `chatPrompt`. What is left may still be too long; `fit` then cuts tokens.
    """
    first = 0
    if truncate and messages:
        # Turns are set apart by tokens of their own, so their lengths add up.
        sizes = [len(embedder.pieces(_turn(message))) for message in messages]
        total = sum(sizes) + len(embedder.pieces(_CUE))
        while total > options.num_ctx and first < len(messages) - 1:
            if messages[first].role != "system":
                total -= sizes[first]
            first += 1
    return render([*_system(messages[:first]), *messages[first:]])


def fit(text: str, options: Options, embedder: Embedder, *, truncate: bool) -> Prompt:
    """Cuts a prompt that is longer than the context: its head of `num_keep` tokens stays, and as much of its tail.

    Raises:
        ApiError: 400, the prompt does not fit and may not be cut.
    """
    pieces = embedder.pieces(text)
    limit = options.num_ctx
    if len(pieces) <= limit:
        return Prompt(text=text, tokens=len(pieces))
    if not truncate:
        raise ApiError(400, "the input length exceeds the context length")
    keep = limit - 1 if options.num_keep < 0 else min(options.num_keep, limit - 1)
    kept = [*pieces[:keep], *pieces[len(pieces) - (limit - keep) :]]
    return Prompt(text="".join(kept), tokens=len(kept), cut=True)


def _turn(message: Message) -> str:
    return f"<|{message.role}|>\n{message.content}<|end|>\n"


def _system(messages: Sequence[Message]) -> list[Message]:
    return [message for message in messages if message.role == "system"]
