"""Logs of older versions: the document as this version writes it, before it is read.

What an older log lacks counts as not observed.
"""

from __future__ import annotations

from typing import Any

from showcase.evidence import NEVER_CONNECTED, VERSION

OLDEST = 1

_NAMED_STORE = 4

_COUNTS = {
    "syscalls": {"privileged": 0, "unfenced": 1, "without rights": 0},
    "seal": {"crossings refused": 0},
    "sockets": {"privileged": 0},
}
"""Counts that version 1 did not have: it refused nobody, fenced nobody, and took no notice of what root may do.

Whatever such a log says of them, no witness of then said it.
"""


def converted(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document of an older log as one of this version; what is wrong with it is left to the reader.

    Version 3 has more than version 2, where somebody was forgotten, and nothing else; version 4 more than version 3,
    where a store was named. No older log tells of one: what it would say of it was seen by nobody then. Version 5 has
    an engine more, the licence of a model, and whether a prompt's tokens were counted exactly; before none were.
    """
    written_as = document["version"]
    document = {**document, "version": VERSION, "written_as": written_as}
    if written_as < _NAMED_STORE:
        document.pop("store", None)
    return _of_version_1(document) if written_as == 1 else document


def _of_version_1(document: dict[str, Any]) -> dict[str, Any]:
    document = {**document, "daemons": _list(document.get("daemon"))}
    document.pop("daemon", None)
    phases = document.get("phases")
    if isinstance(phases, list):
        document["phases"] = [_phase(each) for each in phases]
    rows = document.get("connections")
    if isinstance(rows, list):
        document["connections"] = [_row(each) for each in rows]
    reports = document.get("witnesses")
    if isinstance(reports, list):
        document["witnesses"] = [_report(each) for each in reports]
    stored = document.get("claims")
    if isinstance(stored, list):
        document["claims"] = [_verdict(each) for each in stored]
    return document


def _list(daemon: object) -> list[object]:
    return [] if daemon is None else [daemon]


def _phase(phase: object) -> object:
    if not isinstance(phase, dict):
        return phase
    return {name: part for name, part in phase.items() if name != "daemon"} | {"daemons": _list(phase.get("daemon"))}


def _report(report: object) -> object:
    if not isinstance(report, dict) or not isinstance(report.get("counts"), dict) or not report["counts"]:
        return report
    lacking = _COUNTS.get(str(report.get("name")), {})
    return {**report, "counts": {**report["counts"], **lacking}}


def _row(row: object) -> object:
    """Return a row without an outcome that may be that of the last attempt alone: one may have been answered."""
    if isinstance(row, dict) and row.get("outcome") in list(NEVER_CONNECTED) and row.get("count") != 1:
        return {**row, "outcome": None}
    return row


def _verdict(verdict: object) -> object:
    """Return a stored verdict whose pointers lead to where the facts are now."""
    if not isinstance(verdict, dict) or not isinstance(verdict.get("evidence"), list):
        return verdict
    return {**verdict, "evidence": [_pointer(each) for each in verdict["evidence"]]}


def _pointer(pointer: object) -> object:
    if isinstance(pointer, str) and pointer.endswith("/daemon"):
        return f"{pointer}s/0"
    return pointer
