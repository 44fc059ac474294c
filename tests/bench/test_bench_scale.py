"""What grows is seen to grow, what is calculated is called so, and rows of others would be counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showcase.bench.scale import figures, growth
from showcase.bench.scale.growth import Seen
from showcase.bench.scale.measurement import Scale
from showcase.bench.scale.rows import Rows, nearest, row_id
from showcase.bench.scale.sample import Scaled
from showcase.bench.scale.worker import NEAREST, judge
from showcase.errors import ShowcaseError, UsageError

ONE = Scaled(
    arm="shared",
    rows=1000,
    users=10,
    own=100,
    bulk_s=1.0,
    bulked=980,
    single_ms=(5.0, 7.0, 6.0),
    first_ms=50.0,
    opening_ms=3.0,
    query_ms=(1.0, 2.0, 3.0),
    recall=(1.0, 0.5),
    returned=20,
    foreign=0,
    disk_bytes=2**20,
    memory_bytes=300 * 2**20,
    imported_bytes=200 * 2**20,
)


def grown(*sizes: int, slope: float) -> list[Scaled]:
    return [replace(ONE, rows=rows, query_ms=((rows / 1000) ** slope,)) for rows in sizes]


def test_rows_of_others_and_rows_that_are_not_the_nearest_count_against_an_arm() -> None:
    rows = Rows(60, 2)
    vectors = rows.vectors(0)
    asked = rows.question(0, 3, vectors)
    right = [row_id(0, number) for number in nearest(vectors, asked, NEAREST)]
    assert judge(0, vectors, asked, right) == (1.0, 0)
    assert judge(0, vectors, asked, [*right[:5], *(row_id(1, number) for number in range(5))]) == (0.5, 5)
    assert judge(0, vectors, asked, []) == (0.0, 0)
    assert judge(1, rows.vectors(1), asked, [row_id(10, 1)])[1] == 1


def test_the_same_rows_come_from_the_same_seed_and_lie_in_clusters() -> None:
    vectors = Rows(800, 2).vectors(1)
    assert (vectors == Rows(800, 2).vectors(1)).all()
    assert (vectors != Rows(800, 2).vectors(0)).any()
    cosines = sorted((vectors @ vectors[0]).tolist(), reverse=True)
    assert cosines[0] == pytest.approx(1, abs=1e-5)
    assert cosines[3] > 0.35
    assert abs(cosines[200]) < 0.2


@pytest.mark.parametrize("slope", [0.0, 1.0, -0.5])
def test_a_planted_power_is_found_whatever_height_each_number_of_users_has(slope: float) -> None:
    seen = [
        Seen(rows=rows, users=users, value=height * rows**slope)
        for users, height in ((10, 1.0), (100, 50.0))
        for rows in (1_000, 10_000, 100_000)
    ]
    found = growth.fit(seen)
    assert found is not None
    assert (found.slope, found.low, found.high, found.last) == pytest.approx((slope,) * 4, abs=1e-6)
    assert found.points == 6


def test_a_slope_and_its_interval_are_what_another_program_makes_of_them() -> None:
    """By numpy and scipy.stats.t, each number of users centred by itself."""
    values = {
        10: (1270.905, 7149.701, 28810.497),
        100: (13902.676, 61481.586, 308065.257),
    }
    sizes = (1_000, 10_000, 100_000)
    found = growth.fit(
        [
            Seen(rows=rows, users=users, value=value)
            for users in values
            for rows, value in zip(sizes, values[users], strict=True)
        ]
    )
    assert found is not None
    assert (found.slope, found.low, found.high, found.r2) == pytest.approx(
        (0.675245, 0.617034, 0.733457, 0.997803), abs=2e-5
    )
    value, low, high = growth.calculated(found, Seen(rows=100_000, users=10, value=1.0), 1_000_000)
    assert (value, low, high) == pytest.approx((10**0.675245, 10**0.617034, 10**0.733457), rel=1e-4)


def test_the_slow_queries_and_what_the_libraries_hold_are_told_apart() -> None:
    cells = figures.sections([replace(ONE, query_ms=tuple(map(float, range(1, 101))))])[0].tables[0].rows[0].cells
    assert (cells["query"].value, cells["p95"].value) == (50.5, 95.0)
    assert (cells["memory"].value, cells["held"].value) == (300.0, 100.0)


def test_what_bends_has_a_wide_interval_and_is_seen_in_the_last_sizes() -> None:
    found = growth.fit([Seen(rows=rows, users=10, value=5 + rows / 1000) for rows in (1_000, 10_000, 100_000)])
    assert found is not None
    assert found.low is not None
    assert found.r2 is not None
    assert found.low < found.slope < found.last
    assert found.r2 < 0.99
    assert growth.fit([Seen(rows=1000, users=10, value=1), Seen(rows=2000, users=20, value=1)]) is None


def test_past_what_was_measured_is_called_calculated_and_comes_from_three_sizes_alone() -> None:
    costs, _, past = figures.sections(grown(1_000, 10_000, 100_000, slope=1.0))
    cell = past.tables[0].rows[0].cells["query-1000000"]
    assert cell.value == pytest.approx(1000)
    assert "Calculated, not measured" in past.tables[0].title
    assert not cell.note, "the table says it once"
    plot = next(each for each in costs.plots if each.key == "query-10")
    assert {each.measured: max(point.x for point in each.points) for each in plot.series} == {
        True: 100_000,
        False: 10_000_000,
    }
    costs, _, past = figures.sections(grown(1_000, 10_000, slope=1.0))
    assert past.tables[0].rows[0].cells["query-1000000"].value is None
    assert all(each.measured for plot in costs.plots for each in plot.series)


def test_nothing_measured_is_no_figure_and_a_row_of_others_is_told() -> None:
    for section in figures.sections([]):
        assert all(cell.value is None for table in section.tables for row in table.rows for cell in row.cells.values())
    costs = figures.sections([replace(ONE, foreign=3)])[0]
    assert costs.tables[0].rows[0].cells["foreign"].value == 3
    assert "3 were another user's" in " ".join(costs.text)


def test_every_arm_is_filled_asked_and_thrown_away() -> None:
    measured = Scale(rows=(60,), users=(2,), queries=10)
    samples = {step: measured.take(step, doing=lambda _: None) for step in measured.steps()}
    assert [each.arm for each in samples.values()] == list(measured.arms)
    for each in samples.values():
        assert (each.foreign, each.returned, set(each.recall)) == (0, 12 * NEAREST, {1.0})
        assert (each.bulked, len(each.single_ms), len(each.query_ms)) == (40, 20, 10)
        assert each.disk_bytes > 60 * 384 * 4 - 1
        assert each.memory_bytes >= each.imported_bytes > 0
    assert len(measured.sections(samples)[0].tables[0].rows) == 4
    assert all(row.cells["opening"].of == 1 for row in measured.sections(samples)[0].tables[0].rows)


def test_where_one_user_asks_there_is_no_other_users_first_query() -> None:
    alone = Scale(rows=(20,), users=(1,), queries=2).take("exact/20/1", doing=lambda _: None)
    assert alone.opening_ms is None
    cell = figures.sections([alone])[0].tables[0].rows[0].cells["opening"]
    assert (cell.value, cell.of) == (None, 0)


def test_an_arm_that_cannot_be_filled_gives_no_figure() -> None:
    with pytest.raises(ShowcaseError, match="no arm nothing"):
        Scale(rows=(20,), users=(1,)).take("nothing/20/1", doing=lambda _: None)


@pytest.mark.parametrize(("rows", "users"), [((1000,), (101,)), ((1000, 1000), (10,)), ((0,), (0,))])
def test_stores_that_cannot_be_are_refused(rows: tuple[int, ...], users: tuple[int, ...]) -> None:
    with pytest.raises(UsageError):
        Scale(rows=rows, users=users)
