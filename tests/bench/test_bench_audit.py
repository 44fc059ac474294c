"""Planted connections are counted, watchers that look see them, and one that misses or is slow is shown to be."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from showcase.bench.audit import figures
from showcase.bench.audit.measurement import Audit
from showcase.bench.audit.plan import Plan
from showcase.bench.audit.sample import Caught, Connects, Spent, Taken

if TYPE_CHECKING:
    from showcase.bench.results.result import Cell, Section

ROOT = Path(__file__).resolve().parents[2]
RATES = ("rate_0", "rate_100", "rate_1000")
PLAN = Plan(planted=4, connects=100, rounds=2, starts=2, seconds=2.0, pairs=2)


def test_every_figure_is_there_and_the_recorders_miss_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "showcase", "bench", "audit", "--planted", "5", "--connects", "200"]
    done = subprocess.run(
        [*command, "--rounds", "1", "--pairs", "0", "--seconds", "0.5", "--out", str(tmp_path / "out"), "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["taken"] == result["planned"] > 5
    assert result["settings"]["planted"] == 5
    rows = {
        table["key"]: {row["arm"]: row["cells"] for row in table["rows"]}
        for section in result["sections"]
        for table in section["tables"]
    }
    caught = rows["caught"]
    assert {"sockets", "hook", "psutil loop"} <= set(caught)
    for recorder in {"hook", "syscalls"} & set(caught):
        for lifetime in ("ms_0", "ms_1", "ms_5", "ms_20", "ms_100"):
            cell = caught[recorder][lifetime]
            assert (cell["value"], cell["of"]) == (1, 5), (recorder, lifetime)
    assert caught["psutil loop"]["ms_100"]["value"] > 0
    assert {"nobody", "hook"} <= set(rows["connect"])
    assert all(0 < cells["median"]["value"] <= cells["p99"]["value"] for cells in rows["connect"].values())
    assert rows["start"]["bare"]["ms"]["value"] > 0
    assert {"sockets", "hook"} <= set(rows["watch"])
    assert all(cells[rate]["value"] >= 0 for cells in rows["watch"].values() for rate in RATES)
    busy = [cells["rate_1000"]["value"] for cells in rows["watch"].values()]
    assert max(busy) > 0, "to look costs something, where there is much to look at"
    assert "--pairs" in " ".join(result["sections"][-1]["text"])


def spent(seconds: float, cpu_s: float = 1.0) -> Taken:
    return Taken(spent=Spent(seconds=seconds, cpu_s=cpu_s))


def cells(sections: tuple[Section, ...], table: str, arm: str) -> dict[str, Cell]:
    tables = {each.key: each for section in sections for each in section.tables}
    return next(row.cells for row in tables[table].rows if row.arm == arm)


def test_a_watcher_that_misses_has_less_than_all_of_it() -> None:
    samples = {"caught/1": Taken(caught=Caught(planted=4, by={"sockets": 1, "hook": 4}))}
    shown = figures.sections(PLAN, samples)
    missed = cells(shown, "caught", "sockets")["ms_1"]
    assert (missed.value, missed.of) == (0.25, 4)
    assert missed.low is not None
    assert missed.low < 0.25
    assert cells(shown, "caught", "hook")["ms_1"].value == 1
    assert cells(shown, "caught", "psutil loop")["ms_1"].value == 0, "it looked, and saw none"
    assert cells(shown, "caught", "hook")["ms_5"].value is None, "nobody looked"
    (plot,) = shown[0].plots
    assert {each.arm: [(point.x, point.y) for point in each.points] for each in plot.series}["sockets"] == [(1, 0.25)]


def test_what_is_slower_than_bare_shows_its_ratio_pair_by_pair() -> None:
    samples = {
        "connect/nobody/0": Taken(connects=Connects(made=100, median_us=10.0, p99_us=20.0)),
        "connect/hook/0": Taken(connects=Connects(made=100, median_us=30.0, p99_us=90.0)),
        "connect/hook/1": Taken(connects=Connects(made=100, median_us=70.0, p99_us=90.0)),
        "start/bare/0": spent(0.01),
        "start/sealed/0": spent(0.08),
        "flow/bare/0": spent(2.0),
        "flow/showcase/0": spent(3.0),
        "flow/bare/1": spent(4.0),
        "flow/showcase/1": spent(8.0),
        "run/watched/0": spent(6.0, cpu_s=3.0),
        "run/unwatched/0": spent(5.0, cpu_s=2.0),
        "run/watched/1": spent(600.0),
    }
    shown = figures.sections(PLAN, samples)
    flow = cells(shown, "flow", "showcase")
    assert (flow["ratio"].value, flow["ratio"].low, flow["ratio"].high, flow["ratio"].of) == (1.75, 1.5, 2.0, 2)
    run = cells(shown, "run", "watched")
    assert (run["ratio"].value, run["ratio"].of, run["cpu_ratio"].value) == (1.2, 1, 1.5), "of whole pairs alone"
    assert run["seconds"].of == 2
    assert cells(shown, "connect", "hook")["ratio"].value == 3
    assert cells(shown, "connect", "hook")["median"].value == 50
    assert cells(shown, "start", "sealed")["ratio"].value == pytest.approx(8)
    assert cells(shown, "start", "watched")["ratio"].value is None


def test_what_the_program_uses_by_itself_is_taken_off_and_needs_to_be_known() -> None:
    samples = {
        "watch/100/nobody": spent(2.0, cpu_s=0.25),
        "watch/100/hook": spent(2.5, cpu_s=0.75),
        "watch/100/sockets": spent(2.5, cpu_s=0.2),
        "watch/0/hook": spent(2.5, cpu_s=0.75),
    }
    shown = figures.sections(PLAN, samples)
    assert cells(shown, "watch", "hook")["rate_100"].value == 0.25, "half a second of two"
    assert cells(shown, "watch", "sockets")["rate_100"].value == 0
    assert cells(shown, "watch", "hook")["rate_0"].value is None


def test_an_arm_that_is_not_there_is_said_to_be_skipped_and_none_is_made_up() -> None:
    why = "this container forbids seccomp user notification"
    missing = dict.fromkeys(("syscalls", "watched", "sealed", "all, not sealed", "all, sealed"), why)
    plan = replace(PLAN, missing={**missing, "lsof loop": "lsof is not installed"})
    shown = figures.sections(plan, {})
    tables = {table.key: table for section in shown for table in section.tables}
    for key in ("caught", "connect", "start", "watch"):
        assert any(why in note for note in tables[key].notes), key
        assert not {row.arm for row in tables[key].rows} & {*missing, "lsof loop"}
        assert all(cell.value is None for row in tables[key].rows for cell in row.cells.values())
    assert "lsof is not installed" in " ".join(tables["caught"].notes)
    assert not any("syscalls" in step or "seal" in step or step.startswith("start/watched") for step in plan.steps())
    assert "run/watched/0" in plan.steps()
    assert set(Audit(plan).arms) == {
        "nobody", "sockets", "hook", "psutil loop", "strace -f", "bare", "watched", "unwatched", "showcase"
    }  # fmt: skip


def test_arms_alternate_and_a_glance_has_no_whole_runs() -> None:
    steps = PLAN.steps()
    assert len(set(steps)) == len(steps)
    of_runs = [step for step in steps if step.startswith(("run/", "flow/"))]
    assert of_runs[:4] == ["run/watched/0", "run/unwatched/0", "run/watched/1", "run/unwatched/1"]
    assert of_runs[4:6] == ["flow/bare/0", "flow/showcase/0"]
    connects = [step for step in steps if step.startswith("connect/")]
    assert connects[4:6] == ["connect/nobody/1", "connect/hook/1"]
    glance = replace(PLAN, planted=500, connects=4000, seconds=60.0).quick()
    assert not [step for step in glance.steps() if step.startswith(("run/", "flow/"))]
    assert glance.seconds * len([step for step in glance.steps() if step.startswith("watch/")]) < 20


def test_what_is_not_asked_for_is_no_step_and_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_arguments: Any) -> None:
        raise AssertionError("no whole run was asked for")

    monkeypatch.setattr("showcase.orchestrator.run", run)
    without = replace(PLAN, pairs=0, seconds=0.0)
    Audit(without).warm_up()
    assert {step.split("/")[0] for step in without.steps()} == {"caught", "connect", "start"}
    shown = figures.sections(without, {})
    assert [section.text[0].split(":")[0] for section in shown if not section.tables] == ["Skipped", "Skipped"]
    with pytest.raises(AssertionError):
        Audit(PLAN).warm_up()
