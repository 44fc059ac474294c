"""A plot as positions, in per cent of the room it gets: a template draws it in any width without a script.

A result may be anybody's: whatever its numbers, what is drawn is bounded, and what is left out is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from showcase.bench.results.wording import CALCULATED
from showcase.report.axes import Tick, axis, finite, written
from showcase.report.text import clipped, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.bench.results.result import Plot, Point, Series
    from showcase.report.axes import Axis

COLOURS = 6
SHAPES = 8
_SERIES = 40
_LABELLED = 12
"""So many names have room beside the ends of their lines."""
_DRAWN = 600
_MARKED, _MARKERS = 60, 900
"""Markers of a line, and of all lines together."""
_ROWS = 400
_NAME, _LABEL = 60, 20
_DESCRIBED = 8
_APART = 6.0
"""Per cent of the height that a name needs."""
_ALL = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point that bears a marker.

    Attributes:
        x: Per cent from the left.
        y: Per cent from the top.
        top: Where its spread begins, from the top; None where it has none.
        bottom: Where it ends.
        said: The point in words.
    """

    x: float
    y: float
    top: float | None
    bottom: float | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A series as it is drawn.

    Attributes:
        name: Of its arm; what is calculated says so.
        label: The same, as short as there is room for.
        colour: From 1; of its arm, so that what is calculated has that of what was measured.
        shape: From 1; of its arm too.
        dotted: Whether its shape and colour were given before.
        calculated: Whether it is drawn with dashes and hollow markers.
        path: `x,y x,y …` in thousandths of the room, from the top left.
        marks: Points that bear a marker.
        end: The last of them.
        label_y: Where its name stands, per cent from the top.
    """

    name: str
    label: str
    colour: int
    shape: int
    dotted: bool
    calculated: bool
    path: str
    marks: tuple[Mark, ...]
    end: Mark
    label_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A point as a row of the plot's table."""

    name: str
    x: str
    y: str
    spread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A plot as a template draws it.

    Attributes:
        x_ticks: From the left.
        y_ticks: From the bottom.
        lines: Without one there is nothing to draw.
        labelled: Whether the names stand at the ends of the lines; a legend has them where not.
        spread: Whether any point has a spread.
        left_out: What is not drawn, a sentence each.
        described: The plot in words.
        figures: Its points.
        figures_left: How many more there are.
    """

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    labelled: bool
    spread: bool
    left_out: tuple[str, ...]
    described: str
    figures: tuple[Figure, ...]
    figures_left: int


def drawing(plot: Plot) -> Drawing:
    """Return where everything of a plot stands."""
    kept = [(each, _kept(each, plot)) for each in plot.series]
    shown = [(each, points) for each, points in kept if points][:_SERIES]
    every = [point for _, points in shown for point in points]
    across = axis([point.x for point in every], plot.x_scale)
    up = axis(list(_heights(every, plot)), plot.y_scale, from_zero=True)
    looks = {arm: index for index, arm in enumerate(dict.fromkeys(each.arm for each, _ in shown))}
    most = min(_MARKED, max(_MARKERS // max(len(shown), 1), 4))
    lines = [_line(each, points, looks[each.arm], (across, up), most) for each, points in shown]
    places = _spaced([line.label_y for line in lines]) if len(lines) <= _LABELLED else [line.label_y for line in lines]
    figures = [_figure(each, point) for each in plot.series for point in each.points[: _ROWS + 1]]
    points = sum(len(each.points) for each in plot.series)
    return Drawing(
        x_ticks=across.ticks(),
        y_ticks=up.ticks(),
        lines=tuple(replace(line, label_y=place) for line, place in zip(lines, places, strict=True)),
        labelled=len(lines) <= _LABELLED,
        spread=any(point.low is not None or point.high is not None for point in every),
        left_out=tuple(_left_out(kept, plot, most)),
        described=_described(plot, shown),
        figures=tuple(figures[:_ROWS]),
        figures_left=max(points - _ROWS, 0),
    )


def _kept(series: Series, plot: Plot) -> list[Point]:
    """Return the points that the scales can hold, by ascending x."""
    held = [
        point
        for point in series.points
        if finite(point.x)
        and finite(point.y)
        and (plot.x_scale == "linear" or point.x > 0)
        and (plot.y_scale == "linear" or point.y > 0)
    ]
    return sorted(held, key=lambda point: point.x)


def _heights(points: Sequence[Point], plot: Plot) -> Iterator[float]:
    """Yield how far up and down the points and their spreads reach."""
    for value in chain.from_iterable((point.y, point.low, point.high) for point in points):
        if value is not None and finite(value) and (plot.y_scale == "linear" or value > 0):
            yield float(value)


def _line(series: Series, points: Sequence[Point], look: int, axes: tuple[Axis, Axis], most: int) -> Line:
    name, (across, up) = _named(series, _NAME), axes
    drawn = [(across.at(point.x), _ALL - up.at(point.y)) for point in _thinned(points, _DRAWN)]
    marks = tuple(_mark(name, point, across, up) for point in _thinned(points, most))
    return Line(
        name=_named(series, _NAME),
        label=_named(series, _LABEL),
        colour=look % COLOURS + 1,
        shape=look % SHAPES + 1,
        dotted=look >= math.lcm(COLOURS, SHAPES),
        calculated=not series.measured,
        path=" ".join(f"{x * 10:.1f},{y * 10:.1f}" for x, y in drawn),
        marks=marks,
        end=marks[-1],
        label_y=marks[-1].y,
    )


def _mark(name: str, point: Point, across: Axis, up: Axis) -> Mark:
    ends = [end for end in (point.low, point.high) if end is not None and finite(end)]
    reach = [_ALL - up.at(end) for end in (*ends, point.y)] if ends else []
    spread = _spread(point)
    return Mark(
        x=across.at(point.x),
        y=_ALL - up.at(point.y),
        top=min(reach) if reach else None,
        bottom=max(reach) if reach else None,
        said=f"{name}, at {written(point.x)}: {written(point.y)}{f' ({spread})' if spread else ''}",
    )


def _thinned(points: Sequence[Point], most: int) -> list[Point]:
    """Return no more than some of the points: in each stretch the lowest and the highest, and the ends of the line."""
    if len(points) <= most:
        return list(points)
    stretch = math.ceil((len(points) - 2) / ((most - 2) // 2))
    kept = [points[0]]
    for start in range(1, len(points) - 1, stretch):
        part = range(start, min(start + stretch, len(points) - 1))
        lowest = min(part, key=lambda index: points[index].y)
        highest = max(part, key=lambda index: points[index].y)
        kept += [points[index] for index in sorted({lowest, highest})]
    return [*kept, points[-1]]


def _spaced(places: list[float]) -> list[float]:
    """Return places as near to these as they can be without a name on another; their order stays."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    found = list(places)
    lowest = 0.0
    for index in order:
        found[index] = lowest = max(found[index], lowest)
        lowest += _APART
    highest = _ALL
    for index in reversed(order):
        found[index] = highest = min(found[index], highest)
        highest -= _APART
    return found


def _named(series: Series, most: int) -> str:
    name = clipped(series.arm, most)
    return name if series.measured else f"{name}, {CALCULATED}"


def _figure(series: Series, point: Point) -> Figure:
    return Figure(
        name=_named(series, _NAME),
        x=written(point.x),
        y=written(point.y),
        spread=_spread(point),
    )


def _spread(point: Point) -> str:
    low = "" if point.low is None else written(point.low)
    high = "" if point.high is None else written(point.high)
    return f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}" if high else ""


def _left_out(kept: Sequence[tuple[Series, list[Point]]], plot: Plot, most: int) -> Iterator[str]:
    lost = sum(len(each.points) - len(points) for each, points in kept)
    if lost:
        scales = (
            "a logarithmic scale holds numbers above zero alone"
            if "log" in (plot.x_scale, plot.y_scale)
            else "no number"
        )
        yield f"{counted(lost, 'point')} not drawn: {scales}."
    if empty := [clipped(each.arm, _NAME) for each, points in kept if not points]:
        more = f" and {len(empty) - _DESCRIBED:,} more" if len(empty) > _DESCRIBED else ""
        yield f"Without a point to draw: {', '.join(empty[:_DESCRIBED])}{more}."
    if (over := sum(1 for _, points in kept if points) - _SERIES) > 0:
        yield f"{counted(over, 'more series', 'more series')} not drawn."
    if any(len(points) > most for _, points in kept):
        yield "Not every point has a marker; of each stretch, the lowest and the highest have."


def _described(plot: Plot, shown: Sequence[tuple[Series, list[Point]]]) -> str:
    ways = [f"{title}{' (logarithmic)' if scale == 'log' else ''}" for title, scale in
            ((plot.y_title, plot.y_scale), (plot.x_title, plot.x_scale))]  # fmt: skip
    parts = [f"{ways[0]} over {ways[1]}."]
    for each, points in shown[:_DESCRIBED]:
        first, last = points[0], points[-1]
        kind = "" if each.measured else f", {CALCULATED}"
        ends = (first, last) if len(points) > 1 else (first,)
        reach = " to ".join(f"{written(point.y)} at {written(point.x)}" for point in ends)
        parts.append(f"{clipped(each.arm, _NAME)}{kind}: {reach}.")
    if len(shown) > _DESCRIBED:
        parts.append(f"{counted(len(shown) - _DESCRIBED, 'more line')}.")
    return " ".join(parts)
