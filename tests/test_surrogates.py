"""Text that no UTF-8 document can hold keeps no log from being written."""

from __future__ import annotations

import pytest

from showcase.documents.surrogates import without_surrogates


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "\U0001f600"),
        ([{"\udfff": ["\ud800"]}], [{"\ufffd": ["\ufffd"]}]),
        (7, 7),
        (None, None),
    ],
)
def test_half_a_pair_is_replaced_and_a_whole_one_joined(value: object, kept: object) -> None:
    assert without_surrogates(value) == kept
