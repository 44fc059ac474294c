"""Whether two users were asked the same, and whether there was anything to keep from the second."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.claims.reading import control, session
from showcase.labs.workspace import NothingToSeeError, judged
from showcase.scenes import scenario as scenarios

LEAST = 3
"""Memories of the first user."""

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Run, Scenario
    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Workspace


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what the log of the run and the store that it left say."""
    log = workspace.log("run")
    scenario = log.run.scenario
    if scenario is None:
        raise NothingToSeeError(f"{log.path} names no scenario")
    yield _own(scenario)
    third = session(log.run, 3)
    if third is None or third.recalled is None:
        raise NothingToSeeError("session 3 never asked")
    foreign = [row for row in third.recalled if row.user_id != third.user_id]
    yield judged(
        "isolated",
        f"{third.user_id} recalled {len(third.recalled)}, {len(foreign)} of another's, and isolation is "
        f"{log.status('isolation')}",
        holds=bool(third.recalled) and not foreign and log.status("isolation") == "upheld",
    )
    yield _control(workspace, log.run)
    theirs = {text.strip() for text in scenario.first.memories}
    rows = workspace.rows("run")
    planted = {row.memory_id for row in third.planted}
    if not planted & {row.id for row in rows}:
        raise NothingToSeeError("the store is not the one of this run: what session 3 planted is not in it")
    found = [row for row in rows if row.user == scenario.second.id and (row.text or "").strip() in theirs]
    yield judged(
        "misfiled",
        f"{len(found)} of the rows with {scenario.second.id}'s id are a sentence of {scenario.first.id}'s",
        holds=bool(found),
    )


def _own(scenario: Scenario) -> Check:
    """Tell whether words and question are the participant's, and the question is one."""
    example = scenarios.read()
    given = {*example.first.memories, *example.second.memories}
    copied = [text for text in (*scenario.first.memories, *scenario.second.memories) if text in given]
    same = scenario.first.question == scenario.second.question
    new = scenario.first.question != example.first.question
    return judged(
        "own",
        f"{scenario.first.id} has {len(scenario.first.memories)} memories, {len(copied)} are the example's; the "
        f"question is {'the same' if same else 'not the same'} for both, {'and' if new else 'but not'} your own",
        holds=len(scenario.first.memories) >= LEAST and not copied and same and new,
    )


def _control(workspace: Workspace, run: Run) -> Check:
    reader = control(run, "unfiltered-read")
    if reader is None or reader.listed is None:
        raise NothingToSeeError("no reader without a filter read the store")
    said, users = workspace.finding("unfiltered"), {row.user_id for row in reader.listed}
    return judged(
        "control",
        f"you said {said}; the reader's rows bear the ids of {len(users)} users",
        holds=re.findall(r"\d+", said) == [str(len(reader.listed))] and len(users) > 1,
    )
