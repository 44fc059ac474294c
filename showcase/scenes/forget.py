"""Session 4, where it is asked for: the first user is forgotten, by this program or by stock mem0."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.erasure import erasing, reader
from showcase.erasure.order import Order, Removed
from showcase.erasure.removal import rebuilt
from showcase.memory import rebuilding
from showcase.memory.backends.opening import look
from showcase.memory.chroma_client import ChromaClient, forget_opened
from showcase.memory.collections import Collections
from showcase.memory.history_copy import digest_of_tables
from showcase.memory.mem0_store import import_mem0
from showcase.memory.moving import check_alone
from showcase.memory.same_store import alone
from showcase.memory.store_files import HISTORY
from showcase.processes.protocol.events import Erased, Opened
from showcase.scenes.stage import MemoryStage
from showcase.settings.store_place import StorePlace

if TYPE_CHECKING:
    from showcase.erasure.gathering import Gathered
    from showcase.erasure.places import Listing
    from showcase.evidence.erasure import Scan
    from showcase.processes.protocol.orders import Forget
    from showcase.scenes.stage import Stage

_KEY_BYTES = 32


def prepare() -> None:
    """Import mem0, whose switches are looked at, and Chroma with it."""
    import_mem0()


def play(stage: Stage[Forget]) -> None:
    """Look, remove, look again."""
    task = stage.task
    place = StorePlace(root=Path(task.root), chroma=Path(task.task.store), home=Path(task.task.home))
    kept = look(place)
    with Collections(place, kept.layout) as rows:
        ids = tuple(row.memory_id for row in rows.rows(task.user_id))
    if task.method == "erase":
        stage.emit(Opened())
        stage.say_switches()
    order = Order(kept=kept, user_id=task.user_id, ids=ids, everything=True, key=secrets.token_bytes(_KEY_BYTES))
    with alone(place):
        check_alone(place)
        done = erasing.forget(order, rebuilt if task.method == "erase" else partial(_by_mem0, stage))
    stage.emit(
        Erased(erasure=erasing.facts(order, done, task.method, None), sought=reader.written(done.gathered.subject))
    )


def _by_mem0(stage: Stage[Forget], order: Order, gathered: Gathered, _listing: Listing, _before: Scan) -> Removed:
    """Delete as anybody would who reads mem0's documents."""
    memory = MemoryStage(task=stage.task.task, emit=stage.emit, wait=stage.wait).open_memory()
    memory.delete_all(user_id=order.user_id)
    memory.close()
    return _taken_out(order, gathered)


def _taken_out(order: Order, gathered: Gathered) -> Removed:
    """Return what became of rows that somebody else took out: how many are gone, and what stays, as it is now."""
    place = order.kept.place
    try:
        with ChromaClient(place) as client:
            stays = rebuilding.digest_of(client, gathered.going)
            there = 0
            for name in client.names():
                with client.translated():
                    collection = client.opened().get_collection(name, embedding_function=None)
                    answer = collection.get(ids=list(order.ids), include=["metadatas"]) if order.ids else {}
                there += sum((each or {}).get("user_id") == order.user_id for each in answer.get("metadatas") or ())
    finally:
        forget_opened()
    return Removed(rows=gathered.found - there, stays=stays.digest, history=digest_of_tables(place.home / HISTORY))
