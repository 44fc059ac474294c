"""Session 5, after a user was forgotten: another process looks through every byte, then asks stock mem0 for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from showcase.erasure import reader
from showcase.evidence import AskedAfter
from showcase.memory import index_room
from showcase.memory.heap import fill_what_is_handed_out
from showcase.memory.mem0_store import EVERYTHING, import_mem0, memory_rows
from showcase.memory.rebuilding import Going
from showcase.processes.protocol.events import AskedAgain, Listed, LookedAgain
from showcase.settings.store_place import StorePlace

if TYPE_CHECKING:
    from showcase.processes.protocol.orders import AfterForget
    from showcase.scenes.stage import MemoryStage

EVERYBODY = "*"
"""As which mem0 reads everybody's rows."""


def prepare() -> None:
    """Import mem0."""
    import_mem0()


def play(stage: MemoryStage[AfterForget]) -> None:
    """Look first: whoever opens the store writes to it."""
    task = stage.task
    place = StorePlace(root=Path(task.root), chroma=stage.store, home=Path(task.home))
    going = Going(user_id=task.user_id, ids=frozenset(task.sought.ids), everything=True)
    fill_what_is_handed_out()
    stage.emit(LookedAgain(verified=reader.verify(place, reader.read(task.sought), going)))
    memory = stage.open_memory()
    mine = {"user_id": task.user_id}
    stage.say_searched(stage.search(memory, task.question, mine, task.top_k))
    stage.emit(Listed(rows=memory_rows(memory.get_all(filters=mine, top_k=EVERYTHING))))
    theirs = {"user_id": task.second_id}
    everybodys = stage.search(memory, task.question, {"user_id": EVERYBODY}, EVERYTHING)
    second = stage.search(memory, task.second_question, theirs, task.top_k)
    stage.emit(
        AskedAgain(
            asked=AskedAfter(
                got=sum(memory.get(each) is not None for each in task.sought.ids),
                history_lines=sum(len(memory.history(each)) for each in task.sought.ids),
                wildcard=tuple(row.memory_id for row in everybodys if row.user_id == task.user_id),
                second_recalled=tuple((row.memory_id, row.cosine) for row in second),
                second_listed=tuple(
                    row.memory_id for row in memory_rows(memory.get_all(filters=theirs, top_k=EVERYTHING))
                ),
            )
        )
    )
    stage.hold()
    memory.close()
    index_room.blank(place)  # where the system fills nothing: this process knows what was forgotten
