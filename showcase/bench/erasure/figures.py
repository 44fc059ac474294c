"""What is shown of the samples: what stays where, what other programs find, and how long each part of ours takes."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from showcase.bench.erasure.scaling import PARTS, SHARE
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Plot, Point, Row, Section, Series, Table
from showcase.memory.store_files import DATABASE, HISTORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.erasure.left import Left, What
    from showcase.bench.erasure.scaling import Scale

_MEBIBYTE = 1024 * 1024
_LETTERS: dict[What, str] = {"text": "T", "vector": "V", "id": "I"}
_NOTHING = "-"
_COLUMNS = (
    Column(key="outcome", title="outcome"),
    Column(key="forgotten", title="to delete", unit="rows"),
    Column(key="seconds", title="time", unit="s", digits=2),
    Column(key="database", title=DATABASE),
    Column(key="index", title="the index"),
    Column(key="history", title=HISTORY),
    Column(key="elsewhere", title="other files"),
    Column(key="text", title="texts in one piece"),
    Column(key="vector", title="vectors in one piece"),
    Column(key="id", title="ids in one piece"),
    Column(key="store", title="all files", unit="MiB", digits=1),
    Column(key="certified", title="our certificate"),
)
_SEEN = ("database", "index", "history", "elsewhere", "text", "vector", "id")


def sections(left: Sequence[Left], grown: Sequence[Scale]) -> tuple[Section, ...]:
    """Return all figures of the samples that there are."""
    return (_stays(left), *([_scaling(grown)] if grown else []))


def _stays(left: Sequence[Left]) -> Section:
    tables = [
        Table(
            key=f"left-{rows}",
            title=f"A store of {rows:,} rows: what stays in its files",
            columns=_COLUMNS,
            rows=tuple(Row(arm=each.way, cells=_cells(each)) for each in left if each.rows == rows),
            notes=(
                "T is a text, V a vector, I an id; in brackets is what SQL still returns as a value of a row.",
                "In one piece: a text as UTF-8, a vector in single precision, an id.",
            ),
        )
        for rows in dict.fromkeys(each.rows for each in left)
    ]
    return Section(
        key="left",
        title="What stays after each way of deleting",
        text=(
            (
                "The stores are of two users, with texts, ids and vectors by a seed; each way works on a copy of its "
                "own, and one scanner looks through every byte afterwards."
            ),
            (
                "Where it does not find what is planted for it, or did not find what was there before, nothing it does "
                "not see proves anything: inconclusive, and no figure."
            ),
        ),
        tables=(*tables, *_by_tools(left)),
        plots=_times(left),
    )


def _cells(each: Left) -> dict[str, Cell]:
    cells = {
        "outcome": Cell(value=each.outcome, note=each.why),
        "forgotten": Cell(value=each.forgotten, of=each.rows),
        "seconds": Cell(value=each.seconds, of=1),
        "store": Cell(value=each.store_bytes / _MEBIBYTE),
        "certified": Cell(value=each.certified),
    }
    if each.outcome == "inconclusive":
        return cells | dict.fromkeys(_SEEN, UNOBSERVED)
    places: dict[str, dict[What, bool]] = {}
    for some in each.found:
        held = places.setdefault(_place(some.path), {})
        held[some.what] = held.get(some.what, False) or some.through[0] == "rows"
    whole = {what: Cell(value=count, of=each.forgotten) for what, count in each.whole.items()}
    return cells | {place: Cell(value=_said(places.get(place, {}))) for place in _SEEN[:4]} | {**whole}


def _place(path: str) -> str:
    name = PurePath(path).name
    if name.startswith(DATABASE):
        return "database"
    if name.startswith(HISTORY):
        return "history"
    return "index" if name.endswith((".bin", ".pickle")) else "elsewhere"


def _said(held: dict[What, bool]) -> str:
    told = [f"({letter})" if held[what] else letter for what, letter in _LETTERS.items() if what in held]
    return " ".join(told) or _NOTHING


def _by_tools(left: Sequence[Left]) -> list[Table]:
    looked = [each for each in left if each.by_tools is not None]
    names = dict.fromkeys(name for each in looked for name in each.by_tools or {})
    if not looked:
        return []
    rows = [
        Row(
            arm=each.way,
            group=f"{each.rows:,} rows",
            cells={
                name: Cell(value=found, of=each.forgotten)
                if isinstance(found, int)
                else Cell(value=None, of=0, note=found)
                for name, found in (each.by_tools or {}).items()
            },
        )
        for each in looked
    ]
    return [
        Table(
            key="by-tools",
            title="Texts of deleted memories that other programs find",
            columns=tuple(Column(key=name, title=name, unit="texts") for name in names),
            rows=tuple(rows),
            notes=("A program that finds none where nothing was deleted proves nothing elsewhere either.",),
        )
    ]


def _times(left: Sequence[Left]) -> tuple[Plot, ...]:
    """Return the times over the sizes, where there are two; what took no time has no place on such an axis."""
    series = [
        Series(arm=way, points=points)
        for way in dict.fromkeys(each.way for each in left)
        if (
            points := tuple(
                Point(x=each.rows, y=each.seconds)
                for each in sorted(left, key=lambda it: it.rows)
                if each.way == way and each.seconds > 0
            )
        )
    ]
    if len({each.rows for each in left}) < 2:  # noqa: PLR2004 - one point is no line
        return ()
    return (_plot("left-seconds", "Time of each way", series),) if series else ()


def _plot(key: str, title: str, series: Sequence[Series]) -> Plot:
    return Plot(
        key=key,
        title=title,
        x_title="rows of the store",
        y_title="seconds",
        x_scale="log",
        y_scale="log",
        series=tuple(series),
    )


def _afterwards(each: Scale) -> Cell:
    if not each.left and each.certified != "upheld":
        return Cell(value=None, of=0, note="nothing was found, but it is not certified")
    return Cell(value=each.left, note="it is no erasing that was measured" if each.left else "")


def _scaling(grown: Sequence[Scale]) -> Section:
    ordered = sorted(grown, key=lambda it: it.rows)
    columns = (
        Column(key="forgotten", title="deleted", unit="rows"),
        Column(key="patterns", title="byte patterns looked for"),
        Column(key="store", title="all files", unit="MiB", digits=1),
        *(Column(key=part, title=part, unit="s", digits=2) for part in PARTS),
        Column(key="left", title="residues found afterwards"),
        Column(key="certified", title="our certificate"),
    )
    rows, before = [], None
    for each in ordered:
        cells = {
            "forgotten": Cell(value=each.forgotten, of=each.rows),
            "patterns": Cell(value=each.patterns),
            "store": Cell(value=each.store_bytes / _MEBIBYTE),
            "left": _afterwards(each),
            "certified": Cell(value=each.certified),
        }
        for part in PARTS:
            then = before.seconds[part] if before is not None else 0.0
            told = f"{each.seconds[part] / then:.1f} times the line above" if then else ""
            cells[part] = Cell(value=each.seconds[part], of=1, note=told)
        rows.append(Row(arm="ours", group=f"{each.rows:,} rows", cells=cells))
        before = each
    series = [
        Series(arm=part, points=points)
        for part in PARTS
        if (points := tuple(Point(x=each.rows, y=each.seconds[part]) for each in ordered if each.seconds[part] > 0))
    ]
    return Section(
        key="scaling",
        title="How long each part of our erasing takes",
        text=(f"One row in {SHARE} goes. It looks twice, before and after; `scan` and `controls` are of one look.",),
        tables=(
            Table(
                key="scaling",
                title="Seconds of each part of our erasing",
                columns=columns,
                rows=tuple(rows),
            ),
        ),
        plots=(_plot("scaling-seconds", "Time of each part of our erasing", series),) if series else (),
    )
