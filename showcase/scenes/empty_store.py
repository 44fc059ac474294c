"""Control: the first user's question on a store where nothing was planted must recall nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.memory.mem0_store import EVERYTHING, import_mem0, memory_rows, recalls

if TYPE_CHECKING:
    from showcase.scenes.stage import Stage


def prepare() -> None:
    """Import mem0."""
    import_mem0()


def play(stage: Stage) -> None:
    """Search and list."""
    memory = stage.open_memory()
    mine = {"user_id": stage.user_id}
    found = memory.search(stage.task["question"], filters=mine, top_k=stage.task["top_k"], explain=True)
    stage.say_searched(recalls(found))
    stage.say_rows("listed", memory_rows(memory.get_all(filters=mine, top_k=EVERYTHING)))
    memory.close()
