"""Messages become one prompt that fits the context, cut the way Ollama cuts it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.engines.protocol.interface import Layout, Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.engines.protocol.options import Options
    from showcase.engines.rehearsal.embeddings import Embedder

TEMPLATE = "{{- range .Messages }}<|{{ .Role }}|>\n{{ .Content }}<|end|>\n{{ end }}<|assistant|>\n"
"""The layout of a prompt, in the language of Ollama's templates, for those who ask with `/api/show`."""

_CUE = "<|assistant|>\n"
_TURN = re.compile(r"<\|(\w+)\|>\n(.*?)(?:<\|end\|>\n|(?=<\|\w+\|>\n)|\Z)", re.DOTALL)


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


def lay_out(messages: Sequence[Message], options: Options, embedder: Embedder, *, truncate: bool) -> Layout:
    """Renders the messages, leaving out the oldest until the rest fits; system messages and the last one stay.

    The rule is that of Ollama's `chatPrompt`. What is left may still be too long; `fitting.fit` then cuts tokens.
    """
    first = 0
    # Turns are set apart by tokens of their own, so their lengths add up.
    sizes = [len(embedder.pieces(_turn(message))) for message in messages]
    whole = total = sum(sizes) + len(embedder.pieces(_CUE))
    while truncate and total > options.num_ctx and first < len(messages) - 1:
        if messages[first].role != "system":
            total -= sizes[first]
        first += 1
    text = render([*_system(messages[:first]), *messages[first:]])
    return Layout(text=text, tokens=embedder.pieces(text), whole=whole)


def _turn(message: Message) -> str:
    return f"<|{message.role}|>\n{message.content}<|end|>\n"


def _system(messages: Sequence[Message]) -> list[Message]:
    return [message for message in messages if message.role == "system"]
