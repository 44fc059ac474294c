"""The benchmark measures what it says: planted connections are counted, watchers that look see them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_figure_is_there_and_the_recorders_miss_nothing() -> None:
    command = [sys.executable, "-m", "showcase", "bench", "audit", "--planted", "5", "--connects", "200"]
    done = subprocess.run(
        [*command, "--pairs", "0", "--seconds", "0.5", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert [rate["lifetime_ms"] for rate in figures["catch_rates"]] == [0, 1, 5, 20, 100]
    for rate in figures["catch_rates"]:
        assert rate["planted"] == 5
        for recorder in {"hook", "syscalls"} & set(rate["caught"]):
            assert rate["caught"][recorder] == 5
    assert figures["catch_rates"][-1]["caught"]["psutil loop"] > 0
    assert {"nobody", "hook"} <= {cost["watched_by"] for cost in figures["connect_costs"]}
    assert {cost["connections_a_second"] for cost in figures["watch_costs"]} == {0, 100, 1000}
    assert {"sockets", "hook"} <= {cost["watched_by"] for cost in figures["watch_costs"]}
    assert all(cost["share"] >= 0 for cost in figures["watch_costs"])
    busy = [cost["share"] for cost in figures["watch_costs"] if cost["connections_a_second"] == 1000]
    assert max(busy) > 0, "to look costs something, where there is much to look at"
    assert all(0 < cost["median_us"] <= cost["p99_us"] for cost in figures["connect_costs"])
