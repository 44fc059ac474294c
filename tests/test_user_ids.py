"""User ids are refused, never repaired, and the hint gives a spelling that passes."""

from __future__ import annotations

import re

import pytest

from showcase.errors import UsageError
from showcase.memory.user_ids import check_user_id


@pytest.mark.parametrize("user_id", ["alice", "a", "x" * 64, "Zoë", "李雷", "user-1", "a.b@c", "🦊"])
def test_ordinary_ids_are_accepted_as_they_are(user_id: str) -> None:
    assert check_user_id(user_id) == user_id


@pytest.mark.parametrize(
    ("user_id", "because"),
    [
        ("", "empty"),
        ("x" * 65, "65 characters"),
        ("*", "everybody"),
        ("a*", "everybody"),
        (" alice", "U\\+0020"),
        ("alice ", "U\\+0020"),
        ("al ice", "U\\+0020"),
        ("al\tice", "U\\+0009"),
        ("alice\n", "U\\+000A"),
        ("al\u00a0ice", "U\\+00A0"),
        ("al\u202eice", "U\\+202E"),
        ("al\u200bice", "U\\+200B"),
        ("al\u2066ice", "U\\+2066"),
        ("al\0ice", "U\\+0000"),
        ("al\ud800ice", "U\\+D800"),
        ("ａｌｉｃｅ", "NFKC"),  # noqa: RUF001 - fullwidth on purpose
        ("ﬁona", "NFKC"),
        ("e\u0301ve", "NFKC"),
    ],
)
def test_what_could_be_taken_for_another_is_refused(user_id: str, because: str) -> None:
    with pytest.raises(UsageError, match=because) as caught:
        check_user_id(user_id)
    spelling = re.search(r"'(.*)'", caught.value.hint)
    assert spelling is not None
    assert check_user_id(spelling[1])
    assert caught.value.message.isprintable(), "an error must not carry what it refuses into a terminal"


@pytest.mark.parametrize(("user_id", "other"), [("Alice", "alice"), ("STRASSE", "straße"), ("alice", "alice")])
def test_ids_that_differ_by_case_alone_are_refused(user_id: str, other: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_user_id(user_id, others=[other])
    spelling = re.search(r"'(.*)'", caught.value.hint)
    assert spelling is not None
    assert check_user_id(spelling[1], others=[other])
