"""Every solution verifies, also done twice; an untouched lab does not, nor does any wrong answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from course_player import Player

from showcase.labs import catalogue, needs, notebook
from showcase.labs.starting import lay_out
from showcase.labs.verifying import are_met

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.labs.lab import Answer, Lab
    from showcase.labs.notebook import Check

COURSE = catalogue.labs()


def told(checks: tuple[Check, ...]) -> str:
    return "; ".join(f"{check.id} {check.status}: {check.seen}" for check in checks if check.status != "met")


def variants(lab: Lab) -> list[bool]:
    """Return whether the recorded run is used: each way that this machine has."""
    ways = [] if needs.missing(lab) is not None else [False]
    return ways + ([True] if lab.recorded_solution is not None else [])


def solution(lab: Lab, *, recorded: bool) -> Answer:
    found = lab.recorded_solution if recorded else lab.solution
    assert found is not None
    return replace(found, recorded=recorded)


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: f"{lab.number:02}")
def test_a_lab_is_verified_by_its_solution_and_by_nothing_else(lab: Lab, tmp_path: Path) -> None:
    player, faults = Player(lab, tmp_path), []
    for recorded in variants(lab):
        right = solution(lab, recorded=recorded)
        untouched = replace(right, acts=(), findings={})
        player.play(untouched)
        if are_met(player.look(untouched)):
            faults.append(f"untouched, recorded={recorded}: it verifies")
        player.play(right)
        if not are_met(seen := player.look(right)):
            faults.append(f"the solution, recorded={recorded}: {told(seen)}")
        player.again(right)
        if not are_met(seen := player.look(right)):
            faults.append(f"the solution done twice, recorded={recorded}: {told(seen)}")
    for name, wrong in lab.wrong.items():
        if wrong.recorded not in variants(lab):
            continue
        player.play(wrong)
        status = {check.id: check.status for check in player.look(wrong)}
        passing = [check for check in wrong.fails if status[check] == "met"]
        if passing or not wrong.fails:
            faults.append(f"wrong/{name}: {', '.join(passing)} met")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: f"{lab.number:02}")
def test_every_check_is_failed_by_a_wrong_answer(lab: Lab) -> None:
    failed = {check for wrong in lab.wrong.values() for check in wrong.fails}
    assert failed == set(lab.frame.checks), "a check that no wrong answer fails could be left out"


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: f"{lab.number:02}")
def test_a_lab_that_was_reset_is_as_new(lab: Lab, tmp_path: Path) -> None:
    def state(place: Path) -> dict[str, bytes | None]:
        return {
            path.relative_to(place).as_posix(): path.read_bytes() if path.is_file() else None
            for path in sorted(place.rglob("*"))
        }

    recorded = variants(lab)[0]
    place = lay_out(lab, tmp_path, recorded=recorded)
    new = state(place)
    (place / "mine.txt").write_text("kept")
    aside = notebook.put_aside(tmp_path, lab.number)
    assert aside is not None
    assert (aside / "mine.txt").read_text() == "kept"
    assert state(lay_out(lab, tmp_path, recorded=recorded)) == new


def test_the_course_is_numbered_from_one_without_a_gap() -> None:
    assert [lab.number for lab in COURSE] == list(range(1, len(COURSE) + 1))


def test_a_recorded_run_is_nobodys_own_and_counts_unchanged_alone(tmp_path: Path) -> None:
    lab = next(lab for lab in COURSE if lab.folder.name == "who_phones_home")
    player, right = Player(lab, tmp_path), solution(lab, recorded=True)
    player.play(right)
    place = player.place
    (place / "recorded" / "on.json").write_bytes((place / "recorded" / "on.json").read_bytes() + b"\n")
    first = player.look(right)[0]
    assert (first.status, first.seen) == ("unseen", "on.json is not as it was recorded: it was changed")
    for name in ("on.json", "off.json"):
        (place / name).write_bytes((lab.recorded / name).read_bytes())
    first = player.look(replace(right, recorded=False))[0]
    assert (first.status, first.seen) == ("unseen", "on.json is the run that was recorded, and not yours")
