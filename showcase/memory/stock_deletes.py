"""How others delete: by Chroma's own calls, its vacuum, and by hand from mem0's history, each as they ship.

For mem0's `delete`, `delete_all` and `reset` see `stock_mem0`. Nothing here cleans up after them: it is what they leave
that is looked at.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Literal

from showcase.errors import StoreError
from showcase.memory.chroma_client import ChromaClient, forget_opened
from showcase.memory.history import path_of
from showcase.memory.mem0_store import COLLECTION
from showcase.processes.environment import build
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.settings.store_place import StorePlace

SecureDelete = Literal["ON", "OFF"]
"""Whether SQLite writes zeros over what it deletes: https://www.sqlite.org/pragma.html#pragma_secure_delete. It is a
property of a connection, and of how a library was compiled where nobody says."""

VACUUM = ("-c", "from chromadb.cli.cli import app; app()", "vacuum", "--force", "--path")
"""What the console script `chroma` of chromadb 1.5.9 does, by the interpreter that runs this."""

_TIMEOUT_S = 600.0


@contextmanager
def chroma_opened(place: StorePlace) -> Iterator[tuple[Any, Any]]:
    """Open a store by Chroma alone; yield its client and the collection that mem0 keeps its rows in.

    Raises:
        StoreError: The store cannot be used.
    """
    try:
        with ChromaClient(place) as client, client.translated():
            yield client.opened(), client.opened().get_collection(COLLECTION, embedding_function=None)
    finally:
        forget_opened()


def vacuum(place: StorePlace) -> None:
    """Run `chroma vacuum --force` in a process of its own, in an environment of ours.

    Raises:
        StoreError: It ended otherwise than with 0, or not at all.
    """
    environment, _ = build(os.environ, mem0_home=place.home)
    try:
        done = subprocess.run(
            [sys.executable, *VACUUM, str(place.chroma)],
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise StoreError(f"chroma vacuum did not end within {_TIMEOUT_S:g} s", hint=_who(place)) from error
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()[-1:] or ["nothing"]
        raise StoreError(f"chroma vacuum ended with {done.returncode} and said: {said[0]}", hint=_who(place))


def tell(database: sqlite3.Connection, secure_delete: SecureDelete) -> None:
    """Tell a connection whether it writes zeros over what it deletes."""
    database.execute(f"PRAGMA secure_delete = {secure_delete}")


def delete_history(place: StorePlace, memory_ids: list[str], *, secure_delete: SecureDelete) -> None:
    """Delete what mem0's history says of some memories, as somebody would by hand: mem0 has no call for it."""
    with closing(sqlite3.connect(path_of(place))) as database:
        tell(database, secure_delete)
        with database:
            database.executemany("DELETE FROM history WHERE memory_id = ?", [(each,) for each in memory_ids])


def _who(place: StorePlace) -> str:
    return f"see who has the store open: {here().who_has_open(place.chroma)}"
