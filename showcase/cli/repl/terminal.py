"""Lines that a person types, with prompt_toolkit: editing, history, completion, a line of state below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.filters import is_searching
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.shortcuts import CompleteStyle

from showcase.cli.repl import state
from showcase.cli.repl.completion import Commands
from showcase.cli.repl.editor import edited
from showcase.cli.repl.line_history import LineHistory, path_of
from showcase.cli.words import one_line
from showcase.conversation.words import MOST_BYTES
from showcase.errors import ShowcaseError

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from showcase.cli.repl.session import Session


class TerminalLines:
    """Reads at a terminal. What is typed is kept for each user; incognito, and of a question, it is not."""

    def __init__(self) -> None:
        self._of: tuple[str, bool] | None = None
        self._prompts: PromptSession[str] | None = None
        self._told = False

    def read(self, session: Session) -> str:
        """See `Reader`."""
        of = session.user_id, session.is_incognito
        if self._prompts is None or self._of != of:
            self._prompts, self._of = self._made(session), of
        below = state.shown(session)
        hidden = " (incognito)" if session.is_incognito else ""
        return self._prompts.prompt(
            f"{one_line(session.user_id)}{hidden}> ",
            bottom_toolbar=lambda: state.fitted_to(below, session.screen.columns),
        )

    def confirm(self, question: str) -> bool:
        """See `Reader`."""
        try:
            return PromptSession[str]().prompt(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        except (EOFError, KeyboardInterrupt):
            return False

    def _made(self, session: Session) -> PromptSession[str]:
        def failed(error: OSError) -> None:
            if not self._told:
                self._told = True
                session.screen.fault(f"what you type cannot be kept for the next chat: {error}")

        history = LineHistory(path_of(session.place, session.user_id), writes=not session.is_incognito, failed=failed)
        return PromptSession(
            history=history,
            completer=Commands(session),
            complete_while_typing=False,
            complete_style=CompleteStyle.COLUMN,
            multiline=True,
            key_bindings=_keys(session),
            prompt_continuation=lambda width, _number, wrapped: "" if wrapped else "." * max(0, width - 1) + " ",
        )


def _keys(session: Session) -> KeyBindings:
    keys = KeyBindings()

    @keys.add(Keys.Enter, filter=~is_searching)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add(Keys.Escape, Keys.Enter)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add(Keys.BracketedPaste)
    def _(event: KeyPressEvent) -> None:
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")
        size = len(text.encode(errors="replace"))
        if size <= MOST_BYTES:
            event.current_buffer.insert_text(text)
            return
        run_in_terminal(
            lambda: session.screen.fault(
                f"what was pasted has {size:,} bytes, and a turn has at most {MOST_BYTES:,}: it was left out",
                "say less at once; what is to be remembered goes in piece by piece: "
                "showcase memories add TEXT --user-id USER",
            )
        )

    @keys.add(Keys.ControlO)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer

        def edit() -> None:
            try:
                buffer.text = edited(buffer.text, session.around)
            except ShowcaseError as error:
                session.screen.error(error)
            buffer.cursor_position = len(buffer.text)

        run_in_terminal(edit)

    return keys
