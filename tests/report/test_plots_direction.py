"""What is more stands higher and further right, from zero, and no end of a spread or a name leaves the room."""

from __future__ import annotations

from test_plots import plot, series

from showcase.bench.results.result import Point, Row, Series, Table
from showcase.report.axes import axis, written
from showcase.report.bench_page import _grouped
from showcase.report.plots import drawing


def test_what_is_more_stands_higher_and_heights_begin_at_zero() -> None:
    drawn = drawing(plot(series((3, 80), (1, 50), (2, 60))))
    line = drawn.lines[0]
    at = [tuple(map(float, pair.split(","))) for pair in line.path.split()]
    assert [x for x, _ in at] == sorted(x for x, _ in at), "by ascending x, in whatever order they come"
    assert [y for _, y in at] == sorted((y for _, y in at), reverse=True)
    assert [mark.y for mark in line.marks] == sorted((mark.y for mark in line.marks), reverse=True)
    assert line.end.said.endswith("at 3: 80")
    assert drawn.y_ticks[0].label == "0"
    assert axis([50, 60], "linear", from_zero=True).low == 0
    assert axis([50, 60], "linear").low == 50


def test_a_spread_is_told_in_the_table_and_one_that_a_scale_cannot_hold_ends_at_its_edge() -> None:
    point = Point(x=1, y=5, low=0.0, high=10)
    drawn = drawing(plot(Series(arm="a", points=(point, Point(x=2, y=7))), y_scale="log"))
    assert drawn.spread
    assert [each.spread for each in drawn.figures] == ["0 to 10", ""]
    assert drawn.lines[0].marks[0].bottom == 100
    assert not drawing(plot(series((1, 1), (2, 2)))).spread


def test_a_line_of_thousands_of_points_keeps_its_dip() -> None:
    line = series(*((float(x), 1.0 if x == 4_321 else 1000.0 + x % 7) for x in range(9_000)))
    assert max(mark.y for mark in drawing(plot(line)).lines[0].marks) > 99


def test_names_at_the_bottom_stay_in_the_room_and_arms_have_their_looks_in_order() -> None:
    lines = [series((0, 100), (1, number / 1e6), arm=f"arm {number}") for number in range(12)]
    ends = [line.label_y for line in drawing(plot(*lines)).lines]
    assert max(ends) <= 100
    drawn = drawing(plot(series((1, 1), arm="a"), series((1, 2), arm="b"), series((1, 1), arm="a", measured=False)))
    assert [line.colour for line in drawn.lines] == [1, 2, 1]
    assert [written(value) for value in (12.5, 1.25, 0.125, 1250.0)] == ["12.50", "1.250", "0.125", "1,250"]


def test_rows_are_under_their_own_group_and_bounded() -> None:
    def table(*groups: str) -> Table:
        rows = tuple(Row(arm=str(number), group=group, cells={}) for number, group in enumerate(groups))
        return Table(key="t", title="t", columns=(), rows=rows)

    found = [(group, [row.arm for row in rows]) for group, rows in _grouped(table("a", "a", "b", "c"))]
    assert found == [("a", ["0", "1"]), ("b", ["2"]), ("c", ["3"])]
    assert sum(len(rows) for _, rows in _grouped(table(*["a"] * 1_500))) == 1_000
