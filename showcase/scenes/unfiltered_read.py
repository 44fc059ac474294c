"""Control: a reader of the same store without the user filter must find the first user's rows.

It reads with chromadb alone. If it found nothing, there would have been nothing to isolate.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from showcase.memory.chroma_store import every_row, import_chromadb
from showcase.processes.protocol.events import Listed, Opened

if TYPE_CHECKING:
    from showcase.processes.protocol.orders import UnfilteredRead
    from showcase.scenes.stage import Stage


def prepare() -> None:
    """Import chromadb."""
    import_chromadb()


def play(stage: Stage[UnfilteredRead]) -> None:
    """List every row of the store, whoever it belongs to."""
    rows = every_row(Path(stage.task.store))
    stage.emit(Opened())
    stage.say_switches()
    stage.emit(Listed(rows=rows))
