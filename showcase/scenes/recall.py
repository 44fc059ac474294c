"""Session 2: another process asks as the first user, and what it recalls goes into the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.memory.mem0_store import import_mem0
from showcase.processes.protocol.events import Listed

if TYPE_CHECKING:
    from showcase.processes.protocol.orders import MemoryTask, Recall
    from showcase.scenes.stage import MemoryStage


def prepare() -> None:
    """Import mem0 and the client of the model server."""
    import_mem0()
    import showcase.engines.ollama  # noqa: F401, PLC0415 - heavy


def play(stage: MemoryStage[Recall]) -> None:
    """Search, list, ask."""
    memory = stage.open_memory()
    search_and_ask(stage, memory)
    stage.hold()
    memory.close()


def search_and_ask(stage: MemoryStage[MemoryTask], memory: Any) -> None:  # noqa: ANN401 - mem0's own class
    """Search as the task's user, list that user's rows, and ask with what was recalled."""
    mine = {"user_id": stage.user_id}
    found = stage.search(memory, stage.task.question, mine, stage.task.top_k)
    stage.say_searched(found)
    stage.emit(Listed(rows=stage.listed(memory)))
    stage.ask([row.text for row in found])
