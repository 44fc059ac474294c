"""What follows from an erasure: a pure function of what was seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.erasure.kinds import COME_AND_GO, DATABASE, DATABASES, STORE, WITH_WORDS
from showcase.evidence.erasure import FORMS, Finding, Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from showcase.evidence.erasure import Erasure, Residue, Scan

VIEWS: dict[str, Form] = {
    "values": "UTF-8",
    "ends of pages": "UTF-8",
    "full-text index": "case and accents folded",
}
"""Ways in which a database is read beside byte by byte, without which none is taken for read; and what was planted for
each that it alone sees."""

WORDS = "clear, at the level of files (NIST SP 800-88 Rev. 1, section 2.5): no more is said of what lies below them"

OTHERS_LOOK = "another process's look"
"""As what is told that another process did not verify."""

_LISTED = 3


def judge(erasure: Erasure, *, but_for: Iterable[str] = ()) -> Finding:
    """Return what follows.

    Args:
        erasure: What was seen.
        but_for: Kinds of files that hold what was forgotten on purpose, such as a run's own log.
    """
    left_out = frozenset(but_for)
    violation = _violation(erasure, left_out)
    if violation is not None:
        return Finding(status="broken", reason=violation, limits=_limits(erasure))
    gap = _gap(erasure, left_out)
    if gap is not None:
        return Finding(status="inconclusive", reason=gap, limits=_limits(erasure))
    after = erasure.verified
    assert after is not None  # noqa: S101 - `_gap` said so
    many = sum(after.patterns.values())
    size = sum(each.read_bytes for each in after.files)
    reason = (
        f"{erasure.removed} of {erasure.asked} rows are gone, and {many:,} patterns of them are in none of "
        f"{len(after.files)} files ({size:,} bytes), by two processes of which each found what was planted in copies; "
        f"{erasure.bystanders.rows} other {'row' if erasure.bystanders.rows == 1 else 'rows'} as before; {WORDS}"
    )
    return Finding(status="upheld", reason=reason, limits=_limits(erasure))


def _violation(erasure: Erasure, left_out: frozenset[str]) -> str | None:
    for who, scan in (("another process", erasure.verified), ("the same process", erasure.after)):
        kinds = {each.path: each.kind for each in scan.files} if scan is not None else {}
        found = (
            [each for each in scan.residues if kinds.get(each.path, each.kind) not in left_out]
            if scan is not None
            else []
        )
        if found:
            return f"it is still there, as {who} found: {residues(found)}"
    if erasure.rows_by_id_after:
        return f"{erasure.rows_by_id_after} of the rows are still returned by their ids"
    if erasure.removed < erasure.found:
        return f"{erasure.found - erasure.removed} of {erasure.found} rows were not removed"
    bystanders = erasure.bystanders
    if bystanders.after is not None and (bystanders.rows, bystanders.before) != (
        bystanders.rows_after,
        bystanders.after,
    ):
        return f"rows of others changed: {bystanders.rows} before, {bystanders.rows_after} after, or other contents"
    if bystanders.history_after is not None and bystanders.history_before != bystanders.history_after:
        return "the history of memories that stay changed"
    stays = [each for each in erasure.not_covered if each.known_to_stay and each.of_the_store]
    if stays:
        return f"it is known to stay: {stays[0].what}: {stays[0].found_out}"
    return None


def residues(found: Sequence[Residue]) -> str:
    """Return what was found where, in words."""
    by_file: dict[str, list[Residue]] = {}
    for each in found:
        by_file.setdefault(each.path, []).append(each)
    told = [
        f"{path} ({', '.join(dict.fromkeys(f'{each.form}' for each in some))})"
        for path, some in list(by_file.items())[:_LISTED]
    ]
    more = len(by_file) - len(told)
    return "; ".join(told) + (f"; and {more} more files" if more > 0 else "")


def _gap(erasure: Erasure, left_out: frozenset[str]) -> str | None:
    before, after, verified = erasure.before, erasure.after, erasure.verified
    if before is None or after is None or verified is None:
        missing = "before" if before is None else "after" if after is None else "by another process"
        why = next((each.found_out for each in erasure.not_covered if each.what == OTHERS_LOOK), "")
        return f"nobody looked {missing}" + (f": {why}" if why and verified is None else "")
    for when, scan in (("before", before), ("after", after), ("by another process", verified)):
        flaw = blind(scan)
        if flaw is not None:
            return f"the scan {when} proves nothing: {flaw}"
    return (
        _unlike(before, after, verified)
        or _not_whole(after, left_out)
        or _not_whole(verified, left_out)
        or _nothing_known(erasure, before, verified)
        or _changed_between(after, verified, left_out)
        or ("the store was written to after the last scan" if erasure.unchanged_since is not True else None)
    )


def blind(scan: Scan) -> str | None:
    """Return why the silence of a scan says nothing, None where it does."""
    if not scan.canaries:
        return "nothing was planted for it to find"
    missed = [each for each in scan.canaries if not each.found]
    if missed:
        return f"it did not find what was planted as {missed[0].form} in a copy of: {missed[0].kind}"
    if scan.unplanted_found:
        return "it found what nobody planted"
    tried = {(each.kind, each.form) for each in scan.canaries}
    kinds = {each.kind for each in scan.files}
    for kind in sorted(kinds):
        lacking = [form for form in FORMS if (kind, form) not in tried and (form != "word" or kind in WITH_WORDS)]
        if lacking:
            return f"no control of {lacking[0]} was planted in a copy of: {kind}"
    shown = {each.kind for each in scan.canaries}
    for view in sorted({view for each in scan.files for view in each.views}):
        if view.removeprefix("inside ") + (" file" if view.startswith("inside ") else "") not in shown:
            return f"no control was planted that is seen by this alone: {view}"
    return None


def _unlike(before: Scan, after: Scan, verified: Scan) -> str | None:
    if after.pid == verified.pid and after.create_time in (None, verified.create_time):
        return "the scan by another process was of the same one"
    if verified.create_time is None:
        return "the table of processes did not confirm the one that verified"
    if not before.patterns == after.patterns == verified.patterns:
        return "the scans did not look for the same"
    return None


def _not_whole(scan: Scan, left_out: frozenset[str]) -> str | None:
    for each in scan.files:
        if each.kind in left_out:
            continue
        if each.read_bytes != each.size_bytes:
            return f"{each.path} was not read whole: {each.read_bytes:,} of {each.size_bytes:,} bytes"
        if each.unread:
            return f"{each.path} could not be read in every way: {each.unread[0]}"
        lacking = [view for view in VIEWS if each.kind in DATABASES and each.size_bytes and view not in each.views]
        if lacking:
            return f"{each.path} was not read in every way: {lacking[0]}"
    if not any(each.kind == DATABASE for each in scan.files):
        return "no database was looked through"
    return f"not everything could be looked at: {scan.missed[0]}" if scan.missed else None


def _nothing_known(erasure: Erasure, before: Scan, after: Scan) -> str | None:
    if not before.patterns:
        return "nothing is known of what was forgotten that could be looked for"
    lost = {each.kind for each in before.files if each.kind in DATABASES} - {each.kind for each in after.files}
    if lost:
        return f"{min(lost)} was there before, and was not looked through after"
    seen = {each.form for each in before.residues if each.kind in STORE}
    if erasure.found and not seen:
        return "the scan before did not find in the store what was there"
    if erasure.found and "float32 LE" in before.patterns and "float32 LE" not in seen:
        return "the scan before did not find in the store the vectors that were there"
    bystanders = erasure.bystanders
    if None in (bystanders.after, bystanders.rows_after, bystanders.history_after, erasure.rows_by_id_after):
        return "nobody looked whether what was to stay is as it was"
    return None


def _changed_between(after: Scan, verified: Scan, left_out: frozenset[str]) -> str | None:
    for_sure = left_out | COME_AND_GO
    looked, looked_again = (
        {each.path for each in scan.files if each.kind not in for_sure} for scan in (after, verified)
    )
    if looked != looked_again:
        return f"the two processes did not look at the same files: {min(looked ^ looked_again)}"
    one, other = (
        {each.path: each.sha256 for each in scan.files if each.kind in STORE and each.kind not in left_out}
        for scan in (after, verified)
    )
    if one != other:
        return "the store was written to between the two scans"
    return None


def _limits(erasure: Erasure) -> tuple[str, ...]:
    found = []
    if erasure.shared:
        found.append(
            f"{erasure.shared} of the forgotten texts stand in what stays as well: they were reported, not deleted, "
            "and not looked for"
        )
    weak = max((scan.not_distinctive for scan in (erasure.before, erasure.verified) if scan is not None), default=0)
    if weak:
        found.append(
            f"{weak} of the texts have no word that what stays does not hold too, or are too short: of them the vector "
            "and the id were looked for alone"
        )
    known = [each for each in erasure.not_covered if each.known_to_stay]
    others = [each for each in erasure.not_covered if not each.known_to_stay]
    return (
        *(f"it stays: {each.what}: {each.found_out}" for each in known),
        *found,
        *(f"not covered: {each.what}: {each.found_out}" for each in others),
    )
