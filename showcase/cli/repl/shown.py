"""What a chat prints: text of models, memories and files, of which a terminal obeys nothing."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from showcase.cli.replies import Streamed
from showcase.cli.words import as_typed, fitted, harmless, one_line

if TYPE_CHECKING:
    from showcase.errors import ShowcaseError
    from showcase.evidence import Token

REPLY = "| "
"""What each line of a reply begins with where no style tells it from the lines of this program, of which none does:
on a pipe, on a terminal without colour."""


def is_plain_terminal() -> bool:
    """Tell whether the terminal says of itself that it understands nothing but text."""
    return os.environ.get("TERM", "") in ("dumb", "unknown")


class Screen:
    """Prints the lines of a session: what is said on standard output, errors on standard error."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty() and not is_plain_terminal()
        self._styled = self.is_terminal and "NO_COLOR" not in os.environ
        self._reply = self._begun()

    @property
    def rows(self) -> int | None:
        """Lines that a person sees at once; None where nobody does."""
        return shutil.get_terminal_size().lines if sys.stdout.isatty() else None

    @property
    def columns(self) -> int | None:
        """Likewise the characters of a line."""
        return shutil.get_terminal_size().columns if sys.stdout.isatty() else None

    def line(self, text: str = "", *, dim: bool = False) -> None:
        """Print one line, broken between words where the terminal is narrower; dimmed where it is beside the point.

        Line ends in it are shown, never obeyed: what follows one in a memory would pass for a line of this program.
        """
        shown = fitted(one_line(harmless(text)))
        click.echo(click.style(shown, dim=True) if dim and self._styled else shown)

    def row(self, text: str) -> None:
        """Print what has to stay one line, cut where the terminal is narrower."""
        columns = self.columns
        click.echo(one_line(text, None if columns is None else max(20, columns - 1)))

    def error(self, error: ShowcaseError) -> None:
        """Print what went wrong, and what to do about it."""
        self.fault(error.message, error.hint)

    def fault(self, message: str, hint: str = "") -> None:
        """Likewise in words."""
        with suppress(OSError):
            click.echo(fitted(f"error: {one_line(message)}", err=True), err=True)
            if hint:
                click.echo(f"  fix: {one_line(as_typed(hint))}", err=True)

    def token(self, token: Token) -> None:
        """Print a piece of a reply as it comes."""
        self._reply.take(token)

    def begin_reply(self) -> None:
        """Begin another reply."""
        self._reply = self._begun()

    def end_reply(self) -> None:
        """End the line that a reply stopped in."""
        self._reply.end()

    def _begun(self) -> Streamed:
        return Streamed(mark="" if self._styled else REPLY)
