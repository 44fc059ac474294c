"""Whether the table of connections can be whole, and who may have come in where the processes waited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.store_server import goes_there, server_of
from showcase.evidence.addresses import numeric

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from showcase.evidence import Attempt, Run

EVERY_CALL = frozenset({"hook", "syscalls", "seal"})
"""Witnesses that miss no connection of a worker; who looks in intervals may miss all that were short."""

_NATIVE_TOO = frozenset({"syscalls", "seal"})

OURS = ("engine", "orchestrator", "supervisor of ", "drill", "witness control")
"""How the roles begin whose business it is to wait for others."""


def incomplete(run: Run, carried_by: Collection[str]) -> str | None:
    """Return why the table cannot be all that happened, None where it can."""
    miscounted = next((row for row in run.connections if row.count < 1), None)
    if miscounted is not None:
        return f"a row of {miscounted.role} counts {miscounted.count} attempts"
    return None if run.command is not None else _silent(run, carried_by)


def _silent(run: Run, carried_by: Collection[str]) -> str | None:
    """Return which session used the model server without anybody having seen it, None where all were seen."""
    whole = EVERY_CALL & set(carried_by)
    seen = [row for row in run.connections if row.kind == "connect" and (not whole or whole & set(row.witnesses))]
    if not seen:
        return "the sessions used the model server, and no connection was seen"
    roles = {row.role.removeprefix("child of ") for row in seen}
    for item in run.sessions if whole else ():
        if (item.planted or item.recalled or item.reply) and f"session {item.number}" not in roles:
            return f"session {item.number} used the model server, and none of its connections was seen"
    return _silent_to_store(run, seen) if whole & _NATIVE_TOO else None


def _silent_to_store(run: Run, seen: list[Attempt]) -> str | None:
    """Return which session used the server of the store without having been seen to connect there, None where all were.

    A client may be native code, as that of PostgreSQL is, into which a witness within Python does not see.
    """
    store = server_of(run)
    if store is None:
        return None
    roles = {row.role.removeprefix("child of ") for row in seen if goes_there(row, store)}
    for item in run.sessions:
        if (item.planted or item.recalled or item.listed) and f"session {item.number}" not in roles:
            return f"session {item.number} used the store at {store.where}, and was not seen to connect there"
    return None


def served(run: Run) -> tuple[Attempt, ...]:
    """Return the listeners on loopback at which any program of this machine could have come in.

    Behind a seal there is nobody else. The engine, the orchestrator and the supervisors wait for those they serve.
    """
    return tuple(
        row
        for row in run.connections
        if row.kind == "listen"
        and not _named(row, OURS)
        and (address := numeric(row.address)) is not None
        and address.is_loopback
    )


def strangers_served(run: Run) -> Iterator[Attempt]:
    """Yield the listeners at which somebody came in although nobody of the run was seen to connect to them."""
    came = {(row.pid, row.port) for row in run.connections if row.kind == "accept"}
    went = {row.port for row in run.connections if row.kind == "connect"}
    for row in served(run):
        if (row.pid, row.port) in came and row.port not in went:
            yield row


def _named(row: Attempt, beginnings: tuple[str, ...]) -> bool:
    return row.role.removeprefix("child of ").startswith(beginnings)
