"""What each scene is told to do: the settings and the scenario, cut to what one process needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from showcase.engines.discovery import Choice
from showcase.evidence import Endpoint, Scenario, Sought, User
from showcase.languages import Told, tell_of
from showcase.processes.protocol.orders import (
    AfterForget,
    EmptyStore,
    Forget,
    MemoryTask,
    Plant,
    Recall,
    SecondUser,
    UnfilteredRead,
)
from showcase.settings import Settings
from showcase.settings.store_place import StorePlace

if TYPE_CHECKING:
    from showcase.processes.protocol.orders import Scene, Task


SESSION_SCENES: dict[int, Scene] = {1: "plant", 2: "recall", 3: "second-user", 4: "forget", 5: "after-forget"}
"""What each session plays; the last two where somebody is to be forgotten."""


def languages_of(scenario: Scenario) -> tuple[Told, ...]:
    """Return the languages of a scenario's texts, the commonest first."""
    return tell_of([[*user.memories, user.question] for user in (scenario.first, scenario.second)])


def users_of(scenario: Scenario, settings: Settings) -> dict[str, str]:
    """Return as whom each session of a run acts, by its role."""
    first, second = scenario.first.id, scenario.second.id
    users = {"session 1": first, "session 2": first, "session 3": second}
    return users | ({} if settings.forget is None else {"session 4": first, "session 5": first})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """Makes the task of each scene."""

    settings: Settings
    scenario: Scenario
    choice: Choice
    endpoint: Endpoint
    place: StorePlace

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

    def empty_store(self, place: StorePlace) -> EmptyStore:
        """Return the control's task: the first user's question on another store."""
        return EmptyStore(**self._of(self.scenario.first, place) | {"memories": ()})

    def unfiltered_read(self) -> UnfilteredRead:
        """Return the task of the reader without a user filter."""
        return UnfilteredRead(store=str(self.place.chroma), address=_url(self.place))

    def forget(self, method: Literal["erase", "stock"]) -> Forget:
        """Session 4."""
        first = self.scenario.first
        task = MemoryTask(**self._of(first) | {"memories": ()})
        return Forget(user_id=first.id, root=str(self.place.root), method=method, task=task)

    def after_forget(self, sought: Sought) -> AfterForget:
        """Session 5."""
        second = self.scenario.second
        return AfterForget(
            **self._of(self.scenario.first) | {"memories": ()},
            root=str(self.place.root),
            sought=sought,
            second_id=second.id,
            second_question=second.question,
        )

    def _of(self, user: User, place: StorePlace | None = None) -> dict[str, Any]:
        """Return the fields that all tasks on the memory share, see `MemoryTask`; the adapter checks their types."""
        place = place or self.place
        return {
            "user_id": user.id,
            "memories": user.memories,
            "question": user.question,
            "store": str(place.chroma),
            "home": str(place.home),
            "address": _url(place),
            "endpoint": self.endpoint,
            "chat_model": self.choice.chat_model.name,
            "counts_exactly": self.choice.kind == "embedded",
            "embed_model": self.choice.embed_model.name,
            "dimensions": self.choice.embed_model.dimensions,
            "infer": self.settings.infer,
            "top_k": self.settings.top_k,
            "hold": self.settings.step,
            "limit_s": self.settings.session_timeout_s,
        }


def _url(place: StorePlace) -> str:
    return "" if place.address is None else str(place.address)
