"""Control: a reader of the same store without the user filter must find the first user's rows.

It reads by the engine's own client, without mem0. If it found nothing, there would have been nothing to isolate.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.evidence import MemoryRow
from showcase.memory.chroma_store import every_row, import_chromadb
from showcase.memory.stored import from_metadata
from showcase.processes.protocol.events import Listed, Opened
from showcase.scenes.stage import place_of_task
from showcase.settings import store_secret
from showcase.stores.engines import table

if TYPE_CHECKING:
    from showcase.processes.protocol.orders import UnfilteredRead
    from showcase.scenes.stage import Stage


def prepare() -> None:
    """Import chromadb."""
    import_chromadb()


def play(stage: Stage[UnfilteredRead]) -> None:
    """List every row of the store, whoever it belongs to."""
    task = stage.task
    rows = _rows_of_table(task) if task.address else every_row(Path(task.store))
    stage.emit(Opened())
    stage.say_switches()
    stage.emit(Listed(rows=rows))


def _rows_of_table(task: UnfilteredRead) -> tuple[MemoryRow, ...]:
    place = place_of_task(task.store, task.address, home=Path(task.store).parent)
    with closing(table(place, store_secret.find(os.environ))) as there:
        found = [from_metadata(row.memory_id, row.beside) for page in there.pages(None) for row in page]
    return tuple(MemoryRow(memory_id=row.memory_id, text=row.text, user_id=row.user_id) for row in found)
