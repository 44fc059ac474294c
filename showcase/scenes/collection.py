"""A collection of a run's own on the server of a store: emptied, made and marked before mem0 opens it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.evidence import Model
from showcase.memory.run_mark import is_of_a_run, written

if TYPE_CHECKING:
    from showcase.processes.protocol.orders import MemoryTask
    from showcase.scenes.stage import MemoryStage

_ENTITIES = "_entities"
"""How the name ends of the collection in which mem0 keeps whom and what memories speak of, where spaCy is installed."""


def begin_collection(stage: MemoryStage[MemoryTask]) -> None:
    """Let the collection of a server be a new one with a run's mark; nothing happens where the store has no server.

    The mark comes before the first row, so that what a run leaves that is killed is known for a run's.

    Raises:
        StoreError: It is there and no run made it: it is left as it is.
    """
    address = stage.place.address
    if address is None or address.path is not None:
        return
    model = Model(name=stage.task.embed_model, dimensions=stage.task.dimensions)
    with closing(stage.table()) as rows:
        if rows.exists():
            if not is_of_a_run(rows.mark()):
                raise StoreError(
                    f"the collection {address.collection} of {address.where} was made by somebody else meanwhile",
                    hint="take another collection: --store with ?collection=OTHER",
                )
            with closing(stage.table(address.collection + _ENTITIES)) as entities:
                entities.drop()
            rows.drop()
        rows.make(stage.task.dimensions)
        rows.set_mark(written(model))
