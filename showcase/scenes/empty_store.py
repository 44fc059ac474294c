"""Control: the first user's question on a store where nothing was planted must recall nothing.

Then it is asked without memory, so that the reply stands beside the one with it. The search is what the control is
there for: no reply, whatever the reason, is no failure of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.memory.mem0_store import import_mem0
from showcase.processes.protocol.events import Listed, Unanswered
from showcase.scenes.collection import begin_collection
from showcase.scenes.faults import in_words

if TYPE_CHECKING:
    from showcase.processes.protocol.orders import EmptyStore
    from showcase.scenes.stage import MemoryStage


def prepare() -> None:
    """Import mem0 and the client of the model server."""
    import_mem0()
    import showcase.engines.ollama  # noqa: F401, PLC0415 - heavy


def play(stage: MemoryStage[EmptyStore]) -> None:
    """Search and list; then ask, when no session needs the server any more."""
    begin_collection(stage, (stage.task.user_id,))
    memory = stage.open_memory()
    mine = {"user_id": stage.user_id}
    stage.say_searched(stage.search(memory, stage.task.question, mine, stage.task.top_k))
    stage.emit(Listed(rows=stage.listed(memory)))
    memory.close()
    if not stage.may_ask():
        return
    try:
        with in_words(stage.task):
            stage.ask([])
    except Exception as error:  # noqa: BLE001 - it has shown already what it is there to show
        stage.emit(Unanswered(kind=type(error).__name__, message=str(error)))
