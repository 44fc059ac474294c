"""Who is told what happens while it happens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from showcase.evidence import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from showcase.processes.protocol.events import Event

    Counts = Callable[[], Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A moment at which a person may look around.

    Attributes:
        role: The session it is about.
        user_id: As whom it acts.
        pid: Its process.
        alive: Whether that process still lives, with the store open.
        store: Where the files of the store under test are.
        address: Its URL, empty for a directory with an embedded Chroma.
        endpoint: Where the model server listens.
        sessions_left: How many sessions are to come.
        took_s: How long the session worked, without the time that it waited for somebody.
    """

    role: str
    user_id: str
    pid: int
    alive: bool
    store: Path
    address: str = ""
    endpoint: Endpoint
    sessions_left: int
    took_s: float


class Progress(Protocol):
    """Shows a person what goes on. `note` and `event` are called from several threads."""

    def begin(self, users: Mapping[str, str], counts: Counts) -> None:
        """A run begins.

        Args:
            users: As whom each session acts, by its role.
            counts: Tells at any time what each witness counted so far, by its name.
        """
        ...

    def note(self, text: str) -> None:
        """Say something about the run as a whole."""
        ...

    def event(self, role: str, event: Event) -> None:
        """A process of the run wrote an event."""
        ...

    def ended(self, role: str, exit_code: int | None) -> None:
        """A process of the run was reaped."""
        ...

    def pause(self, pause: Pause) -> None:
        """Return when the person has looked."""
        ...

    def end(self) -> None:
        """The run is over: the terminal is the caller's again. Also after a failure, and more than once."""
        ...


class Silence:
    """Shows nothing, and waits for nobody."""

    def begin(self, users: Mapping[str, str], counts: Counts) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def event(self, role: str, event: Event) -> None:
        """Ignore it."""

    def ended(self, role: str, exit_code: int | None) -> None:
        """Ignore it."""

    def pause(self, pause: Pause) -> None:
        """Go on at once."""

    def end(self) -> None:
        """Nothing was begun."""
