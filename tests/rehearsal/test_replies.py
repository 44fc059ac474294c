"""What the rehearsal model answers: two sets of questions over HTTP, and the rules one by one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from questionnaire import right

from showcase.bench.questions.questionnaire import load
from showcase.engines.protocol.interface import Message
from showcase.engines.rehearsal import responder
from showcase.engines.rehearsal.responder import facts, frames
from showcase.engines.rehearsal.responder.replies import COURTESY, GREETING, NOTED, NOTHING_OF_THE_KIND
from showcase.engines.rehearsal.responder.wording import second_person
from showcase.languages import tell

if TYPE_CHECKING:
    import httpx

    from showcase.bench.questions.questionnaire import Case
    from showcase.engines.rehearsal.embeddings import Embedder

MISSES = {
    "development_set": {
        9: "quotes a blue car when asked for the favourite colour",
        34: "does not know that one lives with a roommate",
    },
    "held_out": {
        12: "asked for a living, quotes the dentist's appointment beside the right fact: a dentist is a profession",
        55: "does not see that a lager is a beer",
    },
    "second_set": {
        3: "quotes the violin teacher beside the right fact: a teacher is a profession",
        21: "does not know that a greyhound is a dog",
    },
}
"""The questions that are answered wrongly, as they are."""


@pytest.mark.parametrize(
    ("name", "size", "least"),
    [("development_set", 70, 65), ("held_out", 60, 54), ("second_set", 30, 27)],
)
def test_questions_about_made_up_facts(http: httpx.Client, name: str, size: int, least: int) -> None:
    cases = load(name)
    wrong = {case.number for case in cases if not right(case, _asked(http, case))}
    assert len(cases) == size
    assert size - len(wrong) >= least
    assert wrong == set(MISSES[name])


def test_the_judgement_of_answers_can_fail() -> None:
    case = load("held_out")[0]
    quote = "You told me: Your cat is called Pixel and she is eleven years old."
    assert right(case, quote)
    assert not right(case, NOTHING_OF_THE_KIND)
    assert not right(case, "You told me: You cycle to the office every morning.")
    assert not right(case, f"{quote} You cycle to the office every morning.")


def _asked(http: httpx.Client, case: Case) -> str:
    messages = [asdict(message) for message in case.messages()]
    body = {"model": "rehearsal", "messages": messages, "stream": False}
    reply: str = http.post("/api/chat", json=body).json()["message"]["content"]
    return reply


def _reply(embedder: Embedder, system: str, *said: str) -> str:
    """Turns alternate between user and assistant, the user's first."""
    turns = [Message(role="system", content=system)] if system else []
    turns += [Message(role=("user", "assistant")[index % 2], content=text) for index, text in enumerate(said)]
    return responder.reply(turns, embedder)


def test_several_facts_bear_on_an_open_request(embedder: Embedder) -> None:
    facts = [
        "My bicycle is a steel tourer.",
        "I do not drink wine.",
        "I like quiet pubs with a fireplace.",
        "My favourite bar is the Anchor, near the harbour.",
        "My niece studies botany.",
    ]
    reply = _reply(
        embedder, "You are helpful.\nMemories:\n" + "\n".join(f"- {fact}" for fact in facts), "Any ideas for a drink?"
    )
    held = [second_person(fact) in reply for fact in facts]
    assert held == [False, True, True, True, False]


def test_contradicting_facts_are_both_quoted_in_their_order(embedder: Embedder) -> None:
    reply = _reply(embedder, "- I like jazz.\n- My desk is oak.\n- I cannot stand jazz any more.", "Do I like jazz?")
    assert reply == "You told me: You like jazz. You cannot stand jazz any more."


@pytest.mark.parametrize(
    ("facts", "question", "quoted"),
    [
        (
            "- 私は辛い食べ物が好きではありません。\n- 私の犬の名前はポチです。",
            "私の犬の名前は何ですか",
            "私の犬の名前はポチです。",
        ),
        ("- Мою собаку зовут Шарик.\n- Я живу в Казани.", "Как зовут мою собаку?", "Мою собаку зовут Шарик."),
        ("- كلبي اسمه ريكس.\n- أعيش في عمان.", "ما اسم كلبي؟", "كلبي اسمه ريكس."),
        ("- 我住在成都。\n- 我的猫叫豆豆。", "我的猫叫什么呢", "我的猫叫豆豆。"),
        ("- Mein Hund heißt Bello.\n- Ich wohne in Bonn.", "Wie heißt mein Hund?", "Mein Hund heißt Bello."),
    ],
)
def test_other_languages_are_quoted_as_they_are(embedder: Embedder, facts: str, question: str, quoted: str) -> None:
    """By the words that they share, and in words of their own where there is a frame for them."""
    frame = frames.of(tell(question))
    assert _reply(embedder, facts, question) == frame.with_quotes(frame.shares_words, [quoted])


@pytest.mark.parametrize(
    ("system", "said", "reply"),
    [
        ("", ["Hello!"], GREETING),
        ("- I own a kayak.", ["Good evening, how are you?"], GREETING),
        ("", ["Thanks, that helps"], "Noted: Thanks, that helps."),
        ("", ["Thank you very much."], COURTESY),
        ("", ["I moved to Bergen."], "Noted: You moved to Bergen."),
        ("", ["word " * 6000], NOTED),
        ("", ["Where do I live?"], NOTHING_OF_THE_KIND),
        ("You are a helpful assistant. Be brief.", ["Where do I live?"], NOTHING_OF_THE_KIND),
        ("", ["My dog is called Rex.", "Noted.", "What is my dog called?"], "You told me: Your dog is called Rex."),
        ("", ["I live in Graz. Where do I live?"], "You told me: You live in Graz."),
        ("", [""], GREETING),
    ],
)
def test_greetings_statements_and_conversations(embedder: Embedder, system: str, said: list[str], reply: str) -> None:
    assert _reply(embedder, system, *said) == reply


def test_what_the_assistant_said_is_no_fact(embedder: Embedder) -> None:
    assert _reply(embedder, "", "Hello", "Your dog is called Rex.", "What is my dog called?") == NOTHING_OF_THE_KIND


def test_nothing_is_invented(embedder: Embedder) -> None:
    """Every sentence of a reply is a fact of the prompt, in the second person: no other word gets in."""
    for case in load("held_out"):
        reply = responder.reply([Message(role=each.role, content=each.content) for each in case.messages()], embedder)
        if case.expect != "facts" or reply == NOTHING_OF_THE_KIND:
            continue
        rest = reply.removeprefix("You told me:")
        for fact in case.facts:
            rest = rest.replace(second_person(fact), "")
        assert rest.strip() == ""


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("I am late and my tram is full", "You are late and your tram is full."),
        ("I'm a pilot and I was in Rome.", "You're a pilot and you were in Rome."),
        ("My flight is at 7 am and I am late", "Your flight is at 7 am and you are late."),
        ("A friend of mine gave me a kite.", "A friend of yours gave you a kite."),
        ("I work in a coal mine.", "You work in a coal mine."),
        ("I have Type I diabetes.", "I have Type I diabetes."),
        ("I love you.", "I love you."),
        ('I said "I am tired".', 'I said "I am tired".'),
        ("We keep bees.", "We keep bees."),
        ("User likes sushi", "User likes sushi."),
        ("我住在成都。", "我住在成都。"),
    ],
)
def test_second_person(fact: str, said: str) -> None:
    assert second_person(fact) == said


@pytest.mark.parametrize(
    "system",
    [
        "Facts:\n• I keep bees.\n• I sail.",
        "Facts:\n1) I keep bees.\n2) I sail.",
        "You are a bot. What you know about the user: I keep bees. I sail.",
        "<memories>\nI keep bees.\nI sail.\n</memories>",
        '{"memory": "I keep bees."}\n[{"text": "I sail."}]',
        "Memories:\n- [2026-01-02] I keep bees.\n- 2026-01-03: I sail.",
        "## Instructions\nAnswer briefly. Never make things up.\n## Notes\nI keep bees.\nI sail.",
    ],
)
def test_layouts(embedder: Embedder, system: str) -> None:
    assert _reply(embedder, system, "Which insects do I keep?") == "You told me: You keep bees."


def test_that_nothing_is_known_is_no_fact() -> None:
    turns = [
        Message(
            role="system", content="[Persistent Context]\n<memories>\nNothing is known about the user.\n</memories>"
        ),
        Message(role="user", content="Tell me all you know about me."),
    ]
    assert facts.stated(turns) == []
