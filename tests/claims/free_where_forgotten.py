"""Of `free`, what two sessions say of a user who was forgotten."""

from __future__ import annotations

from typing import Any

from free_field import TEXT, Free
from mutations import Mutation, old

COME_AND_GO = ("other file", "SQLite's log", "lock")
RECORDS = ("log of a run", "page of a run", "events of a run")


def _of_no_verdict(document: dict[str, Any], mutation: Mutation) -> bool:
    """Return whether a file, or what was found in one, is of the scan before, or of a kind that is left out."""
    if mutation.path[2] == "before":
        return True
    scan = document["forgetting"]["erasure"][mutation.path[2]]
    return scan[mutation.path[3]][mutation.path[4]]["kind"] in (*RECORDS, *COME_AND_GO, "record")


def _of_the_scan_before(_document: dict[str, Any], mutation: Mutation) -> bool:
    return mutation.path[2] == "before"


def _files_that_may_be_gone(document: dict[str, Any], mutation: Mutation) -> bool:
    """Return whether the files that are taken out are such as come and go, or whose absence nobody could tell."""
    if mutation.path[2] == "before":
        return True
    left = [item["path"] for item in mutation.value]
    gone = [item["kind"] for item in old(document, mutation.path) if item["path"] not in left]
    return all(kind in (*RECORDS, *COME_AND_GO) for kind in gone)


def _records_alone(document: dict[str, Any], mutation: Mutation) -> bool:
    if mutation.path[2] == "before":
        return bool(mutation.value)
    return all(item["kind"] in RECORDS for item in old(document, mutation.path))


OF_WHAT_WAS_FORGOTTEN: tuple[Free, ...] = (
    Free(("Erasure.subject",), "a pseudonym under a key that nobody has"),
    Free(
        ("Erasure.events_removed", "Erasure.messages_removed", "Erasure.lines_removed", "Erasure.shared"),
        "told to a person; the scans say what is left",
        ("zero", "huge"),
    ),
    Free(("Erasure.overwritten", "Erasure.linked"), "likewise, but for none at all", ("huge",)),
    Free(("Erasure.linked",), "likewise", ("zero",)),
    Free(("Erasure.not_covered",), "limits, and no more", ("emptied", "removed", "doubled", "swapped")),
    Free(("NotCovered.what", "NotCovered.found_out"), "a limit, in words"),
    Free(("NotCovered.known_to_stay", "NotCovered.of_the_store"), "both together are a violation", ("flipped",)),
    Free(("Scan.sqlite", "Scan.secure_delete", "Scan.began_at", "Scan.ended_at"), "which library looked, and when"),
    Free(("Scan.not_distinctive",), "a limit, and no more", ("huge",)),
    Free(("Scan.missed",), "what the scan before could not look at is nowhere needed", ("added",), _of_the_scan_before),
    Free(("Scan.canaries", "Scan.files", "Scan.residues"), "the order", ("swapped",)),
    Free(("Scan.files",), "files that come and go, or hold the run on purpose", ("removed",), _files_that_may_be_gone),
    Free(("Scan.residues",), "likewise; some of what was found before is enough", ("removed", "doubled")),
    Free(("Scan.residues",), "what is in the records of runs is left out", ("emptied",), _records_alone),
    Free(("Residue.count", "Residue.form", "Residue.view"), "how often and in which form", ("huge", "literal", *TEXT)),
    Free(("Residue.kind",), "of what is left out, or was there before", where=_of_no_verdict),
    Free(
        ("ScannedFile.device", "ScannedFile.inode", "ScannedFile.links", "ScannedFile.disk_bytes"),
        "the file system tells nobody else",
    ),
    Free(
        (
            "ScannedFile.path",
            "ScannedFile.size_bytes",
            "ScannedFile.read_bytes",
            "ScannedFile.unread",
            "ScannedFile.views",
        ),
        "of what is left out, or was there before",
        where=_of_no_verdict,
    ),
    Free(("ScannedFile.views",), "names of ways, of which more may come", ("added", "doubled", "swapped", *TEXT)),
)
