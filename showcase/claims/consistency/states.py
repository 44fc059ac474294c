"""Whether a state of the store is one: its digest that of its files, its tables in its files; or its rows alone."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import MOST_BYTES, is_size, twice
from showcase.claims.consistency.sessions import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Run, StoreState

_SHA256 = re.compile(r"[0-9a-f]{64}")
_REDACTED = re.compile(r"path-\d+")
"""What a redacted log has in the place of a path."""

_OF_NOTHING = hashlib.sha256().hexdigest()


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    for item in (*run.sessions, *run.controls):
        for when, state in (("before", item.store_before), ("after", item.store_after)):
            if state is not None:
                looked = _rows(state, run) if state.by == "rows" else _files(state, run)
                yield from (f"the store {when} {called(item)} {what}" for what in looked)


def _rows(state: StoreState, run: Run) -> Iterator[str]:
    """Hold a state by rows against itself; what its digest was taken of is in no log."""
    if run.store is None or not run.store.is_server:
        yield "was looked at by its rows, and its files lie here"
    if state.files or len(state.tables) != 1:
        yield "was looked at by its rows, and holds files, or no collection"
        return
    (collection,) = state.tables
    if collection.path or (run.store is not None and collection.name != run.store.collection):
        yield f"is of the collection {collection.name!r}, which is another's"
    if not 0 <= collection.rows <= MOST_BYTES or (collection.rows == 0) is not (state.digest == _OF_NOTHING):
        yield f"holds {collection.rows} rows, and has the digest of none or of some"
    if not _SHA256.fullmatch(state.digest):
        yield "has no digest"


def _files(state: StoreState, run: Run) -> Iterator[str]:
    if run.store is not None and run.store.is_server:
        yield "was looked at by its files, which are a server's"
    sizes = {file.path: file.size_bytes for file in state.files}
    if twice(file.path for file in state.files) is not None or "" in sizes:
        yield "holds a file twice, or one without a name"
    for file in state.files:
        if not is_size(file.size_bytes) or not _SHA256.fullmatch(file.sha256):
            yield f"holds the file {file.path} of {file.size_bytes} bytes, or without a digest"
        elif (file.size_bytes == 0) is not (file.sha256 == _OF_NOTHING):
            yield f"holds the file {file.path}, which is empty by its size or by its digest, and not by both"
    # A redacted log holds no paths, and so nothing that the digest could be taken of.
    if state.digest != digest(state) and not (state.files and all(_REDACTED.fullmatch(path) for path in sizes)):
        yield "has another digest than its files"
    if twice((table.path, table.name) for table in state.tables) is not None:
        yield "holds a table twice"
    for table in state.tables:
        # A row takes a byte at least: https://www.sqlite.org/fileformat.html#record_format
        if not table.name or table.path not in sizes or not 0 <= table.rows <= sizes[table.path]:
            yield f"holds a table {table.name!r} of {table.rows} rows in {table.path!r}"


def digest(state: StoreState) -> str:
    """Return the digest of a state's files, as `store_state` takes it when it looks."""
    whole = hashlib.sha256()
    for file in state.files:
        whole.update(f"{file.path}\0{file.sha256}\n".encode("utf-8", "surrogatepass"))
    return whole.hexdigest()
