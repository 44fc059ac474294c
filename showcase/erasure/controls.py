"""Controls of the scanner: in a copy of each kind of file, something of each form is planted, and has to be found.

A canary is made like a memory: a text that nobody wrote before, and a vector. Another one is not planted anywhere, and
must not be found. The same scanner reads them, by the same steps.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import secrets
import shutil
import sqlite3
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from showcase.documents.leftovers import temporary
from showcase.documents.overwriting import clear
from showcase.erasure import kinds
from showcase.erasure.patterns import patterns
from showcase.erasure.places import Found
from showcase.erasure.scanning import Scanner
from showcase.erasure.subject import Subject
from showcase.erasure.verdict import VIEWS
from showcase.evidence.erasure import FORMS, Canary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from showcase.erasure.search import Pattern
    from showcase.evidence.erasure import Form

DIMENSIONS = 32
_LONGEST_NAME = 100
_MOST_COPIED = 1024 * 1024
"""Bytes of a file that are copied to plant in: what is behind is read by the same steps."""

_PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": (".gz", gzip.compress),
    "bzip2": (".bz2", bz2.compress),
    "xz": (".xz", lzma.compress),
}


def controls(files: Iterable[Found]) -> tuple[tuple[Canary, ...], int]:
    """Plant canaries in copies of files of each kind, and look for them.

    Returns:
        What was found of each kind and form, and how often what was not planted.
    """
    canary, absent = _canary(), _canary()
    wanted = patterns(canary)
    by_form: dict[Form, Pattern] = {each.form: each for each in (*wanted.raw, *wanted.folded)}
    found: list[Canary] = []
    wrong = 0
    with temporary("showcase-control-") as place:
        try:
            planted = [*_planted(place, files, by_form), *_packed(place, by_form)]
            scanner, other = Scanner(wanted), Scanner(patterns(absent))
            for each in planted:
                seen = {residue.form for residue in scanner.look(each)[1]}
                looked_for = [form for form in FORMS if form != "word" or each.kind in kinds.WITH_WORDS]
                found += [Canary(kind=each.kind, form=form, found=form in seen) for form in looked_for]
                wrong += sum(residue.count for residue in other.look(each)[1])
            found += _by_views(scanner, _hidden(place, by_form))
        finally:
            clear(place)  # the copies hold what is to be forgotten
    return tuple(found), wrong


def _planted(place: Path, files: Iterable[Found], by_form: dict[Form, Pattern]) -> Iterator[Found]:
    """Plant in a copy of one file of each kind; one that cannot be read, or is gone since, is none to copy."""
    for number, (kind, sources) in enumerate(_of_each(files).items()):
        for source in sources:
            path = place / f"{number}-{source.name[-_LONGEST_NAME:]}"
            try:
                _plant(source, path, by_form)
            except OSError:
                continue  # the scan says why; without a control of this kind it proves nothing
            yield Found(path=path, shown=path.name, kind=kind)
            break


def _canary() -> Subject:
    """Return a memory that nobody has: letters with accents, signs that are escaped, and words of its own."""
    words = " ".join(secrets.token_hex(5) for _ in range(3))
    numbers = np.random.default_rng(secrets.randbits(64)).normal(size=DIMENSIONS).astype("<f4")
    return Subject(
        texts=(f'Käse & "Brot" <{words}> / {secrets.token_hex(4)}',),
        ids=(secrets.token_hex(16),),
        vectors=((numbers / np.float32(np.linalg.norm(numbers))).astype("<f4").tobytes(),),
    )


def _of_each(files: Iterable[Found]) -> dict[str, list[Path]]:
    """Return the files of each kind, the largest first: where most is to be looked through."""
    found: dict[str, list[tuple[int, Path]]] = {}
    for each in files:
        try:
            found.setdefault(each.kind, []).append((-each.path.lstat().st_size, each.path))
        except OSError:  # noqa: PERF203 - gone since, such as a log of SQLite's
            continue
    return {kind: [path for _, path in sorted(some)] for kind, some in found.items()}


def _plant(source: Path, target: Path, by_form: dict[Form, Pattern]) -> None:
    """Copy a file and plant each form in it: as rows where it is a database, else at its end."""
    pieces = [_bytes_of(form, each) for form, each in by_form.items()]
    with source.open("rb") as file:
        head = file.read(16)
    if head == b"SQLite format 3\0":
        shutil.copyfile(source, target)
        if _plant_rows(target, pieces):
            return
    with source.open("rb") as file, target.open("wb") as copy:
        copy.write(file.read(_MOST_COPIED))
        copy.write(b"".join(b"\n" + piece + b"\n" for piece in pieces))


def _plant_rows(database: Path, pieces: list[bytes]) -> bool:
    """Plant as rows, each long enough to go on in pages of its own; tell whether that could be done."""
    try:
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("CREATE TABLE showcase_canary (held BLOB)")
            filling = secrets.token_hex(4096).encode()
            connection.executemany(
                "INSERT INTO showcase_canary VALUES (?)",
                [(filling + b"\n" + piece + b"\n" + filling,) for piece in pieces],
            )
    except sqlite3.Error:
        return False
    return True


def _hidden(place: Path, by_form: dict[Form, Pattern]) -> Path:
    """Plant in a database so that each way of reading one has something to see: over the ends of pages, in an index."""
    path = place / "hidden.sqlite3"
    text = by_form["UTF-8"].data
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA page_size = 512")
        connection.execute("CREATE TABLE held (it BLOB)")
        # All are of one length, so that pages end at one place of each, and the text lies at another.
        connection.executemany(
            "INSERT INTO held VALUES (?)",
            [(b"." * begin + text + b"." * (2048 - begin),) for begin in range(0, 2048, len(text) // 2)],
        )
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(it, tokenize = 'trigram')")
        connection.execute("INSERT INTO words VALUES (?)", (text.decode(),))
    return path


def _by_views(scanner: Scanner, path: Path) -> list[Canary]:
    """Return what each way of reading a database saw, whatever the others did."""
    residues = scanner.look(Found(path=path, shown=path.name, kind=kinds.OTHER))[1]
    seen = {(residue.view, residue.form) for residue in residues}
    return [Canary(kind=view, form=form, found=(view, form) in seen) for view, form in VIEWS.items()]


def _packed(place: Path, by_form: dict[Form, Pattern]) -> list[Found]:
    """Plant in files that are compressed."""
    held = b"".join(b"\n" + _bytes_of(form, each) + b"\n" for form, each in by_form.items())
    made = []
    for name, (suffix, pack) in _PACKED.items():
        path = place / f"packed{suffix}"
        path.write_bytes(pack(held))
        made.append(Found(path=path, shown=path.name, kind=f"{name} file"))
    path = place / "packed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("held", held)
    return [*made, Found(path=path, shown=path.name, kind="zip file")]


def _bytes_of(form: Form, pattern: Pattern) -> bytes:
    """Return what is planted of a form: of runs a part alone, as where a page ends or a vector was written over."""
    if form == "case and accents folded":
        return pattern.data.decode().upper().encode()
    if pattern.least < len(pattern.data):
        begin = pattern.unit
        return pattern.data[begin : begin + pattern.least]
    return pattern.data
