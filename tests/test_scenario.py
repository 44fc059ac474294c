"""Scenarios: read strictly, with the line at fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from showcase.errors import UsageError
from showcase.scenes import scenario

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
title = "Gardening"
question = "what should I plant?"

[[users]]
id = "carol"
memories = ["My garden is in the shade.", "I want \\"tall\\" flowers."]

[[users]]
id = "dan"
question = "and I?"
memories = ["I have a sunny balcony."]
"""


def read(tmp_path: Path, text: str) -> scenario.Scenario:
    path = tmp_path / "class.toml"
    path.write_text(text, encoding="utf-8")
    return scenario.read(path)


def test_the_default_is_what_the_readme_promises() -> None:
    default = scenario.read()
    assert (default.first.id, default.second.id) == ("alice", "bob")
    assert len(default.first.memories) == 4
    assert "I do not eat spicy food and I am allergic to peanuts." in default.first.memories
    assert len(default.second.memories) == 1
    assert default.first.question == default.second.question == "any ideas for somewhere to eat tonight?"


def test_a_teacher_s_own(tmp_path: Path) -> None:
    own = read(tmp_path, GOOD)
    assert own.title == "Gardening"
    assert own.first.memories[1] == 'I want "tall" flowers.'
    assert (own.first.question, own.second.question) == ("what should I plant?", "and I?")


@pytest.mark.parametrize(
    ("old", "new", "line", "because"),
    [
        ('title = "Gardening"', 'titel = "x"', 1, "unknown key"),
        ('title = "Gardening"', "title = 3", 1, "not a text"),
        ('question = "what should I plant?"', "question = []", 2, "not a text"),
        ('id = "carol"', 'id = "*"', 5, "everybody"),
        ('id = "carol"', 'id = " carol"', 5, "U\\+0020"),
        ('id = "dan"', 'id = "CAROL"', 9, "cannot be told"),
        ('id = "carol"', "name = 3", 5, "unknown key"),
        ('id = "carol"\n', "", 4, "needs an id"),
        ('memories = ["I have a sunny balcony."]', "memories = []", 11, "plants nothing"),
        ('memories = ["I have a sunny balcony."]', "memories = [3]", 11, "not a text"),
        ('memories = ["I have a sunny balcony."]', 'memories = ["a b", "a b"]', 11, "twice"),
        ('"I have a sunny balcony."', '"My garden is in the shade."', 11, "both users"),
        ('"I have a sunny balcony."', '"   "', 11, "not a text"),
    ],
)
def test_the_line_at_fault_is_named(tmp_path: Path, old: str, new: str, line: int, because: str) -> None:
    assert old in GOOD
    with pytest.raises(UsageError, match=because) as caught:
        read(tmp_path, GOOD.replace(old, new))
    assert f"line {line}:" in caught.value.message
    assert caught.value.hint


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 5"):
        read(tmp_path, GOOD.replace('id = "carol"', 'id = "carol'))


def test_one_user_is_not_enough(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="1 users, two are needed"):
        read(tmp_path, GOOD[: GOOD.rindex("[[users]]")])


def test_no_question_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing for 'carol' to ask"):
        read(tmp_path, GOOD.replace('question = "what should I plant?"\n', ""))


def test_a_sentence_of_a_megabyte_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="1,000,000 characters"):
        read(tmp_path, GOOD.replace("I have a sunny balcony.", "x" * 1_000_000))


def test_ten_thousand_sentences_are_accepted_and_one_more_is_not(tmp_path: Path) -> None:
    def many(count: int) -> str:
        sentences = ", ".join(f'"fact {number}"' for number in range(count))
        return GOOD.replace('"I have a sunny balcony."', sentences)

    assert len(read(tmp_path, many(10_000)).second.memories) == 10_000
    with pytest.raises(UsageError, match="at most 10000"):
        read(tmp_path, many(10_001))


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        scenario.read(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="cannot read"):
        scenario.read(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'title = "x"\nquestion = "\xe9"\n')
    with pytest.raises(UsageError, match="line 2: this is not UTF-8"):
        scenario.read(tmp_path / "latin.toml")
