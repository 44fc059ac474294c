"""A session from its first line to its last, whoever reads the lines."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Protocol

from showcase.cli.repl import commands
from showcase.documents import broken_pipe
from showcase.errors import ShowcaseError

if TYPE_CHECKING:
    from showcase.cli.repl.session import Session


class Reader(Protocol):
    """Reads what a person types, or a file holds."""

    def read(self, session: Session) -> str:
        """Return the next line, which may have several.

        Raises:
            EOFError: There is none.
            KeyboardInterrupt: It was given up.
            UsageError: It is no text, or too long; the next one may be read.
        """
        ...

    def confirm(self, question: str) -> bool:
        """Ask yes or no; no where nobody can be asked."""
        ...


def run(session: Session, reader: Reader) -> None:
    """Hear lines until there are no more, or one of them says so."""
    given_up = 0
    while not session.over:
        try:
            line = reader.read(session)
        except KeyboardInterrupt:
            given_up += 1
            if given_up == 2:  # noqa: PLR2004 - in a row
                session.screen.line("Ctrl-D, or /quit, leaves.", dim=True)
            continue
        except EOFError:
            return
        except ShowcaseError as error:
            session.screen.error(error)
            continue
        given_up = 0
        _heard(session, line)


def _heard(session: Session, line: str) -> None:
    try:
        commands.hear(session, line)
    except ShowcaseError as error:
        session.screen.error(error)
    except KeyboardInterrupt:
        session.screen.end_reply()
        stays = (
            "; what was done until then stays done" if line.startswith("/") else ", before anything was stored of it"
        )
        session.screen.line(f"Stopped{stays}.", dim=True)
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, OSError) and broken_pipe.is_one(error):
            raise
        session.screen.fault(f"the system refused: {error}", "what you typed is in the history: the key Up")
