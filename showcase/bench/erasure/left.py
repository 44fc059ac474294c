"""What stays in which files, in which forms, after each way of deleting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from showcase.bench.erasure import stores, tools
from showcase.bench.erasure.ways import Asked
from showcase.erasure import gathering, kinds, places, verdict
from showcase.erasure.controls import controls
from showcase.erasure.patterns import Patterns, patterns
from showcase.erasure.scanning import scan
from showcase.erasure.search import Pattern, Searcher
from showcase.evidence.fact import Fact, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from showcase.bench.erasure.ways import Scope, Way
    from showcase.engines.everyday import Opened
    from showcase.erasure.places import Listing
    from showcase.erasure.subject import Subject
    from showcase.evidence.erasure import Form, Residue, Scan

What = Literal["text", "vector", "id"]
WHATS: tuple[What, ...] = ("text", "vector", "id")

Through = Literal["rows", "full-text index", "bytes"]
"""By what it is to be had: a row that SQL returns, the index of a search for words, or bytes that belong to nothing."""

_VIEWS: dict[str, Through] = {"values": "rows", "full-text index": "full-text index"}
_NUMBERS: frozenset[Form] = frozenset({"float32 LE", "float32 BE", "float16", "int8"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InFile(Fact):
    """What was found of one kind in a file.

    Attributes:
        path: From the store's root.
        what: Text, vector or id.
        forms: As `evidence.erasure.Form` names them.
        through: By what it is to be had, the easiest first.
    """

    path: str
    what: What
    forms: tuple[str, ...]
    through: tuple[Through, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Fact):
    """What one way of deleting left in one store.

    Attributes:
        way: Its name.
        rows: How many rows the store had, of two users.
        forgotten: How many of them were to be gone.
        seconds: How long it took, the store being open where it has to be.
        outcome: `inconclusive` where the scanner was not shown to see.
        why: Why it is inconclusive.
        found: What was found, by files.
        whole: How many of the forgotten texts, vectors and ids are somewhere as a whole: a text as UTF-8, a vector in
            single precision.
        store_bytes: Length of all files of the store.
        by_tools: How many of the forgotten texts other programs found, or why one found none: it is not installed, or
            failed. A program that finds none where nothing was deleted proves nothing either.
        certified: What ours says of itself.
    """

    way: str
    rows: int
    forgotten: int
    seconds: float
    outcome: Literal["found", "nothing found", "inconclusive"]
    why: str
    found: tuple[InFile, ...]
    whole: dict[What, int]
    store_bytes: int
    by_tools: dict[str, int | str] | None = None
    certified: Status | None = None


class Copied:
    """One store, and what is looked for in its copies.

    Args:
        directory: Where they are made; nothing is there.
        count: How many rows the store has.
        server: The model server that mem0 is opened with.
    """

    def __init__(self, directory: Path, count: int, server: Opened) -> None:
        self._directory = directory
        self._count = count
        self._server = server
        directory.mkdir()
        self._made = stores.make(directory / "made", count, server.embed_model)
        self._ids: dict[Scope, tuple[str, ...]] = {"one": self._made.ids[:1], "user": self._made.ids}
        self._subjects: dict[Scope, Subject] = {
            scope: gathering.gather(self._made.kept.place, stores.WHO, ids, everything=scope == "user").subject
            for scope, ids in self._ids.items()
        }
        self._wanted = {scope: patterns(subject) for scope, subject in self._subjects.items()}
        self._flaws = {scope: self._flaw_before(scope) for scope in self._ids}

    def left(self, way: Way) -> Left:
        """Do it to a copy of the store, look, and take the copy away."""
        root = self._directory / "copy"
        kept = stores.copy(self._made, root)
        ids, texts = self._ids[way.scope], self._made.texts[: len(self._ids[way.scope])]
        try:
            done = way.act(Asked(kept=kept, ids=ids, server=self._server))
            listing = places.listing(kept.place)
            seen = _scan(self._wanted[way.scope], listing)
            flaw = self._flaws[way.scope] or _flaw(seen)
            return Left(
                way=way.name,
                rows=self._count,
                forgotten=len(ids),
                seconds=round(done.seconds, 3),
                outcome="inconclusive" if flaw else "found" if seen.residues else "nothing found",
                why=flaw or "",
                found=_by_file(seen.residues),
                whole=_whole(texts, self._subjects[way.scope], listing),
                store_bytes=sum(each.size_bytes for each in seen.files if each.kind != kinds.TEMPORARY),
                by_tools=tools.count(kept.place, texts, self._directory / "by-tools") if way.tools else None,
                certified=done.finding.status if done.finding is not None else None,
            )
        finally:
            tools.remove(root)

    def _flaw_before(self, scope: Scope) -> str | None:
        """Return what of a store in which everything is there was not found in it."""
        seen = _scan(self._wanted[scope], places.listing(self._made.kept.place))
        there = {each.what for each in _by_file(seen.residues)}
        lacking = next((what for what in WHATS if what not in there), None)
        return _flaw(seen) or (f"in the store before, the scan found no {lacking}" if lacking else None)


def _scan(wanted: Patterns, listing: Listing) -> Scan:
    return scan(wanted, listing.files, canaries=controls(listing.files), missed=listing.missed)


def _flaw(seen: Scan) -> str | None:
    """Return why what a scan did not find proves nothing."""
    unread = next((f"{each.path}: {each.unread[0]}" for each in seen.files if each.unread), None)
    return verdict.blind(seen) or unread or (seen.missed[0] if seen.missed else None)


def _by_file(residues: Sequence[Residue]) -> tuple[InFile, ...]:
    found: dict[tuple[str, What], list[Residue]] = {}
    for each in residues:
        found.setdefault((each.path, _what(each.form)), []).append(each)
    order = ("rows", "full-text index", "bytes")
    return tuple(
        InFile(
            path=path,
            what=what,
            forms=tuple(sorted({each.form for each in some})),
            through=tuple(sorted({_VIEWS.get(each.view, "bytes") for each in some}, key=order.index)),
        )
        for (path, what), some in sorted(found.items())
    )


def _what(form: Form) -> What:
    return "id" if form == "id" else "vector" if form in _NUMBERS else "text"


def _whole(texts: Sequence[str], subject: Subject, listing: Listing) -> dict[What, int]:
    """Count the texts, vectors and ids that lie somewhere in one piece."""
    wanted: dict[What, list[bytes]] = {
        "text": [text.encode() for text in texts],
        "vector": list(subject.vectors),
        "id": [each.encode() for each in subject.ids],
    }
    forms: dict[What, Form] = {"text": "UTF-8", "vector": "float32 LE", "id": "id"}
    some = [Pattern(form=forms[what], data=data, least=len(data)) for what in WHATS for data in wanted[what]]
    searcher = Searcher(some)
    there = {
        (hit.pattern.form, hit.pattern.data) for each in listing.files for hit in searcher.search(_read(each.path))
    }
    return {what: sum((forms[what], data) in there for data in wanted[what]) for what in WHATS}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # gone since, such as a log of SQLite's
        return b""
