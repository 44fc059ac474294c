"""Who is told what happens while it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Progress(Protocol):
    """Shows a person what goes on. Called from several threads."""

    def note(self, text: str) -> None:
        """Say something about the run as a whole."""
        ...

    def event(self, role: str, event: Mapping[str, Any]) -> None:
        """A process of the run wrote an event."""
        ...


class Silence:
    """Shows nothing."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def event(self, role: str, event: Mapping[str, Any]) -> None:
        """Ignore it."""
