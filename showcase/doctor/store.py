"""The store: whether it is whole, who holds it, where it lies, and whether the embedding model fits it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from showcase.doctor.finding import Circumstances, Finding, ok, problem, warning
from showcase.doctor.machine import nearest_directory
from showcase.documents.storage import OF_THE_HOST, storage_of
from showcase.engines.model_names import key, short
from showcase.engines.models.dimensions import beside, mismatch, store_dimensions, way_out
from showcase.errors import EngineError, ModelError, StoreError, UsageError
from showcase.memory.store_errors import without_history
from showcase.memory.store_files import DATABASE, HISTORY, UNFINISHED, index_flaw, not_a_file, reading, unfinished
from showcase.memory.store_state import holders
from showcase.shell import here
from showcase.shell.advice import another_directory, near, ollama_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.evidence import Model

_BEFORE_SQLITE = "chroma-*.parquet"


def health(circumstances: Circumstances) -> Iterator[Finding]:
    """Look whether the store is whole, and whether a process has it open."""
    store = circumstances.settings.store
    yield _condition(store)
    yield from _history(circumstances.settings.mem0_home / HISTORY)
    holding = holders(store)
    if holding:
        shown = ", ".join(f"{name} (pid {pid})" for pid, name in holding)
        said = f"held by {shown}: a reader with an open client misses what others write"
        yield warning("store", said, f"let it end before the next run; see what it is: {here().process(holding[0][0])}")


def _condition(store: Path) -> Finding:
    """Return what state Chroma's database and its index are in."""
    path = store / DATABASE
    there = not_a_file(path)
    if there is not None:
        return problem(
            "store", f"{path} is {there}, and no database", f"leave it as it is and begin a new one: {beside(store)}"
        )
    if not path.exists():
        old = next(store.glob(_BEFORE_SQLITE), None) if store.is_dir() else None
        if old is None:
            return ok("store", f"none yet at {store}; a run makes it")
        said = f"{old} is of a Chroma before 0.4, which this one does not read: a run makes a new store beside it"
        return warning("store", said, f"to keep it: {beside(store)}")
    if path.stat().st_size == 0:
        said = f"{path} is empty: no memory is in it, and the next run makes its tables anew"
        return warning("store", said, f"bring back a copy, where there is one, or leave it: {beside(store)}")
    try:
        cut_off = unfinished(path)
        with reading(path) as database:
            verdict = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
            rows = int(database.execute("SELECT count(*) FROM embeddings").fetchone()[0])
            flaw = index_flaw(store, database) if verdict == "ok" else verdict
    except (sqlite3.Error, OSError) as error:
        return _unread(store, error)
    if flaw is not None:
        said = f"{store} is damaged: {flaw}; a run without --keep-store would replace it"
        return problem("store", said, f"leave it as it is and begin a new one: {beside(store)}")
    if cut_off:
        said = f"{store} holds {UNFINISHED}, which the next run rolls back: {counted(rows)} are whole without it"
        return warning("store", said, f"keep a copy before: {here().copy_all(store, another_directory(store))}")
    return ok("store", f"{store} is whole and holds {counted(rows)}")


def _unread(store: Path, error: sqlite3.Error | OSError) -> Finding:
    told = str(error)
    if "locked" in told or "busy" in told:
        return warning(
            "store", f"{store} is locked by another process", f"see which: {here().who_has_open(store / DATABASE)}"
        )
    if isinstance(error, OSError) or "unable to open" in told:
        said = f"{store} cannot be looked at: {getattr(error, 'strerror', None) or told}"
        return problem("store", said, f"see who may: {here().listing(store)}; and what is free: {here().free_space()}")
    no_table = "no such table" in told or "no such column" in told
    what = "is no store of Chroma's, or one of another version" if no_table else "is damaged"
    said = f"{store} {what}: {told}; a run without --keep-store would replace it"
    return problem("store", said, f"leave it as it is and begin a new one: {beside(store)}")


def _history(path: Path) -> Iterator[Finding]:
    """Look at mem0's own database, which a run opens too; nothing where all is well with it."""
    there = not_a_file(path)
    if there is not None:
        yield problem("store", f"{path} is {there}, and no database", without_history(path))
    if there is not None or not path.exists() or path.stat().st_size == 0:
        return
    try:
        with reading(path) as database:
            verdict = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
    except (sqlite3.Error, OSError) as error:
        verdict = str(error)
    if "locked" in verdict or "busy" in verdict:
        said = f"mem0's history {path} is locked by another process"
        yield warning("store", said, f"see which: {here().who_has_open(path)}")
    elif verdict != "ok":
        yield problem(
            "store",
            f"mem0's history {path} is damaged: {verdict}",
            without_history(path),
        )


def counted(rows: int) -> str:
    """Return `1 row`, `3 rows`."""
    return f"{rows} row{'' if rows == 1 else 's'}"


def place(circumstances: Circumstances) -> Iterator[Finding]:
    """Look whether the store would leave the machine by itself, with a sync folder or on a network mount."""
    out = circumstances.settings.out
    storage = storage_of(nearest_directory(out).resolve())
    fix = "keep it on a disk of this machine, outside such a folder: showcase run --out DIR"
    if storage.carried_by is None:
        yield ok("place", f"{out} lies on a local disk, in no sync folder known here")
    elif (storage.file_system or "").lower() in OF_THE_HOST:
        yield warning("place", f"{out} lies in {storage.carried_by}, which may carry it on", fix)
    else:
        yield problem("place", f"{out} lies in {storage.carried_by}: memories leave this machine", fix)


def dimensions(circumstances: Circumstances) -> Iterator[Finding]:
    """Look whether the embedding model's vectors fit those in the store."""
    store = circumstances.settings.store
    try:
        there = store_dimensions(store)
    except StoreError as error:
        yield problem("dimensions", error.message, error.hint)
        return
    if not there:
        yield ok("dimensions", "the store holds no vectors yet: any embedding model fits")
        return
    try:
        model = _embedding_model(circumstances) or _rehearsal_model(circumstances.settings.embed_model)
    except (EngineError, UsageError) as error:
        if circumstances.settings.embed_model is not None:
            yield warning("dimensions", f"not compared: {error.message}", error.hint)
            return
        model = _rehearsal_model(None)  # what a run falls back to
    if model.dimensions is None:
        yield warning(
            "dimensions",
            f"not compared: the server does not say the dimensions of {model.name}",
            f"look at it: {ollama_command(circumstances.settings.ollama, 'show', model.name)}",
        )
        return
    wrong = [(name, size) for name, size in there.items() if size != model.dimensions]
    for name, size in wrong:
        # No problem: only --keep-store and a later phase go on with what is there.
        said = f"{mismatch(name, size, model.name, model.dimensions)} with --keep-store or --phase 2; a run replaces it"
        yield warning("dimensions", said, f"to keep it: {way_out(store)}")
    if not wrong:
        yield ok("dimensions", f"{model.name} makes the {model.dimensions} dimensions that the store holds")


def _rehearsal_model(named: str | None) -> Model:
    from showcase.engines.rehearsal import EMBED_MODEL, multilingual  # noqa: PLC0415 - with it
    from showcase.engines.rehearsal.embeddings import DIMENSIONS  # noqa: PLC0415 - imports numpy
    from showcase.engines.rehearsal_embedding import embedding_for  # noqa: PLC0415 - with it
    from showcase.evidence import Model  # noqa: PLC0415 - only here at run time

    name = embedding_for(named)
    return Model(name=name, dimensions=DIMENSIONS if name == EMBED_MODEL else multilingual.DIMENSIONS)


def _embedding_model(circumstances: Circumstances) -> Model | None:
    """Return the model of the server that a run would embed with, without asking it anything."""
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy
    from showcase.settings import DEFAULT_EMBED_MODEL  # noqa: PLC0415 - with it

    if circumstances.settings.ollama_refused:  # nobody else is asked instead
        raise circumstances.settings.ollama_refused
    gate = OllamaGate(circumstances.settings.ollama)
    try:
        local = [gate.describe(model) for model in gate.models() if not model.remote]
    finally:
        gate.close()
    able = [model for model in local if not model.remote and "embedding" in model.capabilities]
    wanted = circumstances.settings.embed_model
    named = {key(model.name): model for model in able}
    if wanted is not None:
        if key(wanted) not in named:
            raise ModelError(
                f"{wanted} is no local embedding model{near(wanted, map(short, [model.name for model in able]))}",
                hint=ollama_command(circumstances.settings.ollama, "pull", wanted),
            )
        return named[key(wanted)]
    return named.get(key(DEFAULT_EMBED_MODEL)) or next(iter(able), None)
