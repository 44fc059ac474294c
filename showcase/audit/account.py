"""What an audit tells people: what the command tried to contact, then the verdict with its level and limits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.destinations import alike, names_of_the_sink, stands_for
from showcase.claims.numbers import is_lookup
from showcase.claims.policy import Disposition, Kind
from showcase.claims.reading import counted, told_s
from showcase.claims.told import told
from showcase.claims.withheld import way_out, withheld
from showcase.claims.witnessing import COMMAND_ROLE
from showcase.evidence import UNTRUSTED, Endpoint
from showcase.shell import of_system
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.evidence import Attempt, Command, Request, Run

SIGNS: dict[Kind, str] = {
    "finding": "✗",
    "unwatched": "?",
    "unseen": "?",
    "exposed": "▲",
    "allowed": "✓",
    "internal": "○",
    "local": "·",
}
"""In the order of the account: what deserves a look first."""

_SHOWN = 40
_PORTS = 3
"""Up to so many ports of one address have a line each: browsers and databases use hundreds."""
_SHOWN_BODY = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """All that one program tried with one destination; the command began at `first_s` 0."""

    how: Disposition
    what: str
    who: str
    count: int
    first_s: float
    outcome: str
    witnesses: tuple[str, ...]


def contacts(run: Run) -> list[Contact]:
    """Return what was contacted, findings first, then by time; processes of one program are counted together."""
    names = names_of_the_sink(run)
    judged = [(row, how, stands_for(row, names)) for row, how in told(run)]
    ports: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for row, how, whom in judged:
        if row.port is not None and row.kind != "lookup":
            ports[_place(row, how, whom)].add(row.port)
    grouped: dict[tuple[str, ...], list[tuple[Attempt, Disposition]]] = defaultdict(list)
    for row, how, whom in judged:
        used = ports.get(_place(row, how, whom), set())
        what = destination(row, whom) if len(used) <= _PORTS else _at_ports(row, used, whom)
        grouped[how.kind, how.rule, what, row.process or "", row.package or ""].append((row, how))
    order = list(SIGNS)
    found = [_contact(key[2], rows, run) for key, rows in grouped.items()]
    return sorted(found, key=lambda contact: (order.index(contact.how.kind), contact.first_s))


def _place(row: Attempt, how: Disposition, whom: str | None) -> tuple[str, ...]:
    """Return what rows have in common that differ in their port alone."""
    told = (row.kind, row.address, row.name, whom, row.process, row.package, row.transport)
    return (how.kind, how.rule, *(part or "" for part in told))


def _at_ports(row: Attempt, ports: set[int], whom: str | None) -> str:
    first, *_ = in_order = sorted(ports)
    place = f"{row.address or row.name or row.family} at {len(ports)} ports from {first} to {in_order[-1]}"
    return f"{row.kind} {place}, which stands for {whom}" if whom else f"{row.kind} {place}"


def _contact(what: str, rows: list[tuple[Attempt, Disposition]], run: Run) -> Contact:
    attempts = [row for row, _ in rows]
    first = attempts[0]
    pids = sorted({row.pid for row in attempts if row.pid is not None})
    number = f"pid {pids[0]}" if len(pids) == 1 else f"{len(pids)} processes"
    who = f"{first.process or 'process not known'} ({number})"
    if first.package:
        way, *others = first.package.split("; ")
        who += f", in {way}" + (f" and {counted(len(others), 'other way')}" if others else "")
    return Contact(
        how=rows[0][1],
        what=what,
        who=who,
        count=sum(row.count for row in attempts),
        first_s=told_s(run, min(row.first_seen_s for row in attempts)),
        outcome=", ".join(dict.fromkeys(row.outcome for row in attempts if row.outcome)),
        witnesses=tuple(sorted({name for row in attempts for name in row.witnesses})),
    )


def destination(row: Attempt, whom: str | None = None) -> str:
    """Return what was tried, and with whom, in words; `whom` is the name for which the address stands."""
    if row.kind == "lookup":
        return f"lookup of {row.name}" if is_lookup(row) else f"number {row.name}"
    if row.kind == "reach":
        return f"{row.family} on {row.name}"
    place = row.address or row.name or row.family
    if row.address and row.port is not None:
        place = str(Endpoint(address=row.address, port=row.port))
    return f"{row.kind} {place}, which stands for {whom}" if whom else f"{row.kind} {place}"


def lines(run: Run) -> list[str]:
    """Return the account; the caller prints the verdicts after it."""
    if run.command is None:
        return []
    found = contacts(run)
    said = [
        f"Audited: {of_system(run.platform.system).line(run.command.arguments)}",
        f"         {_ending(run.command)}",
    ]
    said += [f"         {note}" for note in _left_behind(run)]
    said.append(_watchers(run))
    said += [line for contact in found[:_SHOWN] for line in _lines(contact)]
    if len(found) > _SHOWN:
        said.append(f"… and {len(found) - _SHOWN} more, all in the log (--log FILE)")
    asked = alike(run.requests)
    said += [line for request in asked[:_SHOWN] for line in _request(request)]
    if len(asked) > _SHOWN:
        said.append(f"… and {len(asked) - _SHOWN} more of them, all in the log (--log FILE)")
    if not found:
        said.append("It contacted nobody that any witness saw.")
    return said


def _request(request: Request) -> Iterable[str]:
    """Return what would have been asked, had the name led to somebody else than us."""
    times = "once" if request.count == 1 else f"{request.count} times"
    yield f"→ said to {request.name}, port {request.port}: {request}, {times}"
    if request.trusted is False:
        yield f"    {UNTRUSTED}"
    yield from (f"    {name}: {value}" for name, value in request.headers)
    if request.body:
        shown = request.body if len(request.body) <= _SHOWN_BODY else request.body[:_SHOWN_BODY] + "…"
        yield from (f"    | {line}" for line in shown.splitlines())


def _lines(contact: Contact) -> Iterable[str]:
    times = "once" if contact.count == 1 else f"{contact.count} times"
    yield f"{SIGNS[contact.how.kind]} {contact.what}, {times}, first after {contact.first_s:.2f} s"
    ended = f"; {contact.outcome}" if contact.outcome else ""
    yield f"    by {contact.who}; {contact.how.rule}{ended}; seen by {', '.join(contact.witnesses)}"


def _ending(command: Command) -> str:
    if command.exit_code is None:
        return "was never seen to end"
    by = {"itself": "", "duration": ", after the time it was given", "interruption": ", when the audit was stopped"}
    took = "" if command.ended_s is None else f" after {command.ended_s - command.started_s:.2f} s"
    return f"ended with {ending(command.exit_code)}{took}{by[command.ended_by]}"


def _left_behind(run: Run) -> list[str]:
    """Return what is noted of what outlived the command or had to be continued, and of what it was refused.

    It stands with the kernel's witness; where that does not look, with the one that looks from outside.
    """
    looking = {report.name for report in run.witnesses if report.active}
    teller = "syscalls" if "syscalls" in looking else "sockets"
    rows = (row for report in run.witnesses if report.name == teller for row in report.coverage)
    notes = [note for row in rows if row.role == COMMAND_ROLE and row.complete for note in row.note.split("; ") if note]
    refused = withheld(run)
    if refused is None:
        return notes
    return [
        *notes,
        "; ".join(filter(None, (f"{refused}: it may not have got to what it does elsewhere", way_out(run)))),
    ]


def _watchers(run: Run) -> str:
    looking = ", ".join(witness.name for witness in run.witnesses if witness.active) or "nobody"
    return f"Watched by {looking}; allowed: {', '.join(map(str, run.policy.rules)) or 'nothing'}"
