"""What the witnesses counted, held against what they say of their watch and against the table of connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import is_count, several_phases, told
from showcase.claims.consistency.reports import BY_THEIR_SUPERVISORS
from showcase.claims.consistency.rows import UNEXPLAINED
from showcase.claims.coverage import ENGINE_ROLE
from showcase.claims.numbers import is_lookup
from showcase.evidence.addresses import numeric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from showcase.evidence import Attempt, Run, WitnessReport

ROWS = "rows in the table"
"""Count of every witness: the rows of the table of connections that name it. Older logs have none."""

_LINGERING = " more rows in TIME_WAIT"
"""How the witness `sockets` says that it counted connections that nobody has any more, behind their number."""

NEEDED: dict[str, tuple[str, ...]] = {
    "sockets": ("samples", "gaps", "access_denied", "failed_samples", "outlived", "privileged"),
    "hook": ("attempts", "unreadable", "children"),
    "syscalls": ("unreadable", "outlived", "ended", "as read", "privileged", "unfenced", "without rights"),
    "seal": (
        "packets",
        "packets lost",
        "names asked",
        "bridged connections",
        "bridge refusals",
        "let in by a door",
        "unexplained",
        "crossings",
        "crossings refused",
    ),
}
"""Counts without which a witness who looked says nothing of how well it did."""

NEEDED_OF_AN_AUDIT = {**NEEDED, "hook": ("attempts", "unreadable", "processes")}
NEEDED_OF_AN_ENGINE = ("outlived a server", "ended a server")

NOTED: dict[tuple[str, str], str] = {
    ("syscalls", "unreadable"): "could not be read",
    ("syscalls", "as read"): "left to their caller",
    ("seal", "packets lost"): "packets were not counted",
    ("seal", "unexplained"): "no recorded call explains",
    ("seal", "crossings"): "leads out of the seal",
}
"""Count of a witness to what it says where it is not zero: it did not watch the whole of somebody."""

OF_A_RUN: dict[tuple[str, str], str] = {
    ("hook", "unreadable"): "could not be read",
    ("hook", "children"): "the hook cannot see into",
}
"""Likewise, in a run alone: in an audit the hook watches nobody to the end."""

CALLS: dict[str, tuple[str, ...]] = {
    "connect": ("connect",),
    "listen": ("listen", "bind"),
    "send": ("sendto", "sendmsg", "sendmmsg", "write", "writev"),
    "lookup": ("sendto", "sendmsg", "sendmmsg", "write", "writev", "request_key"),
    "socket": ("socket", "io_uring_setup"),
    "reach": (
        *("ptrace", "process_vm_writev", "pidfd_getfd", "prlimit64", "setsockopt", "ioctl", "mount", "fsopen", "setns"),
        *("unshare", "clone", "init_module", "finit_module", "bpf", "connect", "sendto", "sendmsg", "sendmmsg"),
    ),
}
"""Kind of attempt to the calls that make it."""


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    for report in run.witnesses:
        for what, number in report.counts.items():
            if not is_count(number, run):
                yield f"the witness {report.name} counts {number} of {what!r} in {told(run.duration_s)} s"
        if report.control is None or (not report.active and report.name in BY_THEIR_SUPERVISORS):
            continue
        lacking = next((what for what in _needed(report, run) if what not in report.counts), None)
        if lacking is not None:
            yield f"the witness {report.name} does not say its count of {lacking!r}"
            continue
        yield from _noted(report, run)
        seen = [row for row in run.connections if report.name in row.witnesses]
        if not several_phases(run) and report.counts.get(ROWS, len(seen)) != len(seen):
            yield f"the witness {report.name} counts {report.counts[ROWS]} {ROWS}, and there are {len(seen)}"
        yield from OWN[report.name](report, seen, run) if report.name in OWN else ()


def _needed(report: WitnessReport, run: Run) -> tuple[str, ...]:
    needed = (NEEDED if run.command is None else NEEDED_OF_AN_AUDIT).get(report.name, ())
    engine = report.name == "syscalls" and any(item.role == ENGINE_ROLE for item in report.coverage)
    return (*needed, *NEEDED_OF_AN_ENGINE) if engine else needed


def _noted(report: WitnessReport, run: Run) -> Iterator[str]:
    meanings = NOTED if run.command is not None else {**NOTED, **OF_A_RUN}
    for (name, what), words in meanings.items():
        noted = any(words in item.note for item in report.coverage)
        if name == report.name and report.counts.get(what) and not noted:
            yield f"the witness {name} counts {report.counts[what]} of {what!r}, and says that it watched all"


def _sockets(report: WitnessReport, _seen: list[Attempt], run: Run) -> Iterator[str]:
    counts = report.counts
    if report.active and counts["samples"] < 1:
        yield "the witness sockets looked, and took no look"
    denied = any("access was denied" in item.note or "closes itself" in item.note for item in report.coverage)
    if denied and not counts["access_denied"]:
        yield "the witness sockets was refused by somebody, and counts none"
    if counts["gaps"] > counts["samples"]:
        yield "the witness sockets paused more often than it looked"
    if counts["access_denied"] > counts["samples"] * max(1, len(report.coverage)):
        yield "the witness sockets was refused more often than it looked"
    lingering = counts.get("time_wait_rows")
    said = [text for text in report.unseen if _LINGERING in text]
    whole = any(text.startswith(f"{lingering}{_LINGERING}") for text in said)
    if lingering is not None and (said or lingering) and not whole and not several_phases(run):
        yield "the witness sockets counts connections that nobody has any more, and does not say so"


def _syscalls(report: WitnessReport, seen: list[Attempt], run: Run) -> Iterator[str]:
    counts = report.counts
    for what, words in (("outlived", "outlived the command"), ("ended", "was ended")):
        counted = counts[what] + counts.get(f"{what} a server", 0)
        noted = sum(item.note.count(words) for item in report.coverage)
        if counted != noted if not several_phases(run) else counted < noted:
            yield f"the witness syscalls counts {counted} processes that {words}, and names {noted}"
    for kind, calls in CALLS.items():
        made = sum(counts.get(f"{call} calls", 0) for call in calls)
        if made == 0 and any(row.kind == kind for row in seen):
            yield f"the witness syscalls saw a {kind}, and counts no call that makes one"
    planted = 1 if report.control is not None and report.control.fired else 0
    rows = [row.count if "hook" not in row.witnesses else 1 for row in seen if row.kind == "connect"]
    if counts.get("connect calls", 0) < sum(rows) + planted:
        yield f"the witness syscalls counts {counts.get('connect calls', 0)} connects, and there are {sum(rows)}"
    named = sum(row.count for row in seen if row.kind in ("connect", "send", "lookup"))
    if counts["as read"] > named or (not counts["as read"] and any(row.outcome == "as read" for row in seen)):
        yield f"the witness syscalls counts {counts['as read']} destinations as read, and there are others"


def _seal(report: WitnessReport, seen: list[Attempt], _run: Run) -> Iterator[str]:
    counts = report.counts
    planted = 1 if report.control is not None and report.control.fired else 0
    places = {_place(row) for row in seen}
    if counts["packets"] < len(places) + planted:
        yield f"the seal counts {counts['packets']} packets, and there were {len(places) + planted} destinations"
    if counts["names asked"] and not any(map(is_lookup, seen)):
        yield f"the seal was asked for {counts['names asked']} names, and no lookup was seen"
    bridged = any((row.outcome or "").startswith("bridged") for row in seen)
    if (counts["bridged connections"] or counts["bridge refusals"]) and not bridged:
        yield "something was carried over a bridge, and nothing was seen to go there"
    engine = any(item.role == ENGINE_ROLE for item in report.coverage)
    if counts["let in by a door"] and not engine:
        yield "somebody came in by a door, and nobody waited behind one"
    if engine and counts["bridged connections"] and not counts["let in by a door"]:
        yield "something was carried over a bridge to a sealed server, and nobody came in by its door"
    strays = any(row.outcome == UNEXPLAINED for row in seen)
    if bool(counts["unexplained"]) is not strays:
        yield f"the seal counts {counts['unexplained']} destinations that no call explains: the table says otherwise"


def _place(row: Attempt) -> tuple[str | None, object, int | None]:
    """Return where a row's packets went, in one spelling; the kernel takes the unspecified address for loopback."""
    address = numeric(row.address)
    if address is not None and address.is_unspecified:
        address = numeric("127.0.0.1" if address.version == 4 else "::1")  # noqa: PLR2004 - the version of IP
    return "tcp" if row.transport == "mptcp" else row.transport, address or row.address, row.port


def _hook(report: WitnessReport, seen: list[Attempt], run: Run) -> Iterator[str]:
    """Hold what Python code was seen to do against how often the hook wrote something down, planted leaks included."""
    planted = 1 if report.control is not None and report.control.fired else 0
    least = sum(row.count if len(row.witnesses) == 1 else 1 for row in seen) + planted
    if report.counts.get("attempts", 0) < least:
        yield f"the hook counts {report.counts.get('attempts', 0)} attempts, and the table holds {least} of them"
    hooked = report.counts.get("processes")
    if run.command is not None and hooked is not None:
        noted = sum(_number(item.note) for item in report.coverage)
        if hooked != noted:
            yield f"the hook was in {hooked} processes, and names {noted}"


def _number(note: str) -> int:
    """Return in how many processes the hook of an audit says it was."""
    words = note.removeprefix("it was in ").split(" ", 1)[0]
    return int(words) if words.isdigit() else int(words == "one")


OWN: dict[str, Callable[[WitnessReport, list[Attempt], Run], Iterator[str]]] = {
    "sockets": _sockets,
    "hook": _hook,
    "syscalls": _syscalls,
    "seal": _seal,
}
"""What each witness's counts are held against: its report, the rows that name it, the run."""
