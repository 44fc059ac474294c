"""Which allowed servers on this machine a command contacted, and whether who served them was watched meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.claims.policy import STREAMS, dispositions
from showcase.claims.witnessing import strength
from showcase.evidence import NEVER_CONNECTED, NOTHING_SENT, Attempt, Endpoint, Policy
from showcase.evidence.addresses import destination, numeric, serves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import Daemon, DaemonSocket, Run

_CONTACTS = frozenset({"connect", "send", "inherited"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """All that a command did towards one allowed endpoint of loopback.

    Attributes:
        endpoint: Where.
        rows: The attempts, each with its number in the table of connections.
        inside: Whether all of it led to a listener of the command itself, as far as the table tells.
    """

    endpoint: Endpoint
    rows: tuple[tuple[int, Attempt], ...]
    inside: bool

    @property
    def first_s(self) -> float:
        """When it began."""
        return min(row.first_seen_s for _, row in self.rows)


def contacts(run: Run) -> tuple[Contact, ...]:
    """Return where the command of an audit may have told a server of this machine something.

    What only asked the routing table, carried lookups (which are judged by name), was refused, or stayed in a seal told
    nobody anything.
    """
    if run.command is None:
        return ()
    # A listener of the command that a rule allows too is still its own.
    otherwise = dispositions(replace(run, policy=Policy(allowed=())))
    walled = run.command.sealing != "none" and "seal" in strength(run).carried_by
    bridged = [Endpoint(address="127.0.0.1", port=port) for port in run.command.bridges]
    found: dict[Endpoint, list[tuple[int, Attempt, bool]]] = {}
    for number, (row, how, alone) in enumerate(zip(run.connections, dispositions(run), otherwise, strict=True)):
        endpoint = _endpoint(row)
        if how.kind != "allowed" or endpoint is None or alone.kind == "local" or not _reached_somebody(row):
            continue
        if (walled and endpoint not in bridged) or (alone.kind == "internal" and row.outcome == NOTHING_SENT):
            continue
        found.setdefault(endpoint, []).append((number, row, alone.kind == "internal"))
    return tuple(
        Contact(
            endpoint=endpoint,
            rows=tuple((number, row) for number, row, _ in rows),
            inside=all(own for _, _, own in rows),
        )
        for endpoint, rows in found.items()
    )


def unwatched(run: Run) -> tuple[Contact, ...]:
    """Return the contacts with somebody whom nobody watched."""
    watched = [each.endpoint for each in run.daemons]
    return tuple(
        each for each in contacts(run) if not each.inside and not any(_same(each.endpoint, it) for it in watched)
    )


def unlike(daemon: Daemon, run: Run) -> str | None:
    """Return why it may have been another than those watched who served the command, None where it was they.

    The very listener must have been seen by a look before a contact and by one after it, and no other beside it.
    """
    listeners = [
        each
        for each in daemon.sockets
        if each.kind == "listen" and each.port == daemon.endpoint.port and serves(each.address, daemon.endpoint.address)
    ]
    used = _used(daemon, run)
    if run.command is not None and not used:
        return "the log does not say that the command contacted this server"
    for row in used:
        if row.transport is not None and row.transport not in STREAMS:
            return f"{daemon.endpoint} was sent datagrams: who takes those is not watched"
        gap = _unlike(row, daemon, listeners)
        if gap is not None:
            return gap
    return None if listeners else _nobody(daemon)


def _used(daemon: Daemon, run: Run) -> list[Attempt]:
    """Return the attempts at a server: those of the command, or those of a run while it was looked at."""
    if run.command is not None:
        return [row for each in contacts(run) if _same(each.endpoint, daemon.endpoint) for _, row in each.rows]
    rows = [row for row in run.connections if row.kind == "connect" and row.transport in (None, *STREAMS)]
    rows = [row for row in rows if daemon.from_s <= row.first_seen_s <= daemon.until_s]
    return [row for row in rows if (place := _endpoint(row)) is not None and _same(place, daemon.endpoint)]


def _nobody(daemon: Daemon) -> str:
    return f"nobody who was watched was seen to listen at {daemon.endpoint}"


def _unlike(row: Attempt, daemon: Daemon, listeners: Sequence[DaemonSocket]) -> str | None:
    began_s = min((each.first_seen_s for each in listeners), default=None)
    if began_s is None:
        return _nobody(daemon)
    if not began_s <= row.first_seen_s:
        return (
            f"the server at {daemon.endpoint} was first seen after {began_s:.2f} s, and it was contacted after "
            f"{row.first_seen_s:.2f} s: start it before that"
        )
    near = [each for each in listeners if _meets(each, row, daemon.longest_gap_s)]
    whole = [each for each in near if each.first_seen_s <= row.first_seen_s and row.last_seen_s <= each.last_seen_s]
    if not whole or len(whole) < len(near):
        return f"who listened at {daemon.endpoint} changed while it was used"
    return None


def _meets(listener: DaemonSocket, row: Attempt, gap_s: float) -> bool:
    """Return whether a listener may have been there during an attempt: it was up to a look before it was seen."""
    return listener.first_seen_s - gap_s <= row.last_seen_s and row.first_seen_s <= listener.last_seen_s + gap_s


def _endpoint(row: Attempt) -> Endpoint | None:
    address = destination(row.address or "")
    if row.kind not in _CONTACTS or address is None or not address.is_loopback or row.port is None:
        return None
    return Endpoint(address=str(address), port=row.port)


def _reached_somebody(row: Attempt) -> bool:
    """Return whether an attempt may have been answered: the kernel did not say that all of it were not."""
    streams = row.kind == "connect" and row.transport in STREAMS
    return not (streams and "syscalls" in row.witnesses and row.outcome in NEVER_CONNECTED)


def _same(one: Endpoint, other: Endpoint) -> bool:
    return one.port == other.port and numeric(one.address) == numeric(other.address)
