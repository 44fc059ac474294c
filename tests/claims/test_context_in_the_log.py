"""Claim `context`, violations and gaps planted into the log of a real run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import editing
import pytest

from showcase import claims
from showcase.evidence import EmptyAdd, PromptRead, Run, Verdict
from showcase.report import redact


def verdict(run: Run) -> Verdict:
    return editing.verdict(run, "context")


def with_prompts(run: Run, number: int, *prompts: PromptRead, **changes: Any) -> Run:
    sessions = (replace(item, prompts=prompts, **changes) if item.number == number else item for item in run.sessions)
    return replace(run, sessions=tuple(sessions))


def read(log: Run, **changes: Any) -> PromptRead:
    return replace(log.sessions[1].prompts[0], **changes)


CUT: dict[str, Any] = {"outcome": "cut", "refused": True, "evaluated_tokens": 4096, "context_length": 4096}


def test_one_cut_prompt_breaks_it_and_is_pointed_at(log: Run) -> None:
    found = verdict(with_prompts(log, 2, read(log), read(log, **CUT)))
    assert (found.status, found.evidence) == ("broken", ("/sessions/1/prompts/1",))
    assert "4096 were read" in found.reason


def test_it_stays_broken_where_the_session_then_failed(log: Run) -> None:
    failed = with_prompts(log, 2, read(log, **CUT), exit_code=1)
    assert verdict(failed).status == "broken"


def test_a_preflight_sends_nothing_to_be_read(log: Run) -> None:
    asked = with_prompts(log, 2, read(log, purpose="preflight", **CUT), read(log))
    assert verdict(asked).status == "upheld"
    alone = with_prompts(log, 2, read(log, purpose="preflight"))
    assert verdict(alone).status == "inconclusive"


@pytest.mark.parametrize("evaluated", [None, 89])
def test_what_is_unknown_is_never_upheld(log: Run, evaluated: int | None) -> None:
    unknown = with_prompts(log, 2, read(log, outcome="unknown", evaluated_tokens=evaluated, context_length=None))
    assert verdict(unknown).status == "inconclusive"


@pytest.mark.parametrize("number", [2, 3])
def test_a_question_that_was_not_counted(log: Run, number: int) -> None:
    found = verdict(with_prompts(log, number))
    assert found.status == "inconclusive"
    assert f"session {number}" in found.reason


def test_an_extraction_has_to_count_each_add(log: Run) -> None:
    assert log.scenario is not None
    inferring = replace(log, options=replace(log.options, infer=True))
    assert verdict(inferring).status == "inconclusive"
    add = read(log, purpose="add")
    first = with_prompts(inferring, 1, *(add for _ in log.scenario.first.memories))
    assert verdict(first).status == "inconclusive"
    both = with_prompts(first, 3, *(add for _ in log.scenario.second.memories), read(log))
    assert verdict(both).status == "upheld"
    assert verdict(with_prompts(both, 1, *first.sessions[0].prompts[1:])).status == "inconclusive"


def test_an_add_that_stored_nothing_for_another_reason_is_a_limit(log: Run) -> None:
    empty = with_prompts(log, 3, read(log), empty_adds=(EmptyAdd(text="x", cause="not JSON", detail="y"),))
    assert verdict(empty).status == "upheld"
    assert any("not JSON" in limit for limit in verdict(empty).limits)


@pytest.mark.parametrize("outcome", ["whole", "cut", "unknown"])
@pytest.mark.parametrize("purpose", ["chat", "add"])
@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"evaluated_tokens": 0}, "0 tokens, which is no count"),
        ({"evaluated_tokens": -1}, "-1 tokens, which is no count"),
        ({"evaluated_tokens": None}, "did not count a prompt"),
        ({"evaluated_tokens": 0, "own_tokens": 0}, "0 tokens, which is no count"),
        ({"own_tokens": 0}, "0 tokens, which is no count"),
        ({"own_tokens": -7}, "-7 tokens, which is no count"),
        ({"context_length": 0}, "its context could not be read"),
        ({"context_length": -1}, "its context could not be read"),
        ({"own_tokens": 20}, "of its 20 tokens"),
        ({"context_length": 40}, "in a context of 40"),
        ({"refused": True, "own_tokens": 20}, "refused uncut, and counted uncut"),
    ],
)
def test_a_number_that_is_no_count_decides_nothing(
    log: Run, counts: dict[str, Any], words: str, purpose: Any, outcome: Any
) -> None:
    found = verdict(with_prompts(log, 2, read(log), read(log, purpose=purpose, outcome=outcome, **counts)))
    assert found.status == "inconclusive"
    assert words in found.reason


def test_a_reply_that_counts_no_prompt(log: Run) -> None:
    reply = log.sessions[1].reply
    assert reply is not None
    for number in (0, -3):
        edited = with_prompts(log, 2, read(log), reply=replace(reply, prompt_tokens=number))
        assert verdict(edited).status == "inconclusive"


def test_counts_that_show_a_cut_under_another_name(log: Run) -> None:
    """A log whose counts say that a prompt was cut is not upheld because a field of it says otherwise."""
    hidden = with_prompts(log, 2, read(log, own_tokens=5000))
    assert verdict(hidden).status == "inconclusive"


def with_control(run: Run, **changes: Any) -> Run:
    controls = (replace(item, **changes) if item.scene == "empty-store" else item for item in run.controls)
    return replace(run, controls=tuple(controls))


def test_the_prompt_of_a_control_counts_too(log: Run) -> None:
    place = next(place for place, item in enumerate(log.controls) if item.scene == "empty-store")
    control = log.controls[place]
    assert control.messages
    assert verdict(log).status == "upheld"
    assert f"/controls/{place}/prompts" in verdict(log).evidence
    cut = verdict(with_control(log, prompts=(replace(control.prompts[0], **CUT),)))
    assert (cut.status, cut.evidence) == ("broken", (f"/controls/{place}/prompts/0",))
    assert "control empty-store" in cut.reason
    uncounted = verdict(with_control(log, prompts=()))
    assert uncounted.status == "inconclusive"
    assert "control empty-store did not say" in uncounted.reason


def unasked(run: Run) -> Run:
    """Return the log as one of a version in which the control asked nothing."""
    control = next(item for item in run.controls if item.scene == "empty-store")
    phases = tuple(phase for phase in control.phases if phase.name not in ("asked", "first-token", "replied"))
    return with_control(run, messages=(), reply=None, prompts=(), phases=phases)


def test_a_control_that_asked_nothing_takes_nothing_away(log: Run) -> None:
    assert {found.status for found in claims.judge(unasked(log))} == {"upheld"}


def test_a_control_that_was_told_of_a_memory_is_none(log: Run) -> None:
    assert log.scenario is not None
    control = next(item for item in log.controls if item.scene == "empty-store")
    system = control.messages[0]
    for memory in log.scenario.first.memories:
        told = replace(system, content=f"{system.content} {memory}")
        found = judged(with_control(log, messages=(told, *control.messages[1:])))["persistence"]
        assert found.status == "inconclusive"
        assert "is not this program's own for one without facts" in found.reason


def test_a_control_that_was_told_of_a_memory_is_none_where_the_texts_are_withheld_either(log: Run) -> None:
    assert log.scenario is not None
    control = next(item for item in log.controls if item.scene == "empty-store")
    assert judged(redact(log))["persistence"].status == "upheld"
    told = replace(control.messages[0], content=f"{control.messages[0].content} {log.scenario.first.memories[0]}")
    found = judged(redact(with_control(log, messages=(told, *control.messages[1:]))))["persistence"]
    assert found.status == "inconclusive"


def test_a_reply_without_memory_that_never_came_is_no_contradiction(log: Run) -> None:
    control = next(item for item in log.controls if item.scene == "empty-store")
    assert control.reply is not None
    figures = dict.fromkeys(
        ("done_reason", "prompt_tokens", "reply_tokens", "total_s", "load_s", "prompt_s", "reply_s"), None
    )
    phases = tuple(phase for phase in control.phases if phase.name != "replied")
    broken_off: dict[str, Any] = {"phases": phases, "prompts": ()}
    silent = judged(with_control(log, reply=replace(control.reply, **figures), **broken_off))
    assert (silent["persistence"].status, silent["isolation"].status) == ("upheld", "upheld")
    assert silent["context"].status == "inconclusive"
    whole = judged(with_control(log, **broken_off))
    assert "its reply did not" in whole["persistence"].reason, "a whole reply that never ended"


def judged(run: Run) -> dict[str, Verdict]:
    return {found.id: found for found in claims.judge(run)}
