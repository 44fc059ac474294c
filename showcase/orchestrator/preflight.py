"""What is looked at before a run: what would fail halfway, and what a person should know of where it writes."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.memory.store_errors import check_sqlite
from showcase.memory.store_files import DATABASE, UNFINISHED, unfinished
from showcase.orchestrator import output_directory
from showcase.processes import open_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.evidence import Storage
    from showcase.orchestrator.store_under_test import StoreUnderTest
    from showcase.progress import Progress
    from showcase.settings import Settings
    from showcase.settings.store_place import StorePlace
    from showcase.witnesses.panel import Panel


def check() -> None:
    """Refuse a machine on which no run gets through.

    Raises:
        ShowcaseError: Too few files may be open.
        StoreError: This Python's SQLite is too old for Chroma.
    """
    open_files.check(open_files.OF_A_RUN)
    check_sqlite()


def told_of(settings: Settings, place: StorePlace, out: Path, progress: Progress) -> Storage:
    """Return what the output directory lies on, having said what is worth knowing of it and of the store in it."""
    storage = output_directory.storage_of(out)
    if storage.carried_by:
        progress.note(
            f"warning: the output directory lies in {storage.carried_by}; memories would leave this machine "
            "through the file system. Choose another one: --out DIR"
        )
    stays = settings.keep_store or settings.phase not in (None, 1)
    with suppress(sqlite3.Error, OSError):  # the session that opens it says what is wrong
        if stays and unfinished(place.chroma / DATABASE):
            progress.note(f"the store holds {UNFINISHED}: it is rolled back, and what was stored before it is whole")
    return storage


def told_of_store(store: StoreUnderTest, panel: Panel) -> Iterator[str]:
    """Yield which store was named, and what a person should know before memories go there."""
    server = store.server
    if store.is_named:
        yield f"store: {store.described}"
    if server is None or server.is_here:
        return
    how = "over TLS" if server.tls else "NOT encrypted"
    yield f"warning: memories of this run leave this machine: they go to {server.where}, {how}"
    if "seal" in panel.absent:
        yield f"the sessions run without a seal: {panel.absent['seal']}"
