"""A collection of a run's own on the server of a store: emptied, made and marked before mem0 opens it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.evidence import Model
from showcase.memory.run_mark import entities_of, why_entities_stay, why_not_emptied, written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.processes.protocol.orders import MemoryTask
    from showcase.scenes.stage import MemoryStage
    from showcase.stores.interface import Table


def begin_collection(stage: MemoryStage[MemoryTask], user_ids: Iterable[str]) -> None:
    """Let the collection of a server be a new one with a run's mark; nothing happens where the store has no server.

    The mark comes before the first row, so that what a run leaves that is killed is known for a run's.

    Args:
        stage: Where the store is.
        user_ids: As whom this run acts on it.

    Raises:
        StoreError: It is there and no run made it, or others added to it: it is left as it is.
    """
    address = stage.place.address
    if address is None or address.path is not None:
        return
    model = Model(name=stage.task.embed_model, dimensions=stage.task.dimensions)
    with closing(stage.table()) as rows:
        if rows.exists():
            _check(rows, why_not_emptied(rows))
            name = entities_of(address)
            if name is not None:
                with closing(stage.table(name)) as entities:
                    _check(entities, why_entities_stay(entities, rows))
                    entities.drop()
            rows.drop()
        rows.make(stage.task.dimensions)
        rows.set_mark(written(model, user_ids))


def _check(rows: Table, why: str | None) -> None:
    if why is not None:
        raise StoreError(
            f"the collection {rows.address.collection} of {rows.address.where} became somebody else's meanwhile: {why}",
            hint="take another collection: --store with ?collection=OTHER",
        )
