"""Stores as somebody else left them: written by Chroma itself, and then cut off, emptied, held."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.processes import environment
from showcase.settings import STORE

if TYPE_CHECKING:
    from collections.abc import Iterator

FILL = """
import math, random, sys, chromadb
client = chromadb.PersistentClient(path=sys.argv[1], settings=chromadb.Settings(anonymized_telemetry=False))
rows = client.get_or_create_collection("mem0", embedding_function=None)
random.seed(1)
for start in range(0, 1100, 100):
    made = [[random.gauss(0, 1) for _ in range(8)] for _ in range(100)]
    rows.add(ids=[f"zoe-{start + n}" for n in range(100)], embeddings=made,
             metadatas=[{"user_id": "zoe", "data": f"note {start + n}"} for n in range(100)])
"""
"""Rows beyond the thousand at which Chroma writes its index to files."""

WITH_A_LOG = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("pragma journal_mode = wal")
database.execute("pragma wal_autocheckpoint = 0")
database.execute("create table waiting (a)")
database.execute("delete from embeddings")
os.kill(os.getpid(), signal.SIGKILL)
"""

HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("begin exclusive")
print("locked", flush=True)
sys.stdin.read()
"""


def fill(out: Path) -> Path:
    """Let chromadb make a store whose index is written; return its directory."""
    forced, _ = environment.build()
    subprocess.run([sys.executable, "-c", FILL, str(out / STORE)], env=forced, check=True, timeout=120)
    return out / STORE


def index_of(store: Path) -> Path:
    return next(path for path in store.iterdir() if path.is_dir())


def killed(script: str, database: Path) -> None:
    """Run a writer that is killed in the middle."""
    done = subprocess.run([sys.executable, "-c", script, str(database)], check=False, timeout=60)
    assert done.returncode < 0


@contextlib.contextmanager
def held(database: Path) -> Iterator[None]:
    """Lock a database from another process."""
    command = [sys.executable, "-c", HOLD, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        yield
        holder.communicate()


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_by_one(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def become_a_directory(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def copied(store: Path, out: Path) -> Path:
    """Return a copy of a store, in a run's output directory."""
    out.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copytree(store, out / STORE))
