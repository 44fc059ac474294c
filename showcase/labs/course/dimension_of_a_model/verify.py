"""Whether the participant's script works with whatever dimension a model has, on one store, and loses nothing."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from contextlib import closing
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from showcase.labs import word_vectors
from showcase.labs.workspace import NothingToSeeError, judged, listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.labs.notebook import Check
    from showcase.labs.programs import Ran
    from showcase.labs.workspace import Workspace

SCRIPT = "notes.py"
COUNT = "SELECT COUNT(*) FROM points"
MODELS = {"words-a:latest": 192, "words-b:latest": 320}
"""Models that no list of dimensions has."""


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what the participant's store holds, and what their script does with one and models of our own."""
    yield _seen(workspace)
    (first, other), places = MODELS, [f"{secrets.randbelow(10**9):09}" for _ in MODELS]
    keys, bikes = (f"The spare key {places[0]} hangs behind the clock.", f"My bicycle {places[1]} stands in the yard.")
    with word_vectors.serve(MODELS) as engine, TemporaryDirectory(ignore_cleanup_errors=True) as store:

        def typed(model: str, *lines: str) -> Ran:
            return workspace.run(
                SCRIPT,
                store,
                model,
                typed="".join(f"{line}\n" for line in lines),
                variables={"OLLAMA_HOST": str(engine)},
                timeout_s=30,
            )

        ran = typed(first, keys, "where is the spare key?")
        yield _found("found", ran, places[0])
        if places[0] not in ran.out:
            return
        ran = typed(other, bikes, "where is my bicycle?")
        yield _found("other", ran, places[1])
        ran = typed(first, "where is the spare key?")
        yield _found("kept", ran, places[0])


def _found(check: str, ran: Ran, place: str) -> Check:
    if place in ran.out:
        return judged(check, "the note was found", holds=True)
    return judged(check, f"the note was not found: {ran.end}", holds=False)


def _seen(workspace: Workspace) -> Check:
    made, needed = (re.sub(r"\D", "", workspace.finding(name)) for name in ("made", "needed"))
    sizes = _sizes(workspace.file("store/qdrant/meta.json"))
    empty = {str(size) for size, count in sizes if count == 0}
    full = {str(size) for size, count in sizes if count}
    held = [f"one of dimension {size} with {count} notes" for size, count in sizes]
    return judged(
        "seen",
        f"of the store's collections there is {listed(held)}; you said {made or 'nothing'} and {needed or 'nothing'}",
        holds=made in empty and needed in full and made != needed,
    )


def _sizes(meta: Path) -> list[tuple[int, int]]:
    """Return the dimension of each collection of Qdrant's local form, and how many rows it has."""
    try:
        collections = json.loads(meta.read_bytes())["collections"]
        found = []
        for name, config in collections.items():
            rows = meta.parent / "collection" / name / "storage.sqlite"
            with closing(sqlite3.connect(f"{rows.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as opened:
                found.append((int(config["vectors"]["size"]), int(opened.execute(COUNT).fetchone()[0])))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, sqlite3.Error) as error:
        raise NothingToSeeError(f"{meta.parent} cannot be read: {error}") from error
    return found
