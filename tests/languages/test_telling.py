"""Which language a text is in: told where it is plain, and never told of English that it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from showcase import languages
from showcase.bench import questions
from showcase.bench.questions import firsts
from showcase.languages import Told, tell, tell_of, unknown_to

SETS = sorted(Path(questions.__file__).parent.glob("*.json"))


def texts_of(path: Path) -> list[str]:
    data = json.loads(path.read_text(encoding="utf-8"))
    return [
        *(fact for person in data["people"].values() for fact in person["facts"]),
        *(it["ask"] for it in data["cases"]),
    ]


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_no_english_text_is_told_to_be_in_another_language(path: Path) -> None:
    texts = texts_of(path)
    assert {tell(text) for text in texts} <= {"en", None}
    assert [each.tag for each in tell_of([texts])] == ["en"]


@pytest.mark.parametrize("language", firsts.there())
def test_each_sentence_of_a_language_is_told_or_left_open(language: str) -> None:
    texts = texts_of(Path(questions.__file__).parent / "languages" / f"{language}.json")
    found = [tell(text) for text in texts]
    assert set(found) <= {language, None}
    assert found.count(language) >= 0.9 * len(texts)
    assert tell_of([texts]) == (Told(language, len(texts)),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Je n'aime pas les plats épicés et je suis allergique aux arachides.", "fr"),
        ("No me gusta la comida picante y soy alérgico a los cacahuetes.", "es"),
        ("Non mi piace il cibo piccante e sono allergico alle arachidi.", "it"),
        ("Não gosto de comida picante e sou alérgico a amendoim.", "pt"),
        ("Ik hou niet van pittig eten en ik ben allergisch voor pinda's.", "nl"),
        ("Nie lubię ostrego jedzenia i mam alergię na orzeszki, bo tak.", "pl"),
        ("Я живу в Казани.", "ru"),
        ("我住在成都，不吃辣。", "zh"),
        ("저는 매운 음식을 먹지 않아요.", "ko"),
        ("ฉันไม่กินอาหารเผ็ด", "th"),
        ("أعيش في عمان", "ar"),
        ("Μου αρέσει το ψάρι", "und-Grek"),
        ("አማርኛ እናገራለሁ", "und-Ethi"),
        ("𐎀𐎁𐎂", "und-Zzzz"),
        ("I love 寿司", "en"),
        ("スーパーへ行く", "ja"),
        ("I am in Berlin", "en"),
        ("Trattoria Lina", None),
        ("hiking, sushi, night shifts, two kids", None),
        ("123 🎉", None),
        ("", None),
    ],
)
def test_other_texts(text: str, language: str | None) -> None:
    assert tell(text) == language


def test_a_long_text_in_no_language_that_is_known_here_is_told_not_to_be_english() -> None:
    swedish = "Jag äter inte stark mat, jag är allergisk mot jordnötter, min mor fyller åttio år, vår hund heter Bosse."
    assert tell(swedish) == "und-Latn"
    assert "does not look like English" in languages.name_of("und-Latn")


def test_what_one_person_says_in_latin_letters_is_told_together() -> None:
    short = ["Bäckerei im Dorf.", "Ich singe im Chor.", "Krimis"]
    assert tell(short[2]) is None
    assert tell_of([short, ["I sail.", "We have a boat."]]) == (Told("de", 3), Told("en", 2))


@pytest.mark.parametrize(
    ("model", "known", "unknown"),
    [
        ("rehearsal-embed:latest", "en", "ja"),
        ("nomic-embed-text", "en", "de"),
        ("all-minilm:l6-v2", "en", "ja"),
        ("snowflake-arctic-embed:335m", "en", "fr"),
        ("rehearsal-embed-multilingual", "ja", "und-Grek"),
        ("bge-m3:567m", "und-Grek", None),
        ("someone/intfloat-multilingual-e5-large:f16", "ja", None),
        ("embeddinggemma:300m", "th", None),
        ("qwen3-embedding:0.6b", "de", None),
        ("snowflake-arctic-embed2", "de", None),
        ("nomic-embed-text-v2-moe", "de", None),
        ("granite-embedding:278m", "ja", None),
        ("granite-embedding:30m", "en", "ja"),
        ("my-own", "en", "de"),
    ],
)
def test_what_a_model_knows(model: str, known: str, unknown: str | None) -> None:
    assert unknown_to(model, [Told(known, 1)]) == ()
    if unknown is not None:
        assert unknown_to(model, [Told("en", 1), Told(unknown, 2)]) == (Told(unknown, 2),)


def test_that_nothing_is_known_of_a_model_is_said() -> None:
    assert "nothing is known here" in languages.made_for("my-own")
    assert languages.made_for("rehearsal-embed") == "rehearsal-embed knows English alone"
