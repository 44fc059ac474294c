"""The store: whether it is whole, who holds it, where it lies, and whether the embedding model fits it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from showcase.advice import near, ollama_command
from showcase.doctor.finding import Circumstances, Finding, ok, problem, warning
from showcase.doctor.machine import nearest_directory
from showcase.errors import EngineError, ModelError, StoreError
from showcase.models.dimensions import DATABASE, beside, mismatch, open_read_only, store_dimensions, way_out
from showcase.shell import here
from showcase.store_state import holders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from showcase.evidence import Model

SYNC_FOLDERS = (
    "dropbox", "onedrive", "google drive", "googledrive", "my drive", "icloud", "mobile documents", "cloudstorage",
    "nextcloud", "owncloud", "pcloud", "syncthing", "box sync", "seafile", "megasync", "proton drive",
)  # fmt: skip
SYNC_MARKS = (".stfolder", ".dropbox", ".dropbox.cache", ".owncloudsync.log", ".seafile-data")
NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "afp", "afs", "9p", "davfs", "webdav", "fuse.sshfs", "fuse.rclone",
                        "ceph", "glusterfs", "lustre", "ncpfs", "vboxsf", "drvfs")  # fmt: skip


def health(circumstances: Circumstances) -> Iterator[Finding]:
    """Look whether the store is whole, and whether a process has it open."""
    store = circumstances.settings.store
    if not (store / DATABASE).is_file():
        yield ok("store", f"none yet at {store}; a run makes it")
        return
    try:
        with closing(open_read_only(store)) as database:
            verdict = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
            rows = int(database.execute("SELECT count(*) FROM embeddings").fetchone()[0])
    except sqlite3.Error as error:
        verdict, rows = str(error), 0
    if verdict == "ok":
        yield ok("store", f"{store} is whole and holds {rows} rows")
    else:
        said = f"{store} is damaged: {verdict}; a run without --keep-store would replace it"
        yield problem("store", said, f"leave it as it is and begin a new one: {beside(store)}")
    holding = holders(store)
    if holding:
        shown = ", ".join(f"{name} (pid {pid})" for pid, name in holding)
        said = f"held by {shown}: a reader with an open client misses what others write"
        yield warning("store", said, f"let it end before the next run; see what it is: {here().process(holding[0][0])}")


def place(circumstances: Circumstances) -> Iterator[Finding]:
    """Look whether the store would leave the machine by itself, with a sync folder or on a network mount."""
    out = circumstances.settings.out
    real = nearest_directory(out).resolve()
    fix = "keep it on a disk of this machine, outside such a folder: showcase run --out DIR"
    synced = sync_folder(real)
    mounted = network_mount(real)
    if synced is not None:
        yield problem("place", f"{out} lies in {synced}, which is synchronised to other machines", fix)
    if mounted is not None:
        yield problem("place", f"{out} lies on a network mount ({mounted}): memories leave the machine", fix)
    if synced is None and mounted is None:
        yield ok("place", f"{out} lies on a local disk, in no sync folder known here")


def sync_folder(path: Path) -> Path | None:
    """Return the sync folder that `path` lies in, told by its name or by the mark of a sync program."""
    for directory in (path, *path.parents):
        name = directory.name.lower()
        # "Dropbox (Company)", "OneDrive - Company", "com~apple~CloudDocs" below "Mobile Documents".
        named = any(name == known or name.startswith((f"{known} ", f"{known}-")) for known in SYNC_FOLDERS)
        if named or any((directory / mark).exists() for mark in SYNC_MARKS):
            return directory
    return None


def network_mount(path: Path) -> str | None:
    """Return the type of the network file system that `path` lies on, None on a local one."""
    import psutil  # noqa: PLC0415 - heavy

    return network_type(path, {mount.mountpoint: mount.fstype for mount in psutil.disk_partitions(all=True)})


def network_type(path: Path, mounts: Mapping[str, str]) -> str | None:
    """Return the type of the mount that `path` lies on where it is a network file system.

    Args:
        path: An absolute path.
        mounts: Mount point to file system type.
    """
    nearest = next((str(directory) for directory in (path, *path.parents) if str(directory) in mounts), None)
    kind = mounts[nearest].lower() if nearest is not None else ""
    return kind if kind.startswith(NETWORK_FILE_SYSTEMS) else None


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
        model = _embedding_model(circumstances) or _rehearsal_model()
    except EngineError as error:
        if circumstances.settings.embed_model is not None:
            yield warning("dimensions", f"not compared: {error.message}", error.hint)
            return
        model = _rehearsal_model()  # what a run falls back to
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


def _rehearsal_model() -> Model:
    from showcase.evidence import Model  # noqa: PLC0415 - only here at run time
    from showcase.rehearsal import EMBED_MODEL  # noqa: PLC0415 - with it
    from showcase.rehearsal.embeddings import DIMENSIONS  # noqa: PLC0415 - imports numpy

    return Model(name=EMBED_MODEL, dimensions=DIMENSIONS)


def _embedding_model(circumstances: Circumstances) -> Model | None:
    """Return the model of the server that a run would embed with, without asking it anything."""
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy
    from showcase.settings import DEFAULT_EMBED_MODEL  # noqa: PLC0415 - with it

    gate = OllamaGate(circumstances.settings.ollama)
    try:
        local = [gate.describe(model) for model in gate.models() if not model.remote]
    finally:
        gate.close()
    able = [model for model in local if not model.remote and "embedding" in model.capabilities]
    wanted = circumstances.settings.embed_model
    named = {model.name.removesuffix(":latest"): model for model in able}
    if wanted is not None:
        if wanted.removesuffix(":latest") not in named:
            raise ModelError(
                f"{wanted} is no local embedding model{near(wanted, named)}",
                hint=ollama_command(circumstances.settings.ollama, "pull", wanted),
            )
        return named[wanted.removesuffix(":latest")]
    return named.get(DEFAULT_EMBED_MODEL) or next(iter(able), None)
