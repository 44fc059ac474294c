"""What stock `delete_all` leaves: the bytes of every file before and afterwards, and of a dump where there is one.

The scanner is that of `erasure`. It looks for the rows of the other user too, which stay: of what it does not see
there, as where an engine packs its files, it cannot say that it is gone.
"""

from __future__ import annotations

import os
import re
import socket
import struct
import subprocess
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from showcase.bench.stores import launches, told
from showcase.bench.stores.people import ALICE, BOB
from showcase.bench.stores.program import RefusedError
from showcase.bench.stores.sample import Left, LeftIn, What
from showcase.erasure import kinds, verdict
from showcase.erasure.controls import controls
from showcase.erasure.patterns import Patterns, patterns
from showcase.erasure.places import Found
from showcase.erasure.scanning import scan
from showcase.erasure.search import Pattern
from showcase.erasure.subject import Subject
from showcase.memory.store_files import HISTORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from showcase.bench.stores.stage import Stage
    from showcase.evidence.erasure import Form, Scan

_LOOKS = 3
"""A server may write while its files are read; then they are read again."""

_RUN = 8
"""Numbers of a vector in a row that are enough, as in `erasure.patterns`."""

_NUMBERS: frozenset[Form] = frozenset({"float32 LE", "float32 BE", "float16", "int8"})
_DUMP = "a dump (pg_dump)"
_PLACES = (
    (re.compile(rf"(^|/){re.escape(HISTORY)}"), "mem0's history"),
    (re.compile(r"(^|/)pg_wal/"), "the write-ahead log"),
    (re.compile(r"(^|/)(base|global|pg_[a-z]+)/"), "tables and indexes"),
    (re.compile(r"(^|/)appendonlydir/"), "the append-only file"),
    (re.compile(r"\.rdb$"), "the snapshot (RDB)"),
    (re.compile(r"(^|/)chroma\.sqlite3"), "chroma.sqlite3"),
    (re.compile(r"\.(bin|pickle)$"), "the index of vectors"),
    (re.compile(r"(^|/)storage\.sqlite"), "storage.sqlite"),
    (re.compile(r"(^|/)wal/|\.(wal|log)$"), "a log"),
    (re.compile(r"milvus\.db"), "milvus.db"),
    (re.compile(r"pg_dump$"), _DUMP),
)


def left(stage: Stage) -> Left:
    """Store rows of two users, let stock mem0 delete all of one, and look through every byte.

    One process does both, since Milvus Lite lets no other one delete what mem0 stored.
    """
    facts, others = told.facts(ALICE), told.facts(BOB)
    with stage.opened() as program:
        ids = program.ask("adds", user=ALICE, texts=facts)["ids"]
        staying = program.ask("adds", user=BOB, texts=others)["ids"]
        vectors, kept = _vectors(stage, facts), _vectors(stage, others)
        wanted = _patterns(facts, ids, vectors, others, kept)
        _settle(stage)
        before = _look(stage, wanted, _dumped(stage))
        began = time.monotonic()
        program.ask("delete_all", user=ALICE)
        seconds = time.monotonic() - began
        listed = len(program.ask("list", user=ALICE)["rows"])
    _settle(stage)
    dumped = _dumped(stage)
    stage.stop()
    after = _look(stage, wanted, dumped)
    there = _look(stage, _patterns(others, staying, kept, facts, vectors), dumped)
    return Left(
        forgotten=len(ids),
        before=_by_place(before),
        after=_by_place(after),
        kept=_by_place(there),
        listed=listed,
        seconds=seconds,
        size_bytes=sum(each.size_bytes for each in after.files),
        flaw=_flaw(before) or _flaw(after) or _flaw(there) or "",
    )


def _vectors(stage: Stage, texts: Sequence[str]) -> list[np.ndarray]:
    """Return the vectors as mem0 gets them, one by one: of several texts at once the last bit may differ."""
    server = stage.model_server
    return [np.asarray(server.gate.embed(server.embed_model.name, text), dtype="<f4") for text in texts]


def _patterns(
    facts: Sequence[str],
    ids: Sequence[str],
    vectors: Sequence[np.ndarray],
    others: Sequence[str],
    kept: Sequence[np.ndarray],
) -> Patterns:
    """Return what is looked for: as in `erasure`, and as PostgreSQL has an id and Python's pickle has numbers."""
    subject = Subject(
        texts=tuple(facts), ids=tuple(ids), vectors=tuple(each.tobytes() for each in vectors), kept=tuple(others),
        kept_vectors=frozenset(each.tobytes() for each in kept),
    )  # fmt: skip
    wanted = patterns(subject)
    more = [Pattern(form="id", data=uuid.UUID(each).bytes, least=16) for each in ids]
    for vector in vectors:
        # In double precision, which `Form` has no name for: here a vector is a vector, however it is written.
        pickled = b"".join(b"G" + struct.pack(">d", number) for number in vector)
        doubles = vector.astype("<f8").tobytes()
        more.append(Pattern(form="float32 BE", data=pickled, least=_RUN * 9, unit=9))
        more.append(Pattern(form="float32 LE", data=doubles, least=_RUN * 8, unit=8))
    return replace(wanted, raw=(*wanted.raw, *more))


def _look(stage: Stage, wanted: Patterns, dumped: Path | None) -> Scan:
    seen = None
    for _ in range(_LOOKS):
        stage.doing("looking through every byte")
        files = [*_files(stage), *([_found(stage, dumped)] if dumped else [])]
        seen = scan(wanted, files, canaries=controls(files), missed=())
        if _flaw(seen) is None:
            break
        stage.pause(1.0)
    assert seen is not None  # noqa: S101 - it was looked at least once
    return seen


def _flaw(seen: Scan) -> str | None:
    unread = next((f"{_place_of(each.path)}: {each.unread[0]}" for each in seen.files if each.unread), None)
    return verdict.blind(seen) or unread or (seen.missed[0] if seen.missed else None)


def _files(stage: Stage) -> Iterator[Found]:
    """Yield the files of the store, of its server, and of mem0."""
    data = stage.directory / "server" / "data"
    for top in (stage.directory / "store", *([data] if data.is_dir() else [])):
        for path in sorted(top.rglob("*")):
            # An owner's password, and a mark that a process runs, hold no memory; a lock cannot be read everywhere.
            if path.is_file() and not path.is_symlink() and path.name not in ("redis.conf", "postmaster.pid", ".lock"):
                yield _found(stage, path)


def _found(stage: Stage, path: Path) -> Found:
    return Found(path=path, shown=path.relative_to(stage.directory).as_posix(), kind=kinds.NAMED)


def _by_place(seen: Scan) -> tuple[LeftIn, ...]:
    places: dict[str, dict[What, int]] = {}
    for each in seen.residues:
        what: What = "id" if each.form == "id" else "vector" if each.form in _NUMBERS else "text"
        held = places.setdefault(_place_of(each.path), {})
        held[what] = held.get(what, 0) + each.count
    for file in seen.files:
        places.setdefault(_place_of(file.path), {})
    return tuple(LeftIn(where=where, found=found) for where, found in sorted(places.items()))


def _place_of(path: str) -> str:
    return next((name for pattern, name in _PLACES if pattern.search(path)), "other files")


def _settle(stage: Stage) -> None:
    """Let a server write down what it holds in memory, as it would by itself a while later."""
    server = stage.server
    if server is None or server.secret is None:
        return
    if server.kind == "postgresql":
        _sql(stage, "CHECKPOINT")
        return
    with socket.create_connection((launches.LOOPBACK, server.port or 0), timeout=30) as asking:
        asking.sendall(f"AUTH {server.secret}\r\nSAVE\r\n".encode())
        reply = b""
        while reply.count(b"\r\n") < 2 and (more := asking.recv(100)):  # noqa: PLR2004 - one for each command
            reply += more
    if not reply.endswith(b"+OK\r\n"):
        raise RefusedError(f"Redis did not save: {reply.decode(errors='replace').strip()}")


def _dumped(stage: Stage) -> Path | None:
    """Return a dump of the server's rows, as somebody makes for a backup; None where it has no such thing."""
    if stage.server is None or stage.server.kind != "postgresql":
        return None
    path = stage.directory / "pg_dump"
    _run(stage, "pg_dump", "--file", str(path))
    return path


def _sql(stage: Stage, words: str) -> None:
    _run(stage, "psql", "--no-psqlrc", "--quiet", "--command", words)


def _run(stage: Stage, name: str, *arguments: str) -> None:
    server = stage.server
    assert server is not None  # noqa: S101 - see those who call
    command = [str(launches.programs_of_postgresql() / name), "-h", str(server.host), "-p", str(server.port)]
    command += ["-U", str(server.user), *arguments, "postgres"]
    environment = {"PATH": os.environ.get("PATH", ""), "PGPASSWORD": str(server.secret), "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    if done.returncode:
        raise RefusedError(f"{name} ended with {done.returncode}: {done.stderr.strip()[:200]}")
