"""A reply as it is printed while it comes, and as a document."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from showcase.conversation.conversation import Conversation, Prepared, Turn
    from showcase.engines.everyday import Opened
    from showcase.evidence import Token

FORMAT = "local-memory-showcase answer"
VERSION = 1


class Streamed:
    """Prints a reply as it comes, without what a terminal would obey."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._last = ""

    def take(self, token: Token) -> None:
        """Print a piece."""
        if not self._silent:
            self._last = harmless(token.text) or self._last
            click.echo(harmless(token.text), nl=False)
            sys.stdout.flush()

    def end(self) -> None:
        """End the last line."""
        if not self._silent and not self._last.endswith("\n"):
            click.echo()


def harmless(text: str) -> str:
    """Return text of a model's or a memory's, line by line, without what a terminal would obey."""
    from showcase.cli.words import printable  # noqa: PLC0415 - as above

    return "\n".join(printable(line) for line in text.replace("\r\n", "\n").split("\n"))


def print_prompt(prepared: Prepared, *, as_json: bool) -> None:
    """Print what would be sent."""
    from dataclasses import asdict  # noqa: PLC0415 - only here

    from showcase.conversation.account import shown_prompt  # noqa: PLC0415 - as above

    if as_json:
        said = {
            "format": FORMAT,
            "version": VERSION,
            "messages": [asdict(message) for message in prepared.messages],
            "selection": None if prepared.selection is None else asdict(prepared.selection),
        }
        click.echo(json.dumps(said, indent=2))
        return
    for line in shown_prompt(prepared.messages):
        click.echo(harmless(line))


def document(conversation: Conversation, turn: Turn, bare: Turn | None) -> dict[str, Any]:
    """Return an answer with its account, and the one without memory where there is one."""
    opened: Opened = conversation.server
    return {
        "format": FORMAT,
        "version": VERSION,
        "user_id": conversation.manner.user_id,
        "engine": "rehearsal" if opened.is_rehearsal else "ollama",
        "chat_model": opened.chat_model.name if opened.chat_model else None,
        "embed_model": opened.embed_model.name,
        "backend": conversation.backend.name,
        "layout": conversation.backend.rows.layout,
        "answer": turn.reply.text,
        "known": bool(turn.selection and turn.selection.used),
        "turn": _plain(turn),
        "without_memory": None if bare is None else _plain(bare),
    }


def _plain(turn: Turn) -> dict[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415 - only here

    held = asdict(turn)
    held["reply"]["tokens"] = len(turn.reply.tokens)
    return held
