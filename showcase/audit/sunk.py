"""From a supervisor's records of the sink to facts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from showcase.evidence import Request, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from showcase.clock import RunClock


def requests(records: Iterable[Mapping[str, Any]], clock: RunClock) -> tuple[Request, ...]:
    """Return what was said to the sink; the same said again is counted."""
    found: dict[tuple[object, ...], Request] = {}
    parts = ("name", "address", "port", "protocol", "host", "method", "path")
    revealed = ("body", "trusted")
    for record in records:
        if record["event"] != "sunk":
            continue
        alpn = tuple(record["alpn"])
        headers = tuple((name, value) for name, value in record.get("headers", ()))
        said = {part: record[part] for part in parts} | {part: record.get(part) for part in revealed}
        key = (*said.values(), alpn, headers)
        before = found.get(key)
        found[key] = (
            Request(**said, alpn=alpn, headers=headers, first_seen_s=clock.at_s(record["t"]), count=1)
            if before is None
            else replace(before, count=before.count + 1)
        )
    return tuple(found.values())


def with_sink(rules: Iterable[Rule], asked: Iterable[Request]) -> tuple[Rule, ...]:
    """Return the rules with the addresses that their names led to in the sink."""
    given: dict[str, set[str]] = {}
    for request in asked:
        given.setdefault(request.name, set()).add(request.address)
    return tuple(replace(rule, addresses=tuple(sorted({*rule.addresses, *given.get(rule.host, ())}))) for rule in rules)
