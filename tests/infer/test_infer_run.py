"""A run that lets mem0 extract memories: every prompt is counted, and every add that stored nothing is explained."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from program import Finished, run
from shared import finished_once

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import PromptRead, Run, Verdict


def reads(log: Run, purpose: str) -> list[PromptRead]:
    return [read for session in log.sessions for read in session.prompts if read.purpose == purpose]


def context(log: Run) -> Verdict:
    return next(verdict for verdict in log.claims if verdict.id == "context")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finished_once(tmp_path_factory, "inferring-run", lambda out: run(out, "--infer"))


def test_every_prompt_of_an_extraction_is_counted_and_whole(extracted: Finished) -> None:
    log = extracted.log
    assert log.scenario is not None
    assert len(reads(log, "add")) == len(log.scenario.first.memories) + len(log.scenario.second.memories)
    assert len(reads(log, "chat")) == 2
    assert {read.outcome for session in log.sessions for read in session.prompts} == {"whole"}
    assert context(log).status == "upheld"
    assert not any(session.empty_adds for session in log.sessions)


def test_the_preflight_counts_the_prompt_that_comes(extracted: Finished) -> None:
    """mem0's own prompts stay below what was counted before the first of them, and not by much."""
    (before,) = reads(extracted.log, "preflight")
    own = before.own_tokens
    assert own is not None
    largest = max(read.evaluated_tokens or 0 for read in reads(extracted.log, "add"))
    assert 0.98 * own < largest <= own
    assert extracted.log.sessions[0].prompts[0].purpose == "preflight"


def test_without_extraction_only_questions_are_prompts(log: Run) -> None:
    assert [read.purpose for session in log.sessions for read in session.prompts] == ["chat", "chat"]
    assert context(log).status == "upheld"


def test_a_question_is_counted_as_the_reply_says(log: Run) -> None:
    for session in log.sessions[1:]:
        assert session.reply is not None
        assert session.prompts[-1].evaluated_tokens == session.reply.prompt_tokens
        assert session.prompts[-1].own_tokens is None, "it was not in doubt, thus not sent again"


def test_an_add_that_stored_nothing_is_explained(extracted: Finished, tmp_path: Path) -> None:
    """What is known already stands in the prompt: the engine leaves it out, and mem0 stores and says nothing."""
    shutil.copytree(extracted.out, tmp_path / "out")
    again = run(tmp_path / "out", "--infer", "--keep-store", "--witness", "hook", "--no-drill")
    assert again.exit_code == 3, again.stdout + again.stderr
    scenario = again.log.scenario
    assert scenario is not None
    for session, user in ((again.log.sessions[0], scenario.first), (again.log.sessions[2], scenario.second)):
        assert session.planted == ()
        assert [(add.text, add.cause) for add in session.empty_adds] == [
            (text, "no memories") for text in user.memories
        ]
    assert context(again.log).status == "upheld"
    assert any("no memories" in limit for limit in context(again.log).limits)
