"""What a run says at its end, and what it says of its time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from showcase.cli import pace
from showcase.cli.plain import contrast, summary
from showcase.orchestrator.outcome import Outcome
from showcase.settings import Settings

if TYPE_CHECKING:
    from program import Finished

    from showcase.evidence import Run


def with_control(run: Run, **changes: Any) -> Run:
    controls = (replace(item, **changes) if item.scene == "empty-store" else item for item in run.controls)
    return replace(run, controls=tuple(controls))


def test_the_digest_stands_on_a_line_of_its_own(finished: Finished) -> None:
    lines = [line for line in finished.stdout.splitlines() if len(line) == 64]
    assert len(lines) == 1
    assert all(character in "0123456789abcdef" for character in lines[0])


def test_the_reply_without_memory_stands_beside_the_one_with_it(finished: Finished) -> None:
    log = finished.log
    control = next(item for item in log.controls if item.scene == "empty-store")
    second = log.sessions[1]
    assert second.reply is not None
    assert control.reply is not None
    lines = finished.stdout.splitlines()
    last = [line for line in lines if line.startswith(("✓", "with memory", "without memory", "Report:"))][-3:]
    assert last[0] == f"with memory:     “{second.reply.text}”"
    assert last[1] == f"without memory:  “{control.reply.text}”"
    assert "peanuts" in last[0]
    assert "peanuts" not in last[1]


def test_it_is_asked_when_no_session_needs_the_server(log: Run) -> None:
    control = next(item for item in log.controls if item.scene == "empty-store")
    asked = next(phase.at_s for phase in control.phases if phase.name == "asked")
    assert all(item.ended_s is not None and item.ended_s <= asked for item in log.sessions)


def test_there_is_no_contrast_without_both_sides(log: Run) -> None:
    """Logs of older versions have no such reply; where nothing was recalled there was no memory."""
    assert contrast(log)
    assert contrast(with_control(log, reply=None, messages=())) == []
    first, second, third = log.sessions
    assert contrast(replace(log, sessions=(first, replace(second, recalled=()), third))) == []
    assert contrast(replace(log, sessions=(first, replace(second, reply=None), third))) == []
    assert contrast(replace(log, controls=())) == []
    assert contrast(with_control(log, question="another")) == []


def test_a_reply_that_broke_off_is_shown_as_one(log: Run) -> None:
    control = next(item for item in log.controls if item.scene == "empty-store")
    assert control.reply is not None
    cut = with_control(log, reply=replace(control.reply, text="I \x1b[31mdo", done_reason=None, reply_tokens=None))
    assert contrast(cut)[-1] == r"without memory:  “I \x1b[31mdo” (it broke off)"
    none = with_control(log, reply=replace(control.reply, text="", done_reason=None, reply_tokens=None))
    assert contrast(none)[-1] == "without memory:  no reply"


def test_the_contrast_comes_before_the_paths(log: Run) -> None:
    outcome = Outcome(
        run=log, run_log=Path("run-log.json"), sha256="0" * 64, report=Path("page.html"), earlier=(), trouble=None
    )
    lines = summary(outcome, shown="out", settings=Settings(out=Path("out")))
    assert lines.index("0" * 64) > lines.index(contrast(log)[-1])


def test_time_is_told_where_it_was_measured(finished: Finished, tmp_path: Path) -> None:
    assert pace.of_last_run(tmp_path) is None
    took_s = pace.of_last_run(finished.out)
    assert took_s is not None
    assert 0 < took_s <= finished.log.duration_s


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_time_that_somebody_waited_does_not_count(finished: Finished, tmp_path: Path, number: int) -> None:
    """As with `--step`: the session holds for a hundred seconds, and all after it is later."""
    document = json.loads((finished.out / "run-log.json").read_text())
    took_s = pace.of_last_run(finished.out)
    assert took_s is not None
    later = 100.0
    document["duration_s"] += later
    for item in (*document["sessions"][number + 1 :], *document["controls"]):
        item["started_s"] += later
        for phase in item["phases"]:
            phase["at_s"] += later
    document["sessions"][number]["phases"][-1]["at_s"] += later
    assert document["sessions"][number]["phases"][-1]["name"] == "exit"
    (tmp_path / "run-log.json").write_text(json.dumps(document))
    assert pace.of_last_run(tmp_path) == pytest.approx(took_s)


@pytest.mark.parametrize(
    "damage", ["{", "[]", "{}", '{"sessions": 3}', '{"sessions": [1, 2, 3], "phases": []}', "null"]
)
def test_a_damaged_log_tells_no_time(tmp_path: Path, damage: str) -> None:
    (tmp_path / "run-log.json").write_text(damage)
    assert pace.of_last_run(tmp_path) is None


@pytest.mark.parametrize("change", [{"interrupted": "SIGINT"}, {"phases": [{"session": 1}]}, {"sessions": []}])
def test_a_run_that_was_not_whole_tells_no_time(finished: Finished, tmp_path: Path, change: dict[str, Any]) -> None:
    document = json.loads((finished.out / "run-log.json").read_text()) | change
    (tmp_path / "run-log.json").write_text(json.dumps(document))
    assert pace.of_last_run(tmp_path) is None
