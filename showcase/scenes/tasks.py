"""What each scene is told to do: the settings and the scenario, cut to what one process needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.engines.discovery import Choice
from showcase.evidence import Endpoint, Scenario, User
from showcase.processes.protocol.orders import EmptyStore, Plant, Recall, SecondUser, UnfilteredRead
from showcase.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.processes.protocol.orders import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """Makes the task of each scene."""

    settings: Settings
    scenario: Scenario
    choice: Choice
    endpoint: Endpoint

    def session(self, number: int) -> Task:
        """Return the task of a session by its number, 1 to 3."""
        return (self.plant, self.recall, self.second_user)[number - 1]()

    def plant(self) -> Plant:
        """Session 1."""
        keep = self.settings.keep_store
        both = (self.scenario.first.id, self.scenario.second.id)
        return Plant(**self._of(self.scenario.first), wipe=not keep, inventory=keep, user_ids=both)

    def recall(self) -> Recall:
        """Session 2: it is not told what was planted."""
        return Recall(**self._of(self.scenario.first) | {"memories": ()})

    def second_user(self) -> SecondUser:
        """Session 3."""
        return SecondUser(**self._of(self.scenario.second))

    def empty_store(self, store: Path, home: Path) -> EmptyStore:
        """Return the control's task: the first user's question on another store."""
        return EmptyStore(**self._of(self.scenario.first) | {"memories": (), "store": str(store), "home": str(home)})

    def unfiltered_read(self) -> UnfilteredRead:
        """Return the task of the reader without a user filter."""
        return UnfilteredRead(store=str(self.settings.store))

    def _of(self, user: User) -> dict[str, Any]:
        """Return the fields that all tasks on the memory share, see `MemoryTask`; the adapter checks their types."""
        return {
            "user_id": user.id,
            "memories": user.memories,
            "question": user.question,
            "store": str(self.settings.store),
            "home": str(self.settings.mem0_home),
            "endpoint": self.endpoint,
            "chat_model": self.choice.chat_model.name,
            "embed_model": self.choice.embed_model.name,
            "dimensions": self.choice.embed_model.dimensions,
            "infer": self.settings.infer,
            "top_k": self.settings.top_k,
            "hold": self.settings.step,
            "limit_s": self.settings.session_timeout_s,
        }
