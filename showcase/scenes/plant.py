"""Session 1: a new store, the first user's memories, and the list of them."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.evidence import Model
from showcase.memory.backends.opening import look
from showcase.memory.distances import check_space
from showcase.memory.mem0_store import EVERYTHING, import_mem0
from showcase.memory.store_errors import begin_anew
from showcase.memory.store_record import remember
from showcase.memory.store_state import holders
from showcase.memory.stored import from_metadata
from showcase.memory.user_ids import check_user_id
from showcase.processes.protocol.events import Inventoried, Listed
from showcase.scenes.collection import begin_collection
from showcase.scenes.planting import Planting
from showcase.settings import store_secret
from showcase.shell import here

if TYPE_CHECKING:
    from showcase.processes.protocol.orders import Plant
    from showcase.scenes.stage import MemoryStage


def prepare() -> None:
    """Import mem0."""
    import_mem0()


def play(stage: MemoryStage[Plant]) -> None:
    """Wipe the store that this run owns, plant, list."""
    task = stage.task
    if task.wipe:
        # mem0's home too: its history keeps the plaintext of what was deleted from the store.
        for directory in (stage.store, Path(task.home)):
            _empty(directory)
        begin_collection(stage, task.user_ids)
    elif stage.place.address is not None:
        look(stage.place, secret=store_secret.find(os.environ))  # of which model its vectors are, it says itself
    # Before mem0 opens it: an embedded engine has one client at a time.
    known = _known(stage) if task.inventory else None
    memory = stage.open_memory()
    place = stage.place
    if place.address is None:
        check_space(place, "shared")  # cosines are told from mem0's scores by what distance they are made of
    # Nothing else tells two models of one dimension apart.
    remember(place, Model(name=task.embed_model, dimensions=task.dimensions))
    if task.inventory:
        if known is None:
            known = {row.payload.get("user_id") for row in memory.vector_store.list(top_k=EVERYTHING)[0]}
        for user_id in task.user_ids:
            check_user_id(user_id, others=[other for other in known if other and other != user_id])
        stage.emit(Inventoried(rows=stage.listed(memory)))
    planting = Planting(stage, memory)
    if task.infer:
        planting.require_room()
    for text in task.memories:
        planting.add(text)
    stage.emit(Listed(rows=stage.listed(memory)))
    stage.hold()
    memory.close()


def _known(stage: MemoryStage[Plant]) -> set[str | None] | None:
    """Return whose rows there are in a store with a URL, None of an embedded Chroma, which mem0 is asked for."""
    if stage.place.address is None:
        return None
    with closing(stage.table()) as rows:
        found = (row for page in (rows.pages(None) if rows.exists() else ()) for row in page)
        return {from_metadata(row.memory_id, row.beside).user_id for row in found}


def _empty(directory: Path) -> None:
    """Remove what earlier runs left in a directory of ours: all of it, or nothing where another program holds a part.

    Raises:
        StoreError: It cannot be removed.
    """
    try:
        if directory.exists():
            _check_free(directory)
            shutil.rmtree(directory)
        directory.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise StoreError(
            f"cannot empty {directory}: {error.strerror or error}", hint=here().make_writable(directory)
        ) from error


def _check_free(directory: Path) -> None:
    """Refuse where Windows would keep a file that another program has open, when others are removed already.

    To rename a file, be it to its own name, needs the right to remove it there; elsewhere it is nothing.
    """
    for path in directory.rglob("*"):
        if path.is_file():
            try:
                path.rename(path)
            except PermissionError as error:
                raise _held(directory, path) from error


def _held(directory: Path, path: Path) -> StoreError:
    holding = holders(directory)
    who = " and ".join(f"{name} (pid {pid})" for pid, name in holding) or "another program"
    look = here().process(holding[0][0]) if holding else here().who_has_open(path)
    return StoreError(
        f"cannot empty {directory}: {who} has {path.name} open, and nothing of it was removed",
        hint=f"let it end, then run again; see what it is: {look}; or {begin_anew(directory)}",
    )
