"""What a Tab offers: the commands, and what may follow each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.completion import Completer, Completion

from showcase.cli.repl import commands
from showcase.cli.words import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from showcase.cli.repl.session import Session

_ABOUT = 60
"""Characters of what stands beside a value."""


class Commands(Completer):
    """Completes from the table of commands.

    Args:
        session: Asked for its users, memories and models.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002 - the library's signature
        """Yield what could stand where the cursor is."""
        typed = document.text_before_cursor
        if not typed.startswith("/"):
            return
        name, space, argument = typed[1:].partition(" ")
        if not space:
            for command in commands.COMMANDS:
                if command.name.startswith(name):
                    yield Completion(
                        f"/{command.name}", start_position=-len(typed), display_meta=one_line(command.about, _ABOUT)
                    )
            return
        begun = argument.rpartition(" ")[2]
        for value, about in commands.values(self._session, name):
            if value.startswith(begun):
                yield Completion(
                    value, start_position=-len(begun), display=one_line(value), display_meta=one_line(about, _ABOUT)
                )
