"""What each scene is told to do: the settings and the scenario, cut to what one process needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.engines.discovery import Choice
from showcase.evidence import Endpoint, Scenario, User
from showcase.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """Makes the task of each scene; see `Stage.task` for the keys."""

    settings: Settings
    scenario: Scenario
    choice: Choice
    endpoint: Endpoint

    def plant(self) -> dict[str, Any]:
        """Session 1."""
        keep = self.settings.keep_store
        both = [self.scenario.first.id, self.scenario.second.id]
        return self._task(self.scenario.first) | {"wipe": not keep, "inventory": keep, "user_ids": both}

    def recall(self) -> dict[str, Any]:
        """Session 2: it is not told what was planted."""
        return self._task(self.scenario.first) | {"memories": []}

    def second_user(self) -> dict[str, Any]:
        """Session 3."""
        return self._task(self.scenario.second)

    def empty_store(self, store: Path, home: Path) -> dict[str, Any]:
        """Return the control's task: the first user's question on another store."""
        return self._task(self.scenario.first) | {"memories": [], "store": str(store), "home": str(home)}

    def unfiltered_read(self) -> dict[str, Any]:
        """Return the task of the reader without a user filter."""
        return {"store": str(self.settings.store)}

    def _task(self, user: User) -> dict[str, Any]:
        return {
            "user_id": user.id,
            "memories": list(user.memories),
            "question": user.question,
            "store": str(self.settings.store),
            "home": str(self.settings.mem0_home),
            "endpoint": {"address": self.endpoint.address, "port": self.endpoint.port},
            "chat_model": self.choice.chat_model.name,
            "embed_model": self.choice.embed_model.name,
            "dimensions": self.choice.embed_model.dimensions,
            "infer": self.settings.infer,
            "top_k": self.settings.top_k,
            "hold": self.settings.step,
            "limit_s": self.settings.session_timeout_s,
        }
