"""What a reply uses of what was recalled, and what it adds: an observation that changes no verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from editing import with_session
from saying import reply

from showcase import claims
from showcase.claims.reply_use import of_session, reply_use
from showcase.cli.live import LiveProgress
from showcase.processes.protocol.events import Asked, Replied, Searched, Streamed
from showcase.report import redact, render

if TYPE_CHECKING:
    from program import Finished

    from showcase.evidence import Run

QUESTION = "any ideas for somewhere to eat tonight?"
MEMORIES = [
    "I do not eat spicy food and I am allergic to peanuts.",
    "My favourite restaurant is Trattoria Lina, a small Italian place by the river.",
    "I like to eat early, before seven, at a quiet table.",
    "I live in the old town and I would rather walk than drive to dinner.",
]


@pytest.mark.parametrize(
    ("reply", "used", "new"),
    [
        ("You told me: You do not eat spicy food and you are allergic to peanuts.", [0], ()),
        ("You are allergic to soup.", [], ("soup",)),
        ("Trattoria Lina, which is a quiet Italian restaurant near the river.", [1], ("near",)),
        ("TRATTORIA\u200b Lina: no PEANUT, no spices", [1], ("spices",)),
        ("Somewhere to eat? Any ideas!", [], ()),
        ("You told me nothing about that.", [], ()),
    ],
)
def test_what_a_reply_uses_and_adds(reply: str, used: list[int], new: tuple[str, ...]) -> None:
    found = reply_use(MEMORIES, reply, question=QUESTION)
    assert [MEMORIES.index(each.memory) for each in found.used] == used
    assert found.new_words == new
    assert found.sentence.startswith(f"uses {len(used)} of 4 recalled memories")


@pytest.mark.parametrize("reply", ["", " \n"])
def test_a_reply_that_says_nothing_is_called_empty(reply: str) -> None:
    found = reply_use(MEMORIES, reply, question=QUESTION)
    assert (found.used, found.new_words, found.empty) == ((), (), True)
    assert found.sentence.startswith("is empty")


def test_the_words_are_named_by_which_it_was_told() -> None:
    (one,) = reply_use(MEMORIES, "Lina is by the river.", question=QUESTION).used
    assert one.words == ("lina", "river")


def test_words_of_the_prompt_are_not_the_reply_s_own() -> None:
    prompt = ["You are a helpful assistant who speaks like a pirate."]
    assert reply_use([], "I am a helpful pirate.", question="who?", prompt=prompt).new_words == ()
    assert reply_use([], "I am a helpful pirate.", question="who?").new_words == ("helpful", "pirate")


@pytest.mark.parametrize(
    ("memory", "reply", "number"),
    [
        ("我对花生过敏", "你对花生过敏", 1),
        ("我对花生过敏", "你喜欢汤", 0),
        ("ผมแพ้ถั่วลิสง", "คุณแพ้ถั่วลิสง", 1),
        ("tea", "Tea it is.", 1),
    ],
)
def test_short_memories_and_scripts_without_spaces(memory: str, reply: str, number: int) -> None:
    assert len(reply_use([memory], reply, question="?").used) == number


def test_many_new_words_are_counted_and_some_shown() -> None:
    found = reply_use([], " ".join(f"word{chr(97 + n)}" for n in range(9)), question="?")
    assert "9 words" in found.sentence
    assert found.sentence.endswith("wordf and 3 more")


def test_of_a_real_run_the_reply_quotes(log: Run) -> None:
    for number in (2, 3):
        found = of_session(log.sessions[number - 1])
        assert found is not None
        assert found.used
        assert found.new_words == ()
    assert of_session(log.sessions[0]) is None


def test_an_invention_is_shown_on_the_page_and_decides_nothing(log: Run) -> None:
    reply = log.sessions[1].reply
    assert reply is not None
    said = "You are allergic to soup."
    tokens = tuple(replace(each, text="" if number else said) for number, each in enumerate(reply.tokens))
    invented = with_session(log, 2, reply=replace(reply, text=said, tokens=tokens))
    words = "uses 0 of 4 recalled memories; 1 word that neither they nor the question hold: soup"
    assert words in render(invented)
    assert "Observed by its words, not judged" in render(log)
    assert "Observed by its words" not in render(redact(invented), redacted=True)
    assert claims.judge(invented) == claims.judge(log)


def test_it_stands_beside_the_reply_in_the_terminal_and_in_the_summary(finished: Finished, log: Run) -> None:
    for number in (2, 3):
        found = of_session(log.sessions[number - 1])
        assert found is not None
        assert f"session {number}               the reply {found.sentence}" in finished.stderr
        assert f"Session {number}: the reply {found.sentence}" in " ".join(finished.stdout.split())


def test_the_live_view_shows_it_below_the_reply(log: Run, capsys: pytest.CaptureFixture[str]) -> None:
    item = log.sessions[1]
    live = LiveProgress()
    for event in (
        Searched(rows=item.recalled or (), question=item.question or ""),
        Asked(question=item.question or "", messages=item.messages),
        Streamed(text="You are allergic to soup.", at_s=0.0),
        Replied(reply=reply("You are allergic to soup.")),
    ):
        live.event("session 2", event)
    live.ended("session 2", 0)
    assert "uses 0 of 4 recalled memories; 1 word" in capsys.readouterr().err
