"""Which words of a reply get the colour of a memory."""

from __future__ import annotations

import pytest
from hostile import LONG, TEXTS, WORD

from showcase.claims.reply_use import reply_use
from showcase.report.reply_marks import Piece, marked, quoted

TOWN = "I live in the old town and I would rather walk than drive to dinner."
PEANUTS = "I do not eat spicy food and I am allergic to peanuts."


def marks(reply: str, *memories: str, question: str = "any ideas?") -> list[tuple[str, int]]:
    """Return what is marked, each with the number of its memory, as a page does it."""
    use = reply_use(memories, reply, question=question)
    terms = {memories.index(each.memory) + 1: each.words for each in use.used}
    pieces = marked(reply, terms)
    assert "".join(piece.text for piece in pieces) == reply
    return [(piece.text, piece.memory) for piece in pieces if piece.memory is not None]


def test_quoted_memories_are_marked_in_one_piece_each() -> None:
    reply = "You told me: You live in the old town. You do not eat spicy food and you are allergic to peanuts."
    assert marks(reply, TOWN, PEANUTS) == [
        ("live in the old town", 1),
        ("eat spicy food and you are allergic to peanuts", 2),
    ]


def test_words_of_others_between_are_not_marked() -> None:
    reply = "In the old quarter of the town you could walk, peanuts aside: spicy noodles."
    assert marks(reply, TOWN) == [("old", 1), ("town you could walk", 1)]


def test_what_two_memories_share_goes_with_its_sentence() -> None:
    one, two = "I walk to the river.", "I walk my dog Rex."
    assert marks("You walk Rex, your dog. By the river you walk.", one, two) == [
        ("walk Rex, your dog", 2),
        ("river you walk", 1),
    ]


def test_a_mark_never_goes_over_the_end_of_a_sentence() -> None:
    assert [text for text, _ in marks("You walk to dinner. Drive, rather.", TOWN)] == [
        "walk to dinner",
        "Drive, rather",
    ]


def test_plurals_and_scripts_without_spaces_are_marked() -> None:
    assert marks("A peanut, spicy foods: no.", PEANUTS)[0] == ("peanut, spicy foods", 1)
    assert marks("你喜欢吃意大利面。", "我喜欢吃意大利面", question="?") == [("喜欢吃意大利面", 1)]


def test_nothing_is_marked_where_nothing_is_used() -> None:
    assert marks("Ask the tourist office.", TOWN, PEANUTS) == []
    assert marked("", {1: ("old",)}) == ()


@pytest.mark.parametrize("text", [*TEXTS, LONG[:3_000], WORD, "\u202e\x00", "İstanbul ǅ ﬁsh", "e\u0301" * 9])
def test_a_reply_is_never_changed(text: str) -> None:
    marks(text, text, TOWN)


def test_pseudonyms_are_marked_to_the_letter() -> None:
    assert quoted("reply-1: memory-2, memory-1", {1: "memory-1", 2: "memory-2", 3: "memory-3"}) == (
        Piece("reply-1: "),
        Piece("memory-2", 2),
        Piece(", "),
        Piece("memory-1", 1),
    )
