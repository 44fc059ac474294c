"""Network: every attempt that was seen, judged by the policy and placed on the time axis."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.destinations import names_of_the_sink, stands_for
from showcase.claims.reading import told_s
from showcase.claims.told import told
from showcase.evidence import Attempt, Endpoint, Run
from showcase.report.text import clipped, counted, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.claims.policy import Disposition
    from showcase.report.lanes import Axis

SHOWN_ROWS = 1_000

_INNER = " > "
"""What stands before a package that another one called."""

MEANINGS = {
    "finding": ("◆", "outside the allowlist"),
    "unwatched": ("?", "a Unix socket whose other end nobody watched"),
    "unseen": ("?", "a datagram socket of which not every datagram is seen"),
    "exposed": ("▲", "waits where other machines can come in"),
    "local": ("□", "stays on this machine, reached nobody"),
    "allowed": ("●", "on the allowlist"),
    "internal": ("○", "within the watched processes"),
}
"""Sign and wording of each kind of disposition; what deserves a look first."""

DESERVE_A_LOOK = ("finding", "unwatched", "unseen", "exposed")
"""The others are what the policy allows, or stayed on this machine: folded on the page."""

_QUIET = ("allowed", "internal", "local")
_DIRECTED = ("connect", "send", "lookup", "inherited", "accept")
"""Kinds of attempt that have another end; of the others a socket was made, or waited."""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt as the table shows it, its moments as `told_s` gives them.

    `package` is the outermost Python package on the stack, `chain` all of them where there are more.
    """

    attempt: Attempt
    disposition: str
    sign: str
    rule: str
    where: str
    first_s: float
    last_s: float
    package: str
    chain: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Attempts of one disposition that lie within the same step of the axis."""

    disposition: str
    x: float
    width: float
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Track:
    """The marks of one process."""

    role: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """The network section: `rows` deserve a look, `folded` do not, `left_off` are in the log alone."""

    rows: tuple[AttemptRow, ...]
    folded: tuple[AttemptRow, ...]
    left_off: int
    tracks: tuple[Track, ...]
    counts: tuple[tuple[str, str, str, int], ...]
    summary: str


def network(run: Run, scale: Axis) -> Network:
    """Return the section, findings before everything else in the table."""
    order, names = list(MEANINGS), names_of_the_sink(run)
    rows = [_row(attempt, how, run, stands_for(attempt, names)) for attempt, how in in_order(run)]
    counts = Counter(row.disposition for row in rows)
    open_rows = min(sum(counts[key] for key in DESERVE_A_LOOK), SHOWN_ROWS)
    return Network(
        rows=tuple(rows[:open_rows]),
        folded=tuple(rows[open_rows:SHOWN_ROWS]),
        left_off=max(0, len(rows) - SHOWN_ROWS),
        tracks=_tracks(rows, scale),
        counts=tuple((key, *MEANINGS[key], counts[key]) for key in order if counts[key] or key == "finding"),
        summary=_summary(run, counts),
    )


def in_order(run: Run) -> list[tuple[Attempt, Disposition]]:
    """Return what is told: what deserves a look, then what was directed somewhere, then what waited, each by time."""
    return sorted(told(run), key=_place_in_order)


def _place_in_order(pair: tuple[Attempt, Disposition]) -> tuple[int, int, float]:
    attempt, how = pair
    if how.kind in DESERVE_A_LOOK:
        return 0, DESERVE_A_LOOK.index(how.kind), attempt.first_seen_s
    return (1 if attempt.kind in _DIRECTED else 2), _QUIET.index(how.kind), attempt.first_seen_s


def _summary(run: Run, counts: Counter[str]) -> str:
    looking = [witness.name for witness in run.witnesses if witness.active]
    if not looking:
        return "No witness looked, so nothing can be said about connections."
    rows = [row for row, _ in told(run)]
    saw = {name for row in rows for name in row.witnesses}
    seen = kinds_and_times(rows)
    outside = counts["finding"] + counts["exposed"]
    return (
        f"{seen}, seen by {listed([name for name in looking if name in saw]) or 'nobody'}; "
        + ("none" if not outside else f"{outside:,}")
        + " outside the allowlist."
    )


def kinds_and_times(attempts: Sequence[Attempt]) -> str:
    """Return how many rows there are, each of which is one kind of attempt, and how often they were made."""
    kinds = counted(len(attempts), "kind of attempt", "kinds of attempt")
    return f"{kinds}, made {counted(sum(attempt.count for attempt in attempts), 'time')}"


def where(attempt: Attempt, whom: str | None = None) -> str:
    """Return where an attempt was directed, as far as it is known; `whom` is the name for which its address stands."""
    port = "" if attempt.port is None else f", port {attempt.port}"
    if not attempt.address:
        return (attempt.name or "destination not known") + port
    place = attempt.address if attempt.port is None else str(Endpoint(address=attempt.address, port=attempt.port))
    if whom:
        place += f", which stands for {whom}"
    return f"{attempt.name} ({place})" if attempt.name else place


def _row(attempt: Attempt, verdict: Disposition, run: Run, whom: str | None) -> AttemptRow:
    packages = (attempt.package or "").split(_INNER)
    return AttemptRow(
        attempt=attempt,
        disposition=verdict.kind,
        sign=MEANINGS[verdict.kind][0],
        rule=verdict.rule,
        where=where(attempt, whom),
        first_s=told_s(run, attempt.first_seen_s),
        last_s=told_s(run, attempt.last_seen_s),
        package=packages[0],
        chain=attempt.package if attempt.package and len(packages) > 1 else "",
    )


def _tracks(rows: list[AttemptRow], scale: Axis) -> tuple[Track, ...]:
    """Gather the marks by role. Steps of half a percent bound their number."""
    gathered: dict[str, dict[tuple[str, int], list[AttemptRow]]] = {}
    for row in rows:
        step = round(scale.percent(row.attempt.first_seen_s) * 2)
        gathered.setdefault(row.attempt.role, {}).setdefault((row.disposition, step), []).append(row)
    return tuple(
        Track(role=role, marks=tuple(_mark(verdict, group, scale) for (verdict, _), group in marks.items()))
        for role, marks in sorted(gathered.items(), key=lambda item: _role_order(item[0]))
    )


def _role_order(role: str) -> tuple[int, str]:
    starts = ("session", "control", "child", "engine", "orchestrator")
    return next((n for n, start in enumerate(starts) if role.startswith(start)), len(starts)), role


def _mark(verdict: str, group: list[AttemptRow], scale: Axis) -> Mark:
    first = scale.percent(min(row.attempt.first_seen_s for row in group))
    last = scale.percent(max(row.attempt.last_seen_s for row in group))
    total = sum(row.attempt.count for row in group)
    kinds = ", ".join(dict.fromkeys(row.attempt.kind for row in group))
    return Mark(
        disposition=verdict,
        x=first,
        width=round(max(last - first, 0.0), 3),
        count=total,
        label=_label(kinds, group),
    )


def _label(kinds: str, group: list[AttemptRow]) -> str:
    more = f" and {counted(len(group) - 1, 'more row')}" if len(group) > 1 else ""
    witnesses = list(dict.fromkeys(name for row in group for name in row.attempt.witnesses))
    return f"{kinds} {clipped(group[0].where, 120)}{more}, {group[0].rule}, seen by {clipped(listed(witnesses), 120)}"
