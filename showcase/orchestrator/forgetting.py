"""The scene in which the first user is forgotten: one process that does it, and another that looks whether it did."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents.overwriting import clear
from showcase.evidence import Forgetting
from showcase.processes.worker_process import WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from showcase.evidence import Session, StoreState
    from showcase.scenes.tasks import Tasks

    Look = Callable[[], StoreState | None]

SESSIONS = (4, 5)
"""The session that forgets, and the one that looks."""


@dataclass(slots=True)
class Scene:
    """The two processes, as far as they were started."""

    forgets: WorkerProcess | None = None
    looks: WorkerProcess | None = None
    copies: list[Path] = field(default_factory=list)
    """Of mem0's own directory, for the control without a store: what is forgotten stands in them too."""

    def play(self, spawn: Callable[[int], WorkerProcess], tasks: Tasks, look: Look) -> Iterator[Session]:
        """Let one process forget the first user, and another look whether nothing of them is left.

        Args:
            spawn: Starts the process of a session by its number.
            tasks: What each is told.
            look: Tells the state of the store.
        """
        for copy in self.copies:
            with suppress(OSError):
                clear(copy)
        self.forgets = forgets = spawn(SESSIONS[0])
        forgets.play(tasks.forget(tasks.settings.forget or "erase"), look=look)
        yield (session := forgets.finish())
        said = forgets.transcript.erased
        if session.exit_code != 0 or said is None:
            return
        self.looks = looks = spawn(SESSIONS[1])
        looks.play(tasks.after_forget(said.sought), look=look)
        yield looks.finish()

    def facts(self) -> Forgetting | None:
        """Return what the first says, with what the second saw; None where the first did not come to say it."""
        said = None if self.forgets is None else self.forgets.transcript.erased
        if said is None:
            return None
        seen = None if self.looks is None else self.looks.transcript
        verified = None if seen is None or seen.looked_again is None else seen.looked_again.verified
        erasure = said.erasure
        if verified is not None:
            erasure = replace(
                erasure,
                rows_by_id_after=verified.by_id,
                verified=verified.scan,
                bystanders=replace(
                    erasure.bystanders,
                    rows_after=verified.rows,
                    after=verified.digest,
                    history_after=verified.history,
                ),
            )
        asked = None if seen is None or seen.asked_again is None else seen.asked_again.asked
        return Forgetting(erasure=erasure, asked=asked)
