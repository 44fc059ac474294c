"""What sessions 4 and 5 say of what was forgotten, held against itself and against the rest of the log."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import is_pid, twice
from showcase.claims.consistency.sessions import is_whole
from showcase.erasure.kinds import DATABASE, IN_CHROMA, TYPED
from showcase.erasure.verdict import VIEWS
from showcase.evidence.erasure import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Erasure, Run
    from showcase.evidence.erasure import Scan

PACKED = frozenset({"gzip file", "bzip2 file", "xz file", "zip file"})
"""Kinds of which a file is made for the controls alone."""

_CLOSE_S = 1.0
"""psutil tells in both, from the boot; a clock that is set meanwhile moves one of them."""

_REDACTED = re.compile(r"path-\d+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    found = run.forgetting
    played = {item.scene: item for item in run.sessions}
    if run.options.forget is None:
        if found is not None:
            yield "nobody was to be forgotten, and somebody was"
        return
    for scene, said in (("forget", found is not None), ("after-forget", found is not None and found.asked is not None)):
        item = played.get(scene)
        if item is not None and is_whole(item) and not said:
            yield f"session {item.number} ended as it should, and did not say what came of it"
        if item is None and said:
            yield f"it is said what came of the scene {scene}, which nobody played"
    if found is None:
        return
    yield from _states(run, found.erasure)
    if found.erasure.method != run.options.forget:
        yield f"the first user was to be forgotten by {run.options.forget}, and was by {found.erasure.method}"
    yield from _counts(found.erasure)
    yield from _processes(run, found.erasure)
    if found.asked is not None and twice(found.asked.second_listed) is not None:
        yield "a row of the second user was listed twice"
    yield from _scans(found.erasure)


def _processes(run: Run, erasure: Erasure) -> Iterator[str]:
    """Hold who looked against the table of processes, which tells when a process began to the hundredth of a second."""
    played = {item.scene: item for item in run.sessions}
    scans = ((erasure.before, "forget"), (erasure.after, "forget"), (erasure.verified, "after-forget"))
    for scan, scene in scans:
        item = played.get(scene)
        if scan is None or item is None or item.create_time is None:
            continue
        if scan.create_time is None or not abs(scan.create_time - item.create_time) <= _CLOSE_S:
            yield f"a scan of session {item.number} was of a process that began at another time"


def _states(run: Run, erasure: Erasure) -> Iterator[str]:
    """Hold what was read of the store against what was seen of it from outside."""
    played = {item.scene: item for item in run.sessions}
    fourth, fifth = played.get("forget"), played.get("after-forget")
    pairs = (
        ("after", erasure.after, None if fourth is None else fourth.store_after),
        ("by session 5", erasure.verified, None if fifth is None else fifth.store_before),
    )
    for when, scan, state in pairs:
        if scan is None or state is None:
            continue
        read = {
            each.path.partition("/")[2]: (each.size_bytes, each.sha256)
            for each in scan.files
            if each.kind in IN_CHROMA and not each.path.startswith("mem0_home/")
        }
        seen = {file.path: (file.size_bytes, file.sha256) for file in state.files}
        # A redacted log holds no paths.
        if not any(_REDACTED.fullmatch(path) for path in seen) and read != {
            path: held for path, held in seen.items() if not _is_elsewhere(path, scan)
        }:
            yield f"the scan {when} read other files of the store than there were, or others in them"


def _is_elsewhere(path: str, scan: Scan) -> bool:
    """Return whether a file in the store's directory is none of the store's, which is told by its kind."""
    return any(each.path.partition("/")[2] == path and each.kind not in IN_CHROMA for each in scan.files)


def _counts(erasure: Erasure) -> Iterator[str]:
    bystanders = erasure.bystanders
    numbers = (
        erasure.events_removed, erasure.messages_removed, erasure.lines_removed, erasure.shared, erasure.overwritten,
        erasure.linked, bystanders.rows, bystanders.rows_after or 0, erasure.rows_by_id_after or 0,
    )  # fmt: skip
    if not erasure.everything or erasure.asked != erasure.found or erasure.unchanged_since is not None:
        yield "a run forgets all that there is, and looks from outside whether the store changed: it says otherwise"
    if min(numbers) < 0 or not 0 <= erasure.removed <= erasure.found <= erasure.asked:
        yield "its counts of rows and files cannot be so"
    if (erasure.verified is None) is not (bystanders.after is None):
        yield "another process looked, and it is said what it saw, or neither: it says both"


def _unlike(erasure: Erasure) -> Iterator[str]:
    """Hold what was found against the files: what did not change holds what it held, and what was erased is another."""
    scans = [scan for scan in (erasure.before, erasure.after, erasure.verified) if scan is not None]
    for one, other in pairwise(scans):
        same = {(each.path, each.sha256) for each in one.files} & {(each.path, each.sha256) for each in other.files}
        for path, _ in same:
            if _found(one, path) != _found(other, path):
                yield f"of {path}, which did not change, two scans found different things"
    if erasure.method != "erase" or erasure.before is None or erasure.after is None:
        return
    if erasure.found and not erasure.overwritten:
        yield "it erased, and wrote over no file"
    old, new = (
        {(each.device, each.inode) for each in scan.files if each.kind == DATABASE}
        for scan in (erasure.before, erasure.after)
    )
    if erasure.found and old & new:
        yield "it erased, and the database is the file that it was before"


def _found(scan: Scan, path: str) -> list[tuple[str, str, int]]:
    return sorted((each.view, each.form, each.count) for each in scan.residues if each.path == path)


def _scans(erasure: Erasure) -> Iterator[str]:
    yield from _unlike(erasure)
    for when, scan in (("before", erasure.before), ("after", erasure.after), ("by session 5", erasure.verified)):
        for what in _scan(scan) if scan is not None else ():
            yield f"the scan {when}: {what}"


def _scan(scan: Scan) -> Iterator[str]:
    paths = {each.path: each.kind for each in scan.files}
    if twice(each.path for each in scan.files if each.kind != TYPED) is not None:
        yield "it read a file twice"
    if not all(_SHA256.fullmatch(each.sha256) and each.read_bytes >= 0 and each.size_bytes >= 0 for each in scan.files):
        yield "it read files that have no digest or no length"
    if not all(paths.get(each.path) == each.kind and each.count > 0 for each in scan.residues):
        yield "it found something in a file that it did not read, or that is another, or found nothing and says so"
    if not {each.form for each in scan.residues} <= set(scan.patterns) or min(scan.patterns.values(), default=1) < 1:
        yield "it found what it did not look for"
    planted = {(each.kind, each.form) for each in scan.canaries}
    kinds = {each.kind for each in scan.canaries}
    if len(planted) != len(scan.canaries) or not kinds <= {each.kind for each in scan.files} | PACKED | set(VIEWS):
        yield "something was planted twice, or in a copy of what was not there"
    of_views = {(kind, form) for kind, form in planted if kind in VIEWS}
    if not of_views <= set(VIEWS.items()) or not all(
        (kind, form) in planted for kind in kinds - set(VIEWS) for form in FORMS if form != "word"
    ):
        yield "not every form was planted in a copy of what others were planted in"
    if min(scan.unplanted_found, scan.not_distinctive) < 0 or not is_pid(scan.pid):
        yield "there is no such process, or it found less than nothing"
