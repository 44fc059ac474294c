"""The rows of what a user waits for, and of what a store needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.bench.results.intervals import median, share_of
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Row
from showcase.bench.stores.cells import Group, cell, there

if TYPE_CHECKING:
    from showcase.bench.stores.sample import Cost, Hidden, Needs, Probed

_MEBIBYTE = 1024 * 1024

COLUMNS_OF_COST = (
    Column(key="foreign", title="rows of others", unit="rows"),
    Column(key="bulk", title="stored in bulk, a row", unit="ms", digits=2),
    Column(key="add", title="an add", unit="ms", digits=1),
    Column(key="first", title="first search", unit="ms", digits=1),
    Column(key="whole", title="whole after", unit="s", digits=2),
    Column(key="search", title="a search", unit="ms", digits=1),
    Column(key="complete", title="complete", unit="share", digits=0),
    Column(key="nearest", title="nearest", unit="share", digits=0),
    Column(key="listed", title="listed"),
    Column(key="stray", title="rows of others that came back", unit="rows"),
    Column(key="hidden", title="hidden"),
)
COLUMNS_OF_NEEDS = (
    Column(key="packages", title="packages, each by itself (MiB)"),
    Column(key="installed", title="with all they require, beside mem0's own", unit="MiB", digits=0),
    Column(key="started", title="server answers", unit="s", digits=1),
    Column(key="opened", title="mem0 opens it", unit="s", digits=1),
    Column(key="processes", title="processes beside one's own"),
    Column(key="sockets", title="listens at"),
    Column(key="memory", title="memory of these", unit="MiB", digits=0),
    Column(key="guarded", title="a password guards it"),
)


def costs(group: Group, rows: int) -> Row | None:
    """Return the row of a store and a reader among so many rows of others; None where that was not played."""
    probed = group.costs.get(rows)
    if probed is None:
        return None
    if probed.cost is None:
        why = cell(probed, lambda it: it.cost, lambda _: UNOBSERVED)
        return Row(arm=group.engine, group=group.by, cells=there({"foreign": why}))
    seen = probed.cost
    cells = {
        "foreign": Cell(
            value=seen.foreign, note="" if seen.foreign == seen.planned else f"of {seen.planned:,}: the time was over"
        ),
        "bulk": Cell(value=seen.bulk_s * 1000 / seen.foreign, of=seen.foreign) if seen.foreign else UNOBSERVED,
        "add": replace(median(seen.add_ms), note=f"by one process, since a fresh one got: {seen.at_once}")
        if seen.at_once
        else median(seen.add_ms),
        "first": Cell(value=seen.first_ms, of=1),
        "whole": Cell(value=seen.whole_s, of=1)
        if seen.whole_s is not None
        else Cell(value=None, of=0, note="no search within ten seconds had all of the user's rows"),
        "search": median(seen.search_ms),
        "complete": _complete(seen),
        "nearest": share_of(seen.nearest),
        "listed": Cell(value=f"{seen.listed} of {seen.own}", of=seen.own),
        "stray": Cell(value=seen.stray),
    }
    if seen.hidden is not None:
        cells["hidden"] = _hidden(seen.hidden)
    return Row(arm=group.engine, group=group.by, cells=cells)


def _complete(seen: Cost) -> Cell:
    if not seen.complete:
        return UNOBSERVED
    mean = sum(seen.complete) / len(seen.complete)
    return Cell(value=mean, low=min(seen.complete), high=max(seen.complete), of=len(seen.complete))


def _hidden(seen: Hidden) -> Cell:
    if seen.alone:
        return Cell(value="one process at a time", of=seen.looks, note=seen.alone)
    if not seen.before or not seen.looks:
        return Cell(value=None, of=0, note="the reader was given nothing before")
    note = "; ".join(seen.errors)
    if not seen.short:
        return Cell(value="no", of=seen.looks, note=note)
    words = f"{seen.seconds:.2f} s, down to {seen.least} of {seen.before} rows"
    return Cell(value=words, of=seen.looks, note=note)


def needed(group: Group) -> Row | None:
    """Return the row of what a store needs; None where nobody looked."""
    probed = group.probes.get("needs")
    if probed is None:
        return None
    if probed.needs is None:
        why = cell(probed, _needs_of, lambda _: UNOBSERVED)
        return Row(arm=group.engine, cells=there({"packages": why}))
    seen = probed.needs
    guarded = {True: "no", False: "yes", None: "no server: whoever may read its files reads it"}[seen.unguarded]
    cells = {
        "packages": Cell(value=", ".join(f"{name} {size:.0f}" for name, size in seen.packages.items())),
        "installed": Cell(value=seen.installed_bytes / _MEBIBYTE),
        "opened": Cell(value=seen.opened_s, of=1),
        "processes": Cell(value=_counted(seen.processes)),
        "sockets": Cell(value=", ".join(seen.sockets) or "nothing"),
        "memory": Cell(value=seen.memory_bytes / _MEBIBYTE if seen.processes else 0),
        "guarded": Cell(value=guarded),
    }
    if seen.started_s is not None:
        cells["started"] = Cell(value=seen.started_s, of=1)
    return Row(arm=group.engine, cells=cells)


def _needs_of(probed: Probed) -> Needs | None:
    return probed.needs


def _counted(names: tuple[str, ...]) -> str:
    each = {name: names.count(name) for name in names}
    return ", ".join(name if count == 1 else f"{count} {name}" for name, count in each.items()) or "none"
