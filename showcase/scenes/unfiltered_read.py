"""Control: a reader of the same store without the user filter must find the first user's rows.

It reads with chromadb alone. If it found nothing, there would have been nothing to isolate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.memory.chroma_store import every_row, import_chromadb

if TYPE_CHECKING:
    from showcase.scenes.stage import Stage


def prepare() -> None:
    """Import chromadb."""
    import_chromadb()


def play(stage: Stage) -> None:
    """List every row of the store, whoever it belongs to."""
    rows = every_row(stage.store)
    stage.emit({"event": "opened"})
    stage.say_switches()
    stage.say_rows("listed", rows)
