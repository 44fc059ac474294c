"""What was forgotten: where it was found before and after, by which controls, and what nobody looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.erasure.kinds import OF_RUNS
from showcase.evidence.erasure import NotCovered, Scan

if TYPE_CHECKING:
    from showcase.evidence import Erasure, Run

_SHOWN = 100
_METHODS = {
    "erase": "this program: what stays was copied into fresh files, and the old ones were written over",
    "stock": "mem0's own delete_all",
    "rows-only": "taking the rows out, as mem0 does it",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A file in which something was found: in which forms before, and in which after, as another process saw it."""

    path: str
    kind: str
    before: str
    after: str
    left_out: bool


@dataclass(frozen=True, slots=True)
class Look:
    """One scan: who looked through how much for how many patterns, and how its controls went."""

    when: str
    pid: int
    files: int
    size_bytes: int
    patterns: int
    found: int
    controls: str
    well: bool


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The section."""

    method: str
    counts: str
    looks: tuple[Look, ...]
    places: tuple[Place, ...]
    left_off: int
    answers: tuple[tuple[str, str], ...]
    not_covered: tuple[NotCovered, ...]


def forgotten(run: Run) -> Forgotten | None:
    """Return the section, None where nobody was to be forgotten."""
    if run.forgetting is None:
        return None
    erasure = run.forgetting.erasure
    places = _places(erasure)
    return Forgotten(
        method=_METHODS[erasure.method],
        counts=(
            f"{erasure.removed} of {erasure.asked} rows, {erasure.events_removed} lines of history, "
            f"{erasure.messages_removed} messages; {erasure.overwritten} old files written over"
        ),
        looks=tuple(
            _look(when, scan)
            for when, scan in (
                ("before, session 4", erasure.before),
                ("after, session 4", erasure.after),
                ("after, session 5", erasure.verified),
            )
            if scan is not None
        ),
        places=places[:_SHOWN],
        left_off=max(0, len(places) - _SHOWN),
        answers=_answers(run),
        not_covered=erasure.not_covered,
    )


def _look(when: str, scan: Scan) -> Look:
    fired = sum(each.found for each in scan.canaries)
    well = fired == len(scan.canaries) > 0 and not scan.unplanted_found
    return Look(
        when=when,
        pid=scan.pid,
        files=len(scan.files),
        size_bytes=sum(each.read_bytes for each in scan.files),
        patterns=sum(scan.patterns.values()),
        found=sum(each.count for each in scan.residues if each.kind not in OF_RUNS),
        controls=f"{fired} of {len(scan.canaries)} planted found, {scan.unplanted_found} unplanted",
        well=well,
    )


def _places(erasure: Erasure) -> tuple[Place, ...]:
    before, after = _forms(erasure.before), _forms(erasure.verified or erasure.after)
    kinds = {
        each.path: each.kind
        for scan in (erasure.before, erasure.after, erasure.verified)
        if scan is not None
        for each in scan.residues
    }
    return tuple(
        Place(
            path=path,
            kind=kinds[path],
            before=", ".join(before.get(path, ())),
            after=", ".join(after.get(path, ())),
            left_out=kinds[path] in OF_RUNS,
        )
        for path in sorted(kinds, key=lambda path: (kinds[path] in OF_RUNS, path))
    )


def _forms(scan: Scan | None) -> dict[str, tuple[str, ...]]:
    counted: dict[str, Counter[str]] = {}
    for each in scan.residues if scan is not None else ():
        counted.setdefault(each.path, Counter())[each.form] += each.count
    return {path: tuple(forms) for path, forms in counted.items()}


def _answers(run: Run) -> tuple[tuple[str, str], ...]:
    asked = None if run.forgetting is None else run.forgetting.asked
    fifth = next((item for item in run.sessions if item.number == 5), None)  # noqa: PLR2004 - the session that looks
    if asked is None or fifth is None:
        return ()
    return (
        ("search, as the first user", _rows(len(fifth.recalled or ()))),
        ("list, as the first user", _rows(len(fifth.listed or ()))),
        ("get, by each id", _rows(asked.got)),
        ("history, by each id", f"{asked.history_lines} lines"),
        ("search as the user *", f"{_rows(len(asked.wildcard))} of the first user"),
        ("search, as the second user", _rows(len(asked.second_recalled))),
        ("list, as the second user", _rows(len(asked.second_listed))),
    )


def _rows(number: int) -> str:
    return "nothing" if not number else "1 row" if number == 1 else f"{number} rows"
