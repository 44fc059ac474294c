"""The store between two processes: which files it has, and a digest that changes when any of them does."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from showcase.evidence import StoreFile, StoreState

if TYPE_CHECKING:
    from pathlib import Path


def look(store: Path) -> StoreState | None:
    """Return the state of the store, None where there is none or a file of it cannot be read."""
    if not store.is_dir():
        return None
    files = []
    try:
        for path in sorted(store.rglob("*")):
            if path.is_file():
                data = path.read_bytes()
                files.append(
                    StoreFile(
                        path=path.relative_to(store).as_posix(),
                        size_bytes=len(data),
                        sha256=hashlib.sha256(data).hexdigest(),
                    )
                )
    except OSError:
        return None
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.path}\0{file.sha256}\n".encode())
    return StoreState(digest=whole.hexdigest(), files=tuple(files))
