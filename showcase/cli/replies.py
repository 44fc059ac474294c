"""A reply as it is printed while it comes, and as a document."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from showcase.cli.words import harmless

if TYPE_CHECKING:
    from showcase.conversation.conversation import Conversation, Prepared, Turn
    from showcase.engines.everyday import Opened
    from showcase.evidence import Token

FORMAT = "local-memory-showcase answer"
VERSION = 1


class Streamed:
    """Prints a reply as it comes, without what a terminal would obey.

    The last piece is held back until another one comes or the reply ends, so that the end of its line is written
    together with it: who reads line by line finds a whole line or none.

    Args:
        silent: Whether nothing is printed.
        mark: What each line begins with, to be told apart from what this program says itself.
    """

    def __init__(self, *, silent: bool = False, mark: str = "") -> None:
        self._silent = silent
        self._mark = mark
        self._held = ""
        self._fresh = True

    def take(self, token: Token) -> None:
        """Print what came before a piece, and hold the piece."""
        text = harmless(token.text)
        if text and not self._silent:
            self._write(self._held)
            self._held = text

    def end(self) -> None:
        """Print the rest, and end its line."""
        held, self._held = self._held, ""
        ended = held.endswith("\n") if held else self._fresh
        self._write(held if ended else f"{held}\n")

    def _write(self, text: str) -> None:
        if not text:
            return
        marked = ""
        for line in text.splitlines(keepends=True):
            # The end of a line that was begun before has its mark already.
            marked += f"{self._mark if self._fresh else ''}{line}"
            self._fresh = line.endswith("\n")
        click.echo(marked, nl=False)
        sys.stdout.flush()


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
        "engine": opened.kind,
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
