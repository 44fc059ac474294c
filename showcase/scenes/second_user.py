"""Session 3: a third process, the second user, a memory of their own and the same question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.scenes.planting import Planting
from showcase.scenes.recall import prepare, search_and_ask

if TYPE_CHECKING:
    from showcase.processes.protocol.orders import SecondUser
    from showcase.scenes.stage import MemoryStage

__all__ = ["play", "prepare"]


def play(stage: MemoryStage[SecondUser]) -> None:
    """Plant, search, list, ask."""
    memory = stage.open_memory()
    planting = Planting(stage, memory)
    for text in stage.task.memories:
        planting.add(text)
    search_and_ask(stage, memory)
    stage.hold()
    memory.close()
