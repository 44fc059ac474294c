"""The rows of the matrix, of odd ids, and of what deleting leaves."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from showcase.bench.results.result import Cell, Column, Row
from showcase.bench.stores.cells import Group, cell, there
from showcase.bench.stores.people import EVERYBODY, ODD_IDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.bench.stores.sample import Apart, Cost, Left, LeftIn, Needs, OddId, OpenReader, Probed, What, Writers

_BEFORE = (
    Column(key="recall", title="recalled by a second process"),
    Column(key="apart", title="bob sees none of alice's"),
    Column(key="star", title="`*` reads"),
    Column(key="odd", title="other odd ids that read others"),
    Column(key="seen", title="an open reader sees an add"),
    Column(key="gone", title="and a delete"),
    Column(key="writers", title="four writers lose"),
    Column(key="left", title="delete_all leaves on disk"),
)
_BEHIND = (Column(key="start", title="starts in", unit="s", digits=1),)
COLUMNS_OF_LEFT = (
    Column(key="before", title="seen before"),
    Column(key="after", title="seen afterwards"),
    Column(key="kept", title="seen of the rows that stay"),
)
_LETTERS: dict[What, str] = {"text": "T", "vector": "V", "id": "I"}
_NOTHING = "nothing"
_BESIDE = ("mem0's history", "a dump (pg_dump)")
"""What is no file of the store itself."""
_SOON_S = 0.05
"""Less than what a look of the reader and its next one take: at once."""


def columns(sizes: Sequence[int]) -> tuple[Column, ...]:
    """Return the columns of the matrix, one for each number of rows of others."""
    costs = (Column(key=f"cost-{rows}", title=f"ms an add, a search; complete: {rows:,} others") for rows in sizes)
    return (*_BEFORE, *costs, *_BEHIND)


def matrix(group: Group) -> Row:
    """Return the row of a store and a reader in the matrix."""
    probes = group.probes
    cells = {
        "recall": cell(probes.get("apart"), lambda it: it.apart, _recall),
        "apart": cell(probes.get("apart"), lambda it: it.apart, _apart),
        "star": cell(probes.get("odd"), lambda it: it.odd, _star),
        "odd": cell(probes.get("odd"), lambda it: it.odd, _odd_ones),
        "seen": cell(probes.get("open reader"), lambda it: it.open_reader, _added),
        "gone": cell(probes.get("open reader"), lambda it: it.open_reader, _deleted),
        "writers": cell(probes.get("writers"), lambda it: it.writers, _lost),
        "left": cell(probes.get("left"), lambda it: it.left, _leaves),
        **{f"cost-{rows}": cell(each, _cost_of, _in_short) for rows, each in group.costs.items()},
        "start": cell(probes.get("needs"), lambda it: it.needs, _starts),
    }
    return Row(arm=group.engine, group=group.by, cells=there(cells))


def _cost_of(probed: Probed) -> Cost | None:
    return probed.cost


def _recall(seen: Apart) -> Cell:
    word = "yes" if seen.recalled == seen.told > 0 else "no"
    return Cell(value=f"{word}: {seen.recalled} of {seen.told}", note=seen.error)


def _apart(seen: Apart) -> Cell:
    if not seen.returned:
        return Cell(value=None, of=0, note="bob was given nothing at all, his own rows neither")
    word = "no" if seen.foreign else "yes"
    return Cell(value=f"{word}: {seen.foreign:,} of {seen.returned:,} rows")


def _star(seen: Sequence[OddId]) -> Cell:
    found = next((each for each in seen if each.name == EVERYBODY), None)
    return Cell(value=None, of=0) if found is None else _said(found)


def _odd_ones(seen: Sequence[OddId]) -> Cell:
    others = [each for each in seen if each.name != EVERYBODY]
    wrong = [each.name for each in others if each.reads or each.read_by]
    return Cell(value=f"{len(wrong)} of {len(others)}" + (f": {'; '.join(wrong)}" if wrong else ""))


def _added(seen: OpenReader) -> Cell:
    return _moment(seen, seen.added_s, "a listing has it" if seen.listed else "nor has a listing")


def _deleted(seen: OpenReader) -> Cell:
    return _moment(seen, seen.deleted_s, "a listing has it too" if seen.still_listed else "a listing does not have it")


def _moment(seen: OpenReader, after: float | None, else_: str) -> Cell:
    if seen.alone:
        return Cell(value="one process at a time", note=seen.alone)
    raised = "; ".join(f"a search raised {error}" for error in seen.errors)
    if after is None:
        return Cell(value=f"no: not within {seen.limit_s:g} s", note="; ".join(filter(None, (else_, raised))))
    return Cell(value="yes: at once" if after < _SOON_S else f"yes: after {after:.2f} s", note=raised)


def _lost(seen: Writers) -> Cell:
    told = "; ".join(f"{count} times {error}" for error, count in seen.errors.items())
    if seen.opened < seen.writers:
        words = f"one process at a time: {seen.opened} of {seen.writers} could open it"
        return Cell(value=words, note=told)
    planned, lost = seen.writers * seen.each, seen.stored - seen.found
    words = f"{lost or 'nothing'} of {seen.stored}"
    if seen.at_first < seen.found:
        words += f"; a first listing had {seen.at_first}"
    if seen.stored < planned:
        words += f"; {planned - seen.stored} of {planned} adds failed"
    return Cell(value=words, note=told)


def _leaves(seen: Left) -> Cell:
    if seen.flaw:
        return Cell(value=None, of=0, note=seen.flaw)
    places = [f"{_letters(each)} in {each.where}" for each in seen.after if each.found]
    rows = f"; {seen.listed} rows are still listed" if seen.listed else ""
    note = "; ".join(
        f"whether a {what} is left was not observed: none is seen of the rows that stay either, but in mem0's history"
        for what in _LETTERS
        if not any(what in each.found for each in (*seen.kept, *seen.after) if each.where not in _BESIDE)
    )
    return Cell(value=("; ".join(places) or _NOTHING) + rows, note=note)


def _letters(each: LeftIn) -> str:
    return " ".join(letter for what, letter in _LETTERS.items() if what in each.found)


def _in_short(seen: Cost) -> Cell:
    if not seen.add_ms or not seen.search_ms:
        return Cell(value=None, of=0)
    add, search = statistics.median(seen.add_ms), statistics.median(seen.search_ms)
    complete = statistics.fmean(seen.complete) * 100
    note = "" if seen.foreign == seen.planned else f"the time was over at {seen.foreign:,} of {seen.planned:,} rows"
    told = [note, f"by one process, since a fresh one got: {seen.at_once}" if seen.at_once else ""]
    words = f"{add:.0f}, {search:.0f}; {complete:.0f} %"
    return Cell(value=words, note="; ".join(filter(None, told)))


def _starts(seen: Needs) -> Cell:
    return Cell(value=(seen.started_s or 0.0) + seen.opened_s)


def odd(groups: Sequence[Group]) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """Return the table of odd ids: a column a store and reader would be too wide, so an id is a row."""
    columns = tuple(Column(key=each.engine, title=each.engine) for each in groups if each.reader == "mem0")
    ours = [each for each in groups if each.reader == "ours"]
    rows = []
    for name in ODD_IDS:
        cells = {
            each.engine: cell(each.probes.get("odd"), lambda it: it.odd, _of(name))
            for each in groups
            if each.reader == "mem0"
        }
        rows.append(Row(arm=name, group="by mem0", cells=there(cells)))
    for name in ODD_IDS:
        cells = {each.engine: cell(each.probes.get("odd"), lambda it: it.odd, _of(name)) for each in ours}
        rows.append(Row(arm=name, group="by ours", cells=there(cells)))
    named = {column.key for column in columns}
    columns += tuple(Column(key=each.engine, title=each.engine) for each in ours if each.engine not in named)
    return columns, tuple(row for row in rows if row.cells)


def _of(name: str) -> Callable[[Sequence[OddId]], Cell]:
    def say(seen: Sequence[OddId]) -> Cell:
        found = next((each for each in seen if each.name == name), None)
        return Cell(value=None, of=0) if found is None else _said(found)

    return say


def _said(seen: OddId) -> Cell:
    told = []
    if seen.reads:
        told.append(f"reads {', '.join(seen.reads)}")
    if seen.read_by:
        told.append(f"read by {', '.join(seen.read_by)}")
    if seen.kept_as:
        told.append(f"kept as {seen.kept_as}")
    if seen.outcome != "stored":
        told.append(seen.outcome)
    elif not told:
        told.append("own" if not seen.why else seen.why)
    return Cell(value="; ".join(told))


def left(group: Group) -> list[Row]:
    """Return the rows of what a store leaves, one a kind of file."""
    probed = group.probes.get("left")
    if probed is None:
        return []
    if probed.left is None or probed.left.flaw:
        why = cell(probed, lambda it: it.left, lambda it: Cell(value=None, of=0, note=it.flaw))
        return [Row(arm="all files", group=group.engine, cells=there({"after": why}))]
    before = {each.where: each for each in probed.left.before}
    kept = {each.where: each for each in probed.left.kept}
    after = {each.where: each for each in probed.left.after}
    rows = []
    for where in dict.fromkeys((*before, *after, *kept)):
        held = [places.get(where) for places in (before, after, kept)]
        letters = [_letters(each) if each is not None else "" for each in held]
        if any(letters):
            cells = {
                key: Cell(value=said or _NOTHING)
                for key, said in zip(("before", "after", "kept"), letters, strict=True)
            }
            rows.append(Row(arm=where, group=group.engine, cells=cells))
    return rows
