"""Nothing that cannot be seen passes as text."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from showcase.report import text

VISIBLE_FORMATS = {*range(0x0600, 0x0606), 0x06DD, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD}
"""Signs of Arabic and Kaithi that enclose or precede numbers: format characters by name, ink by nature."""


def test_every_invisible_character_is_spelled_out() -> None:
    hidden = {
        number
        for number in range(sys.maxunicode + 1)
        if unicodedata.category(chr(number)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    } - {0x09, 0x0A, *VISIBLE_FORMATS}
    assert [hex(number) for number in hidden if text.code_point(chr(number)) not in text.plain(chr(number))] == []
    assert [hex(number) for number in hidden if chr(number) in text.visible(f"a{chr(number)}b")] == []


@pytest.mark.parametrize("kept", ["👩‍👩‍👧‍👦 family", "می‌خواهم", "क्‍ष", "a\nb\tc", "🏳️‍🌈", "naïve café ﬁ ™"])
def test_joiners_stay_where_scripts_need_them(kept: str) -> None:
    assert text.plain(kept) == kept
    assert str(text.visible(kept)) == kept


def test_what_is_spelled_out_is_labelled_and_escaped() -> None:
    assert text.visible("<\u202e>") == ('&lt;<span class="cp" title="RIGHT-TO-LEFT OVERRIDE">U+202E</span>&gt;')
    assert 'title="NULL"' in text.visible("\0")
    assert 'title="CONTROL CHARACTER"' in text.visible("\x01")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, "not recorded"),
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1.0 KiB"),
        (10_200, "10 KiB"),
        (3 * 2**30, "3.0 GiB"),
    ],
)
def test_sizes_say_their_unit(count: int | None, words: str) -> None:
    assert text.size(count) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (None, "not recorded"),
        (0.0, "0 s"),
        (0.123456, "123 ms"),
        (0.99951, "1.0 s"),
        (8.2214, "8.2 s"),
        (59.96, "60 s"),
        (2400.4, "2,400 s"),
    ],
)
def test_moments_have_the_digits_that_mean_something(moment: float | None, words: str) -> None:
    assert text.seconds(moment) == words


def test_cosines_have_two_digits_and_a_true_minus() -> None:
    assert [text.two_digits(number) for number in (0.5678, -0.123, 1.0)] == ["0.57", "\u22120.12", "1.00"]


def test_lists_in_words() -> None:
    assert [text.listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert (text.counted(1, "row"), text.counted(12_000, "row")) == ("1 row", "12,000 rows")
