"""The store between two processes by its rows: what is looked at where its files are a server's."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError
from showcase.evidence import StoreState, StoreTable

if TYPE_CHECKING:
    from showcase.stores.interface import Row, Table


def look(table: Table) -> StoreState | None:
    """Return the state of a collection, None where it cannot be read. One that is not there has no rows.

    Looking changes nothing.
    """
    try:
        rows = sorted(
            _digested(row) for page in (table.pages(None, vectors=True) if table.exists() else ()) for row in page
        )
    except ShowcaseError:
        return None
    finally:
        table.close()
    whole = hashlib.sha256()
    for _, digest in rows:
        whole.update(digest)
    kept = StoreTable(path="", name=table.address.collection, rows=len(rows))
    return StoreState(digest=whole.hexdigest(), files=(), tables=(kept,), by="rows")


def _digested(row: Row) -> tuple[str, bytes]:
    """Return the id of a row, and the SHA-256 of all of it: each part with its length, numbers in single precision."""
    vector = row.vector or ()
    parts = (
        row.memory_id.encode("utf-8", "surrogatepass"),
        json.dumps(dict(row.beside), sort_keys=True).encode(),
        struct.pack(f"<{len(vector)}f", *vector),
    )
    digest = hashlib.sha256()
    for part in parts:
        digest.update(struct.pack("<Q", len(part)) + part)
    return row.memory_id, digest.digest()
