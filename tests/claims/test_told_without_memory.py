"""The control on an empty store is asked too: a server that knows what was planted makes recall no evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from editing import verdict, with_control

from showcase.evidence import Message, Reply, Token
from showcase.report import redact

if TYPE_CHECKING:
    from showcase.evidence import Run


def answered(run: Run, text: str, streamed: str | None = None) -> Run:
    (empty,) = (item for item in run.controls if item.scene == "empty-store")
    assert empty.reply is not None
    token = Token(text=text if streamed is None else streamed, at_s=empty.reply.tokens[0].at_s)
    return with_control(run, "empty-store", reply=replace(empty.reply, text=text, tokens=(token,)))


def status(run: Run) -> str:
    found = verdict(run, "persistence").status
    assert verdict(redact(run), "persistence").status == found, "redaction changes no verdict"
    return found


def test_a_server_that_remembers_by_itself_leaves_it_open(log: Run) -> None:
    planted = [row.text for row in log.sessions[0].planted]
    assert status(log) == "upheld"
    for text in (planted[1], planted[1].upper(), f"You told me: {planted[0]} {planted[1]}"):
        assert status(answered(log, text)) == "inconclusive", text
        assert status(answered(log, "Nothing.", streamed=text)) == "inconclusive", text
    reason = verdict(answered(log, planted[1]), "persistence").reason
    assert reason.startswith("the control, which recalled nothing, was told in the reply: ")
    assert reason.endswith("the model server may remember by itself")


def test_a_run_of_its_words_leaves_it_open_as_well(log: Run) -> None:
    words = log.sessions[0].planted[1].text.split()
    part = answered(log, f"How about {' '.join(words[3:8])}?")
    assert status(part) == "inconclusive"
    assert "was told words in a row of what was planted in the reply: " in verdict(part, "persistence").reason


def test_what_the_other_user_says_too_is_no_excuse_here(log: Run) -> None:
    assert log.scenario is not None
    planted = log.sessions[0].planted[1].text
    both = replace(log.scenario.second, memories=(planted, *log.scenario.second.memories))
    assert status(replace(answered(log, planted), scenario=replace(log.scenario, second=both))) == "inconclusive"


def test_the_question_and_an_answer_of_its_own_are_nothing_told(log: Run) -> None:
    assert log.scenario is not None
    for text in (log.scenario.first.question, "Nothing is known about the user.", "I would go and ask a friend."):
        assert status(answered(log, text)) == "upheld", text


def test_without_a_reply_it_stays_as_it_is(log: Run) -> None:
    assert status(with_control(log, "empty-store", reply=None)) == "upheld"
    assert status(with_control(log, "empty-store", reply=None, messages=())) == "upheld"


def test_what_is_broken_stays_broken(log: Run) -> None:
    planted = log.sessions[0].planted
    rows = log.sessions[1].recalled
    assert status(with_control(answered(log, planted[1].text), "empty-store", recalled=rows)) == "broken"


@pytest.mark.parametrize(
    "messages",
    [
        lambda own, fact: (replace(own[0], content=f"{own[0].content}\n- {fact}"), own[1]),
        lambda own, _: (replace(own[0], content="Speak like one who knows.\nYou know it all."), own[1]),
        lambda own, _: (own[0], replace(own[1], content="What did I tell you?")),
        lambda own, fact: (*own, Message(role="assistant", content=fact)),
        lambda own, _: own[1:],
        lambda *_: (),
    ],
    ids=["a fact", "another prompt", "another question", "a third message", "no prompt", "asked nothing"],
)
def test_a_control_that_was_asked_otherwise_is_none(log: Run, messages: object) -> None:
    assert callable(messages)
    (empty,) = (item for item in log.controls if item.scene == "empty-store")
    assert isinstance(empty.reply, Reply)
    fact = log.sessions[0].planted[0].text
    changed = with_control(log, "empty-store", messages=messages(empty.messages, fact))
    assert status(changed) == "inconclusive"
    assert status(with_control(redact(log), "empty-store")) == "upheld"
