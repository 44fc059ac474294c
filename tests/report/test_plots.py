"""A plot of anybody's numbers: it is drawn inside its room, it is bounded, and what is not drawn is said."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

from showcase.bench.results.result import Plot, Point, Series
from showcase.report.axes import axis
from showcase.report.plots import Drawing, drawing


def series(*points: tuple[float, float], arm: str = "naive", measured: bool = True) -> Series:
    return Series(arm=arm, measured=measured, points=tuple(Point(x=x, y=y) for x, y in points))


def plot(*lines: Series, **scales: Any) -> Plot:
    return Plot(key="p", title="t", x_title="x", y_title="y", series=lines, **scales)


def places(drawn: Drawing) -> list[float]:
    found = [tick.at for tick in (*drawn.x_ticks, *drawn.y_ticks)]
    for line in drawn.lines:
        found += [line.label_y, *(number / 10 for pair in line.path.split() for number in map(float, pair.split(",")))]
        for mark in line.marks:
            found += [mark.x, mark.y, *(end for end in (mark.top, mark.bottom) if end is not None)]
    return found


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 904, ["0", "200", "400", "600", "800", "1,000"]),
        (0.0, 0.9, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (-3, 7, ["\u22124", "\u22122", "0", "2", "4", "6", "8"]),
    ],
)
def test_a_linear_axis_has_round_numbers(low: float, high: float, labels: list[str]) -> None:
    assert [tick.label for tick in axis([low, high], "linear", from_zero=True).ticks()] == labels


def test_a_logarithmic_axis_has_equal_ways_for_equal_ratios() -> None:
    found = axis([1_000, 10_000_000], "log")
    assert [tick.label for tick in found.ticks()] == ["1,000", "10,000", "100,000", "1e6", "1e7"]
    assert [round(tick.at, 6) for tick in found.ticks()] == [0, 25, 50, 75, 100]
    assert [tick.label for tick in axis([1.3, 21], "log").ticks()] == ["1", "2", "5", "10", "20", "50"]


HARD = [0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-300, 1e300, 1.7e308, -1.7e308, 0.1 + 0.2, 0.3, 1e15 + 1, 1e15]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_any_two_numbers_are_drawn_inside_the_room(scale: str) -> None:
    for first in HARD:
        for second in HARD:
            line = series((first, second), (second, first), (first, first))
            drawn = drawing(plot(line, x_scale=scale, y_scale=scale))
            found = places(drawn)
            assert all(math.isfinite(place) and 0 <= place <= 100 for place in found), (first, second)
            assert len(drawn.x_ticks) <= 12
            assert len(drawn.y_ticks) <= 12
            if scale == "linear":
                assert len(drawn.lines) == 1


def test_what_a_logarithmic_scale_cannot_hold_is_left_out_and_said() -> None:
    drawn = drawing(plot(series((1, 0), (2, -4), (3, 5)), series((0, 0), arm="gone"), y_scale="log"))
    assert [len(line.marks) for line in drawn.lines] == [1]
    assert "3 points not drawn: a logarithmic scale holds numbers above zero alone." in drawn.left_out
    assert "Without a point to draw: gone." in drawn.left_out
    assert len(drawn.figures) == 4
    assert drawing(plot(series((1, 0), (2, -4)))).left_out == ()


def test_nothing_to_draw_is_no_line() -> None:
    assert drawing(plot()).lines == ()
    assert drawing(plot(series())).left_out == ("Without a point to draw: naive.",)
    assert drawing(plot(series((math.nan, 1.0)))).left_out[0] == "1 point not drawn: no number."


def test_a_line_of_thousands_of_points_keeps_its_peak_and_is_bounded() -> None:
    line = Series(arm="a", points=tuple(Point(x=float(x), y=1e6 if x == 4_321 else float(x % 7)) for x in range(9_000)))
    drawn = drawing(plot(line))
    assert len(drawn.lines[0].path.split()) <= 600
    assert min(mark.y for mark in drawn.lines[0].marks) == pytest.approx(0, abs=1)
    assert len(drawn.lines[0].marks) <= 60
    assert len(drawn.figures) + drawn.figures_left == 9_000
    assert any("marker" in words for words in drawn.left_out)


def test_many_lines_are_bounded_told_apart_and_said() -> None:
    drawn = drawing(plot(*(series((0, 1), (1, 2), arm=f"arm {number}") for number in range(50))))
    looks = {(line.colour, line.shape, line.dotted) for line in drawn.lines}
    assert len(drawn.lines) == len(looks) == 40
    assert not drawn.labelled
    assert "10 more series not drawn." in drawn.left_out


def test_names_at_the_ends_do_not_overlap() -> None:
    drawn = drawing(plot(*(series((0, 1), (1, 2 + number / 1e6), arm=f"arm {number}") for number in range(12))))
    ends = sorted(line.label_y for line in drawn.lines)
    assert drawn.labelled
    assert min(after - before for before, after in pairwise(ends)) >= 6 - 1e-9
    assert ends[0] >= 0
    assert ends[-1] <= 100


def test_what_is_calculated_looks_like_its_arm_and_says_so() -> None:
    drawn = drawing(plot(series((1, 1)), series((1, 3), arm="b"), series((1, 1), (9, 9), measured=False)))
    measured, _, calculated = drawn.lines
    assert (calculated.colour, calculated.shape) == (measured.colour, measured.shape)
    assert calculated.calculated
    assert calculated.label == calculated.name == "naive, calculated"
    assert not measured.calculated
    assert "naive, calculated: 1 at 1 to 9 at 9." in drawn.described


def test_a_spread_is_drawn_from_its_lower_to_its_upper_end() -> None:
    line = Series(arm="a", points=(Point(x=1, y=5, low=2, high=10), Point(x=2, y=0)))
    mark = drawing(plot(line)).lines[0].marks[0]
    assert (mark.top, mark.y, mark.bottom) == (0, 50, 80)
    assert mark.said == "a, at 1: 5 (2 to 10)"
