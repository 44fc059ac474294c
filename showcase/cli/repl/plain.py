"""Lines from a file, a pipe or a terminal that understands nothing but text: no library, no colour."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from showcase.conversation.words import MOST_BYTES
from showcase.errors import UsageError

if TYPE_CHECKING:
    from showcase.cli.repl.session import Session

_PIECE = 65_536


class PlainLines:
    """Reads standard input line by line; each is a turn or a command. Where nobody types, what asks is told No."""

    def __init__(self) -> None:
        self._typed = sys.stdin.isatty()

    def read(self, session: Session) -> str:
        """See `Reader`."""
        mark = f"{session.user_id}> "
        if self._typed:
            click.echo(mark, nl=False, err=not sys.stdout.isatty())
        line = self._line()
        if not self._typed and line.strip():
            session.screen.line(f"{mark}{line}")  # so that what comes out can be read by itself
        return line

    def confirm(self, question: str) -> bool:
        """See `Reader`."""
        if not self._typed:
            click.echo(f"{question} [y/N] No: nobody is asked here.")
            return False
        click.echo(f"{question} [y/N] ", nl=False, err=not sys.stdout.isatty())
        with suppress(EOFError, KeyboardInterrupt, UsageError):
            return self._line().strip().lower() in ("y", "yes")
        click.echo()
        return False

    def _line(self) -> str:
        most = MOST_BYTES + len(b"\r\n")
        data = sys.stdin.buffer.readline(most + 1)
        if not data:
            if self._typed:
                click.echo()
            raise EOFError
        if len(data) > most and not data.endswith(b"\n"):
            size = len(data)
            while rest := sys.stdin.buffer.readline(_PIECE):
                size += len(rest)
                if rest.endswith(b"\n"):
                    break
            raise UsageError(
                f"a line has {size:,} bytes, and a turn has at most {MOST_BYTES:,}: nothing of it was said",
                hint="say less at once; what is to be remembered goes in piece by piece: "
                "showcase memories add TEXT --user-id USER",
            )
        try:
            return data.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise UsageError(
                f"a line is no text in UTF-8: byte {error.start} is 0x{data[error.start]:02x}; nothing of it was said",
                hint="give it text",
            ) from error
