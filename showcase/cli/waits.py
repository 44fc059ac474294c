"""What each process waits for from the model server, as plain lines: once that takes long, and when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.processes.protocol.events import Reading
from showcase.progress.model_wait import ModelWait
from showcase.progress.reminder import FIRST_S, Reminder

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.processes.protocol.events import Event

HIDDEN = "witness control"


class Waits:
    """Tells of all processes of a run.

    Args:
        tell: Prints a line; called from several threads.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._of: dict[str, _Wait] = {}

    def hear(self, role: str, event: Event) -> None:
        """Take note of an event."""
        if role == HIDDEN:
            return
        if role not in self._of:
            self._of[role] = _Wait(lambda text: self._tell(f"{role:<23} {text}"))
        self._of[role].hear(event)

    def ended(self, role: str) -> None:
        """Tell nothing more of a process that is gone."""
        if role in self._of:
            self._of.pop(role).stop()


class _Wait:
    """Tells of one process."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._model = ModelWait()
        self._reminder: Reminder | None = None

    def hear(self, event: Event) -> None:
        """Take note of an event."""
        before, read = self._model.purpose, self._model.tokens_read
        self._model.hear(event)
        begins = isinstance(event, Reading)
        if before and self._model.purpose == before:  # it goes on
            if self._model.tokens_read > read and self._model.since_s >= FIRST_S:
                self._say(0.0)
        elif begins:
            self.stop()
            if self._model.purpose == "preflight":  # nobody has read it before, and on a small machine it takes minutes
                self._say(0.0)
            self._reminder = Reminder(self._say)
        elif not self._model.purpose and self._reminder is not None:
            self.stop()
            if self._model.told:
                self._tell(self._model.told)

    def _say(self, _since_s: float) -> None:
        doing = self._model.doing()
        if doing:
            self._tell(doing)

    def stop(self) -> None:
        """Tell nothing more."""
        reminder, self._reminder = self._reminder, None
        if reminder is not None:
            reminder.stop()
