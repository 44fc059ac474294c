"""The table of connections: what several witnesses saw of the same attempt is one row."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from showcase.evidence import Attempt


def merge(attempts: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """Return one row for each process, kind and destination, first seen first.

    A count is the highest of what any one witness counted: two that each saw three saw the same three.
    """
    groups: dict[tuple[Hashable, ...], list[Attempt]] = defaultdict(list)
    for row in attempts:
        groups[row.kind, row.pid, row.address, row.port, row.name].append(row)
    _join_lookups(groups)
    merged = [_one(rows) for rows in groups.values()]
    return tuple(sorted(merged, key=lambda row: (row.first_seen_s, row.kind, row.address or row.name or "")))


def _join_lookups(groups: dict[tuple[Hashable, ...], list[Attempt]]) -> None:
    """Put a lookup seen within a process beside the question that was seen to leave it for a name server."""
    asked: dict[tuple[Hashable, ...], list[Attempt]] = {}
    for (kind, pid, address, _, name), rows in groups.items():
        if kind == "lookup" and address is not None:
            asked.setdefault((pid, name), rows)
    for key in list(groups):
        kind, pid, address, _, name = key
        if kind == "lookup" and address is None and (pid, name) in asked:
            asked[pid, name] += groups.pop(key)


def _one(rows: list[Attempt]) -> Attempt:
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    for row in rows:
        counts[row.witnesses] += row.count
    # The witness inside a process knows least of the process's own name and most of the call.
    outside = next((row for row in rows if row.witnesses != ("hook",)), rows[0])
    packages = sorted({row.package for row in rows if row.package})
    return replace(
        outside,
        role=next((row.role for row in rows if not row.role.startswith("child of ")), outside.role),
        package="; ".join(packages) or None,
        transport=next((row.transport for row in rows if row.transport), None),
        outcome=next((row.outcome for row in reversed(rows) if row.outcome), None),
        first_seen_s=min(row.first_seen_s for row in rows),
        last_seen_s=max(row.last_seen_s for row in rows),
        count=max(counts.values()),
        witnesses=tuple(sorted({name for row in rows for name in row.witnesses})),
    )
