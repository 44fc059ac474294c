"""Planting: each `add` to the memory under test, and what the server said meanwhile, so that none is silently empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.engines.models.context import preflight, require_extraction
from showcase.engines.models.observation import AddObserver, PromptObservation
from showcase.engines.models.truncation import PromptCount
from showcase.evidence import EmptyAdd, Message
from showcase.memory.extraction_prompt import EXISTING_MEMORIES, LAST_MESSAGES, extraction_messages
from showcase.memory.mem0_store import memory_rows
from showcase.memory.own_parts import http_clients, last_messages
from showcase.processes.protocol.events import AddedNothing, Planted
from showcase.scenes.first_reading import FirstReading
from showcase.scenes.prompts import PatientObserver, prompted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from showcase.engines.models.context import Preflight
    from showcase.evidence import MemoryRow
    from showcase.processes.protocol.orders import MemoryTask
    from showcase.scenes.stage import MemoryStage


class Planting:
    """Adds the task's memories as the task's user.

    Args:
        stage: Where the scene plays.
        memory: mem0's own class; its HTTP clients are listened to and nothing else of it is touched.
    """

    def __init__(self, stage: MemoryStage[MemoryTask], memory: Any) -> None:  # noqa: ANN401 - mem0's own class, which ships no types
        self._stage = stage
        self._memory = memory
        self._server = stage.server()
        self._observer = AddObserver(PatientObserver(self._server))
        self._observer.attach(*http_clients(memory))
        self._stored: set[str] = set()
        if stage.task.infer:  # only an extraction can find what is there already
            self._stored = {row.text for row in stage.listed(memory)}

    def require_room(self) -> None:
        """Count mem0's extraction prompt on the server, say what is left, and refuse where it does not fit.

        Raises:
            ModelError: It does not fit; the hint is the command that makes a model where it does.
            EngineError: The server does not answer.
        """
        found = preflight(
            self._server if self._server.exact else FirstReading(self._server),
            self._server.loaded,
            model=self._stage.task.chat_model,
            messages=self._largest_prompt(),
        )
        self._stage.emit(prompted("preflight", _observed(found, exact=self._server.exact), sentence=found.sentence))
        require_extraction(found, self._stage.endpoint, is_file=self._server.exact)

    def _largest_prompt(self) -> Sequence[Message]:
        """Return the largest prompt that is to be expected: the longest of what is added and of what is there."""
        texts = _longest(self._stage.task.memories)
        before = last_messages(self._memory, self._stage.user_id)
        said = _longest([*texts, *(message.content for message in before)])
        return extraction_messages(
            [Message(role="user", content=text) for text in texts[:1]],
            existing=_longest([*self._stored, *texts])[:EXISTING_MEMORIES],
            last=[Message(role="user", content=text) for text in said[:LAST_MESSAGES]],
        )

    def add(self, text: str) -> None:
        """Add `text`; say what was planted, how much of the prompt was read, and why nothing was stored.

        Whatever mem0 raises passes through, after that was said.
        """
        user_id = self._stage.user_id
        rows: tuple[MemoryRow, ...] = ()
        self._observer.begin()
        try:
            rows = memory_rows(self._memory.add(text, user_id=user_id, infer=self._stage.task.infer), user_id=user_id)
            self._stage.emit(Planted(rows=rows))
        finally:
            self._say(text, rows)
        self._stored |= {row.text for row in rows}

    def _say(self, text: str, rows: Sequence[MemoryRow]) -> None:
        seen = self._observer.end(stored_rows=len(rows), stored=self._stored)
        if seen.prompt is not None:
            self._stage.emit(prompted("add", seen.prompt))
        if seen.empty is not None:
            empty = EmptyAdd(text=text, cause=seen.empty.cause, detail=seen.empty.detail)
            self._stage.emit(AddedNothing(add=empty))


def _longest(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=len, reverse=True)


def _observed(found: Preflight, *, exact: bool) -> PromptObservation:
    """Return a preflight as what it would come to: nothing was read yet."""
    count = PromptCount(
        own_tokens=found.prompt_tokens,
        refused=found.prompt_tokens is None,
        evaluated_tokens=None,
        context_length=found.context_length,
        exact=exact,
    )
    return PromptObservation(count=count, outcome="whole" if found.fits else "cut")
