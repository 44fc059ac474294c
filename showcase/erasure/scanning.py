"""One look through every byte of some files for what was forgotten."""

from __future__ import annotations

import base64
import hashlib
import os
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from showcase.documents import regular_file
from showcase.erasure import views
from showcase.erasure.kinds import OPERATIONS, SHORTEST_IN_DIGITS, WITH_WORDS
from showcase.erasure.search import LONGEST_RUN, Searcher
from showcase.erasure.subject import folded
from showcase.evidence.erasure import Canary, Residue, Scan, ScannedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.erasure.patterns import Patterns
    from showcase.erasure.places import Found
    from showcase.erasure.search import Hit
    from showcase.evidence.erasure import Form

    Progress = Callable[[int, int], None]

PIECE_BYTES = 4 * 1024 * 1024
OVERLAP_BYTES = 2 * LONGEST_RUN
BLOCK_BYTES = 512
"""What `st_blocks` counts: inode(7)."""

_BYTES = "byte by byte"
_HEAD_BYTES = 16
_EDGE = 3
"""Bytes at either end of a run that may be like those of a forgotten text by chance: one in 256 is."""


class Scanner:
    """Looks for some patterns in files.

    Args:
        patterns: What to look for.
    """

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._raw = Searcher(patterns.raw)
        self._folded = Searcher(patterns.folded)
        self._shared: dict[bytes, bool] = {}

    def look(self, found: Found) -> tuple[ScannedFile, tuple[Residue, ...]]:
        """Read a file in every way that it can be read.

        Raises:
            OSError: It cannot be read at all, or is no regular file.
        """
        counted: Counter[tuple[str, Form]] = Counter()
        digest, length = hashlib.sha256(), 0
        unread: list[str] = []
        seen_views: list[str] = []
        with os.fdopen(regular_file.opened(found.path), "rb") as file:
            seen = os.fstat(file.fileno())
            head, before = b"", b""
            while piece := file.read(PIECE_BYTES):
                head = head or piece[:_HEAD_BYTES]
                digest.update(piece)
                length += len(piece)
                self._count(before + piece, len(before), _BYTES, found.kind, counted)
                before = piece[-OVERLAP_BYTES:]
        for name, view in views.of(head).items():
            try:
                for part in view(found.path):
                    self._count(part, 0, name, found.kind, counted)
                seen_views.append(name)
            except views.UnviewedError as error:  # noqa: PERF203 - three of them at most
                unread.append(f"{name}: {error}")
        if length != seen.st_size:
            unread.append(f"it changed while it was read: {seen.st_size:,} bytes at first, {length:,} read")
        blocks = getattr(seen, "st_blocks", None)
        file_facts = ScannedFile(
            path=found.shown,
            kind=found.kind,
            device=seen.st_dev,
            inode=seen.st_ino,
            links=seen.st_nlink,
            size_bytes=seen.st_size,
            disk_bytes=None if blocks is None else blocks * BLOCK_BYTES,
            read_bytes=length,
            sha256=digest.hexdigest(),
            views=tuple(seen_views),
            unread=tuple(unread),
        )
        residues = tuple(
            Residue(path=found.shown, kind=found.kind, view=view, form=form, count=count)
            for (view, form), count in sorted(counted.items())
        )
        return file_facts, residues

    def _count(self, data: bytes, known: int, view: str, kind: str, counted: Counter[tuple[str, Form]]) -> None:
        """Count what is in a piece, of which the first `known` bytes were looked through before."""
        least = SHORTEST_IN_DIGITS if kind == OPERATIONS else 0
        for hit in self._raw.search(data):
            if len(hit.pattern.data) >= least and hit.end > known and not self._is_shared(data, hit):
                counted[view, hit.pattern.form] += 1
        text = folded_bytes(data)
        beyond = len(folded_bytes(data[:known])) if known else 0
        for hit in self._folded.search(text):
            if (
                len(hit.pattern.data) >= least
                and hit.end > beyond
                and (hit.pattern.form != "word" or kind in WITH_WORDS)
            ):
                counted[view, hit.pattern.form] += 1

    def _is_shared(self, data: bytes, hit: Hit) -> bool:
        """Tell whether a run of a text is one that something which stays holds as well."""
        run = data[hit.begin : hit.end]
        is_part = hit.pattern.form == "base64" and run != hit.pattern.data
        if hit.pattern.form != "fragment" and not is_part:
            return False
        if run not in self._shared:
            said = _decoded(run) if is_part else [run]
            inner = [folded_bytes(each[_EDGE:-_EDGE]).strip(b"\xef\xbf\xbd") for each in said]
            self._shared[run] = any(each and each in self._patterns.kept for each in inner)
        return self._shared[run]


def _decoded(run: bytes) -> list[bytes]:
    """Return what a part of base64 says, wherever in a group of four it begins."""
    plain = run.translate(bytes.maketrans(b"-_", b"+/"))
    return [base64.b64decode(plain[at : at + (len(plain) - at) // 4 * 4]) for at in range(4)]


def folded_bytes(data: bytes) -> bytes:
    """Return what of some bytes is UTF-8, without case; what is none becomes a mark."""
    return folded(data.decode("utf-8", errors="replace")).encode()


def scan(
    patterns: Patterns,
    files: Sequence[Found],
    *,
    canaries: tuple[tuple[Canary, ...], int],
    missed: Sequence[str],
    progress: Progress = lambda _done, _total: None,
) -> Scan:
    """Look through files.

    Args:
        patterns: What to look for.
        files: Where.
        canaries: What the controls came to, see `controls`.
        missed: What could not be looked at before.
        progress: Is told how many bytes of how many are looked through.
    """
    began = now()
    missed = list(missed)
    scanner = Scanner(patterns)
    seen: list[ScannedFile] = []
    residues: list[Residue] = []
    total, done = sum(_length(each) for each in files), 0
    for each in files:
        try:
            facts, found = scanner.look(each)
        except FileNotFoundError:
            continue  # gone since, such as a log of SQLite's
        except OSError as error:
            missed.append(f"{each.shown}: {error.strerror or error}")
            continue
        seen.append(facts)
        residues += found
        done += facts.size_bytes
        progress(done, max(done, total))
    return Scan(
        pid=os.getpid(),
        create_time=_create_time(),
        sqlite=sqlite3.sqlite_version,
        secure_delete=_secure_delete(),
        began_at=began,
        ended_at=now(),
        patterns=patterns.counts(),
        not_distinctive=patterns.not_distinctive,
        files=tuple(seen),
        residues=tuple(residues),
        canaries=canaries[0],
        unplanted_found=canaries[1],
        missed=tuple(missed),
    )


def now() -> str:
    """Return the time of day, ISO 8601, UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def _length(found: Found) -> int:
    try:
        return found.path.lstat().st_size
    except OSError:
        return 0


def _create_time() -> float | None:
    import psutil  # noqa: PLC0415 - heavy

    try:
        return float(psutil.Process().create_time())
    except psutil.Error:
        return None


def _secure_delete() -> bool:
    with closing(sqlite3.connect(":memory:")) as database:
        return ("SECURE_DELETE",) in database.execute("PRAGMA compile_options").fetchall()
