"""Whether the participant's reader, which stays open, sees what another process writes meanwhile."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from showcase.labs.workspace import NothingToSeeError, judged, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Workspace

DELETIONS = "SELECT COUNT(*) FROM embeddings_queue WHERE operation = 3"
"""Chroma's queue of what was written keeps each operation; 3 is a deletion."""


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what lies in the participant's store, and what their reader says while we write."""
    yield _written(workspace)
    codes = [f"{secrets.randbelow(10**9):09}" for _ in range(3)]
    first, second, third = (
        f"Locker {code} belongs to {who}." for code, who in zip(codes, ("anna", "bela", "cleo"), strict=True)
    )
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as store,
        workspace.talk("writer.py", store, given=True) as ours,
    ):
        written = [ours.ask(f"+ {first}"), ours.ask(f"+ {second}")]
        with workspace.talk("reader.py", store) as reader:
            before = reader.ask("which locker belongs to anna")
            if not all(each.whole for each in written) or codes[0] not in before.text:
                yield unmet("new", f"it does not even find what was there before: {before.trouble or 'it answered'}")
                return
            ours.ask(f"+ {third}")
            added = reader.ask("which locker belongs to cleo")
            ours.ask(f"- {first}")
            after = reader.ask("which locker belongs to anna") if added.whole else added
    found = "found it" if codes[2] in added.text else added.trouble or "did not find it"
    yield judged("new", f"asked for the note that was added, it {found}", holds=codes[2] in added.text and added.whole)
    ghost, empty = codes[0] in after.text, "None" in after.text
    gave = "the deleted note" if ghost else "a row without words" if empty else after.trouble or "neither"
    kept = codes[1] in after.text
    yield judged("deleted", f"asked for the one that was deleted, it gave {gave}", holds=kept and not (ghost or empty))


def _written(workspace: Workspace) -> Check:
    path = workspace.file("store/chroma.sqlite3")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as opened:
            deleted = int(opened.execute(DELETIONS).fetchone()[0])
            rows = int(opened.execute("SELECT COUNT(*) FROM embeddings").fetchone()[0])
    except sqlite3.Error as error:
        raise NothingToSeeError(f"{path} cannot be read: {error}") from error
    return judged("written", f"{rows} notes are in it, {deleted} were deleted", holds=rows > 0 and deleted > 0)
