"""What the rehearsal model says in other languages: a quote of what is nearest, in words of that language."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showcase.bench.questions import firsts
from showcase.engines.protocol.interface import Message
from showcase.engines.rehearsal import responder
from showcase.engines.rehearsal.responder import extraction, frames
from showcase.engines.rehearsal.responder.shared_words import shares
from showcase.scenes import scenario
from showcase.scenes.stage import system_prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.engines.rehearsal.embeddings import Embedder
    from showcase.engines.rehearsal.interface import Embeddings
    from showcase.engines.rehearsal.multilingual import MultilingualEmbedder

FOREIGN = [language for language in firsts.there() if language != "en"]


def reply(embedder: Embedder, facts: list[str], said: str, vectors: Embeddings | None = None) -> str:
    turns = [Message(role="system", content=system_prompt(facts)), Message(role="user", content=said)]
    return responder.reply(turns, embedder, lambda: vectors)


@pytest.mark.parametrize("language", FOREIGN)
def test_every_question_is_answered_by_a_quote_in_words_of_its_language(
    language: str, embedder: Embedder, multilingual: MultilingualEmbedder
) -> None:
    data, frame = firsts.questions_in(language), frames.of(language)
    quoted = asked = 0
    for case in data["cases"]:
        facts = data["people"][case["who"]]["facts"]
        said = reply(embedder, facts, case["ask"], multilingual)
        assert any(frame.quote.format(fact) in said for fact in facts), "what was told is denied"
        rest = said
        for fact in facts:
            rest = rest.replace(frame.quote.format(fact), "")
        assert rest.strip() in {frame.told, frame.nearest}, "other words got in"
        if "needs" in case:
            asked += 1
            quoted += facts[case["needs"][0]] in said
    assert quoted >= 0.75 * asked


@pytest.mark.parametrize("language", FOREIGN)
def test_without_vectors_it_is_said_that_words_were_compared(language: str, embedder: Embedder) -> None:
    told, frame = scenario.read(language=language), frames.of(language)
    said = reply(embedder, list(told.first.memories), told.first.question)
    assert said.startswith((frame.shares_words, frame.unsure))
    assert any(memory in said for memory in told.first.memories)


@pytest.mark.parametrize("language", FOREIGN)
def test_where_nothing_was_told_nothing_is_quoted(
    language: str, embedder: Embedder, multilingual: MultilingualEmbedder
) -> None:
    question = scenario.read(language=language).first.question
    assert reply(embedder, [], question, multilingual) == reply(embedder, [], question) == frames.of(language).nothing


def test_english_never_asks_for_other_vectors(embedder: Embedder) -> None:
    def unwanted() -> None:
        raise AssertionError

    told = scenario.read()
    turns = [
        Message(role="system", content=system_prompt(told.first.memories)),
        Message(role="user", content=told.first.question),
    ]
    assert responder.reply(turns, embedder, unwanted).startswith("You told me: You do not eat spicy food")


def test_a_question_in_english_about_facts_in_japanese_is_answered_in_english(
    embedder: Embedder, multilingual: MultilingualEmbedder
) -> None:
    facts = ["娘は去年からバイオリンを習っています。", "お酒は一切飲みません。", "車は今、修理に出しています。"]
    assert reply(embedder, facts, "Where is my car?", multilingual) == f"You told me: {facts[2]}"


def test_a_short_question_is_taken_to_be_in_the_language_of_a_fact(embedder: Embedder) -> None:
    facts = ["It lists what the user told you earlier, in their own words.", "Ich wohne in Bonn und singe im Chor."]
    assert reply(embedder, facts, "Wo wohne ich?").startswith(frames.of("de").shares_words)
    assert reply(embedder, facts, "Mache ich Musik?").startswith(frames.of("de").unsure)
    assert "Deutsch" not in reply(embedder, facts[:1], "Mache ich Musik?")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("こんにちは", frames.of("ja").greeting),
        ("ありがとうございます。", frames.of("ja").courtesy),
        ("昨日、引っ越しました。", "記録しました：「昨日、引っ越しました。」"),
        ("Ich bin gestern umgezogen.", "Notiert: „Ich bin gestern umgezogen.“"),
        ("Sag mir, wo ich wohne.", f"{frames.of('de').nothing}"),
        ("コンピューターの仕組みを教えてください。", frames.of("ja").nothing),
    ],
)
def test_greetings_statements_and_requests(embedder: Embedder, said: str, answer: str) -> None:
    assert reply(embedder, [], said) == answer


@pytest.mark.parametrize(
    ("question", "fact", "shared"),
    [
        ("Wann muss ich beim Zahnarzt sein?", "Am Dienstag habe ich einen Zahnarzttermin.", True),
        ("Mag ich Erdbeeren?", "Von der Erdbeere bekomme ich Ausschlag.", True),
        ("Wo ist es?", "Ich bin in Bonn, und es ist schön.", False),  # words that hold a sentence together say nothing
        ("歯医者はいつですか？", "火曜日に歯医者の予約があります。", True),
        ("何ですか？", "そうですか。", False),  # nor do endings
    ],
)
def test_words_are_shared_in_their_forms(question: str, fact: str, *, shared: bool) -> None:
    language = "de" if question.isascii() or "ä" in question else "ja"
    assert (shares(question, [fact], language)[0] > 0) is shared


def test_statements_in_german_are_memories_too() -> None:
    asked = (
        "## New Messages\nuser: Meine Katze heißt Mimi. Der Garten ist groß und wir haben ihn gern. Wie geht es dir?\n"
    )
    turns = [Message(role="system", content="You are a Memory Extractor."), Message(role="user", content=asked)]
    found = extraction.extract(turns)
    assert found is not None
    assert [each["text"] for each in found["memory"]] == [
        "Meine Katze heißt Mimi.",
        "Der Garten ist groß und wir haben ihn gern.",
    ]


@pytest.mark.parametrize(
    "meddle",
    [
        lambda text: text.replace("told =", "tolled ="),
        lambda text: text.replace('quote = "„{}“"', 'quote = "„“"'),
        lambda text: text.replace('nothing = "Davon hast du mir nichts gesagt."', 'nothing = ""'),
    ],
)
def test_a_frame_that_lacks_something_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meddle: Callable[[str], str]
) -> None:
    place = Path(frames.__file__).parent
    for path in place.glob("*.toml"):
        shutil.copy(path, tmp_path)
    german = tmp_path / "de.toml"
    meddled = meddle(german.read_text(encoding="utf-8"))
    assert meddled != german.read_text(encoding="utf-8")
    german.write_text(meddled, encoding="utf-8")
    monkeypatch.setattr(frames, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(ValueError, match=r"de\.toml"):
        frames._read.__wrapped__()
