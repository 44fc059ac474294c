"""Whom an attempt was for: a name, and the address that a sink gave it, are one destination."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.evidence.addresses import numeric

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from showcase.evidence import Attempt, Request, Run
    from showcase.evidence.addresses import Address

    Names = Mapping[Address, str]

_OF_THE_SINK = ipaddress.ip_network("198.18.0.0/15")
"""What `showcase.witnesses.sink.addresses` hands out (RFC 2544). Of no other address a log's word makes a name."""


def names_of_the_sink(run: Run) -> Names:
    """Return the names for which addresses stand that the sink of an audit handed out, as far as it was spoken to."""
    if run.command is None or run.command.sealing != "sink":
        return {}
    found = ((numeric(request.address), request.name) for request in run.requests)
    return {address: name for address, name in found if address is not None and address in _OF_THE_SINK}


def stands_for(attempt: Attempt, names: Names) -> str | None:
    """Return the name for which the address of an attempt stands; that of a name server stands for nobody."""
    address = None if attempt.kind == "lookup" else numeric(attempt.address)
    return None if address is None else names.get(address)


def destination(attempt: Attempt, names: Names) -> str:
    """Return whom an attempt was for, without the port: a lookup and what follows it are for the same."""
    if attempt.kind == "lookup" and attempt.name:
        return attempt.name.lower().rstrip(".")
    return stands_for(attempt, names) or attempt.name or attempt.address or attempt.family


def number_of_destinations(attempts: Iterable[Attempt], run: Run) -> int:
    """Return for how many different ones attempts of a run were."""
    names = names_of_the_sink(run)
    return len({destination(attempt, names) for attempt in attempts})


def alike(requests: Iterable[Request]) -> list[Request]:
    """Return the first of those requests that differ in nothing but their headers, with the count of all of them.

    Who tries again often numbers its tries in a header; a body may be what somebody said, and is never left out.
    """
    found: dict[tuple[object, ...], Request] = {}
    for request in requests:
        key = (request.name, request.port, str(request), request.trusted, request.body)
        before = found.get(key)
        found[key] = request if before is None else replace(before, count=before.count + request.count)
    return list(found.values())
