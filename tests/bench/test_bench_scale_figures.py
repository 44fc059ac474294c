"""Figures of `bench scale`: a slow arm, a large one and one that finds less are seen to be, each by its own column."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from test_bench_scale import ONE

from showcase.bench.scale import figures, growth, measurement
from showcase.bench.scale.growth import Seen
from showcase.bench.scale.measurement import Scale
from showcase.bench.scale.rows import Rows, nearest, row_id
from showcase.bench.scale.worker import ASKING, NEAREST, judge
from showcase.errors import ShowcaseError

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.bench.results.result import Cell
    from showcase.bench.scale.sample import Scaled

MIB = 2**20


def grown(arm: str, slope: float, *, users: int = 10, height: float = 1.0) -> list[Scaled]:
    """Return stores whose costs all grow alike: at 1,000 rows they are `height` in the unit of their column."""
    return [
        replace(
            ONE, arm=arm, rows=rows, users=users, query_ms=(each,), single_ms=(each,), bulk_s=each * 0.98,
            disk_bytes=round(each * MIB), memory_bytes=ONE.imported_bytes + round(each * MIB),
        )
        for rows in (1_000, 10_000, 100_000)
        for each in (height * (rows / 1000) ** slope,)
    ]  # fmt: skip


def cells(samples: list[Scaled], section: int, arm: str, group: str) -> dict[str, Cell]:
    table = figures.sections(samples)[section].tables[0]
    return next(row.cells for row in table.rows if (row.arm, row.group) == (arm, group))


def test_each_cost_is_continued_in_its_own_unit_from_its_own_arm_and_number_of_users() -> None:
    samples = [
        *grown("shared", 1.0),
        *grown("shared", 1.0, users=100, height=50.0),
        *grown("per-user", 0.0, height=7.0),
    ]
    for users, height in ((10, 1.0), (100, 50.0)):
        found = cells(samples, 2, "shared", f"{users} users")
        for key in ("query", "bulk", "single", "disk", "held"):
            assert found[f"{key}-1000000"].value == pytest.approx(1000 * height, rel=1e-3), key
    assert cells(samples, 1, "shared", "disk")["slope"].value == pytest.approx(1, abs=1e-3)
    assert cells(samples, 1, "per-user", "disk")["slope"].value == pytest.approx(0, abs=1e-3)
    assert cells(samples, 2, "per-user", "10 users")["query-10000000"].value == pytest.approx(7)


def test_a_store_that_was_made_is_not_calculated() -> None:
    samples = [*grown("shared", 1.0), replace(ONE, rows=2_000_000, query_ms=(2000.0,))]
    found = cells(samples, 2, "shared", "10 users")
    assert found["query-1000000"].value is None
    assert found["query-10000000"].value is not None


def test_a_table_holds_the_stores_of_its_size_and_each_figure_by_itself() -> None:
    samples = [ONE, replace(ONE, rows=2000, users=20, recall=(1.0, 1.0))]
    costs = figures.sections(samples)[0]
    assert [len(table.rows) for table in costs.tables] == [1, 1]
    found = costs.tables[0].rows[0].cells
    assert found["bulk"].value == pytest.approx(1000 / 980)
    assert found["single"].value == 6.0
    assert (found["recall"].value, found["recall"].low, found["recall"].high) == (0.75, 0.5, 1.0)
    assert found["opening"].of == ASKING - 1
    assert not costs.plots, "one size is no line"


def test_who_returns_less_than_was_asked_for_found_less() -> None:
    rows = Rows(60, 2)
    vectors = rows.vectors(0)
    asked = rows.question(0, 3, vectors)
    right = [row_id(0, number) for number in nearest(vectors, asked, NEAREST)]
    assert judge(0, vectors, asked, right[:5]) == (0.5, 0)


def test_two_sizes_have_a_slope_without_an_interval_and_what_is_nothing_has_no_logarithm() -> None:
    seen = [Seen(rows=rows, users=10, value=float(rows)) for rows in (1000, 2000)]
    found = growth.fit([*seen, Seen(rows=4000, users=10, value=0.0)])
    assert found is not None
    assert (found.slope, found.points) == (pytest.approx(1), 2)
    assert (found.low, found.high, found.r2) == (None, None, None)


def test_what_grows_faster_at_the_end_may_go_on_so() -> None:
    found = growth.fit([Seen(rows=rows, users=10, value=90 + rows / 1000) for rows in (1_000, 3_000, 10_000, 100_000)])
    assert found is not None
    assert found.high is not None
    steep = replace(found, high=found.last - 0.2)
    _, low, high = growth.calculated(steep, Seen(rows=100_000, users=10, value=1.0), 1_000_000)
    assert high == pytest.approx(10**found.last)
    assert low == pytest.approx(10 ** (found.low or 0.0))


def test_arms_take_turns_at_each_store_and_what_was_taken_is_shown() -> None:
    measured = Scale(rows=(100, 1000), users=(1, 10))
    steps = measured.steps()
    arms = list(measured.arms)
    assert [step.split("/")[0] for step in steps] == arms * (len(steps) // len(arms))
    assert [step.partition("/")[2] for step in steps[:: len(arms)]] == ["100/1", "100/10", "1000/1", "1000/10"]
    shown = measured.sections({steps[0]: replace(ONE, arm=arms[0])})
    assert [row.arm for row in shown[0].tables[0].rows] == [arms[0]]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for Python")
@pytest.mark.parametrize("code", [0, 3])
def test_a_process_that_fell_over_after_its_result_gives_none(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\necho '{{\"result\": {{}}}}'\necho it fell over >&2\nexit {code}\n")
    script.chmod(0o700)
    monkeypatch.setattr(measurement, "sys", SimpleNamespace(executable=str(script)))
    order = {"arm": "shared", "rows": 10}
    if not code:
        assert measurement._played("fill", order, tmp_path, lambda _: None) == {}
        return
    with pytest.raises(ShowcaseError, match="it fell over"):
        measurement._played("fill", order, tmp_path, lambda _: None)
