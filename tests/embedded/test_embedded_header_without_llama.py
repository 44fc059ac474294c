"""How many tokens a prompt had, as an answer's header tells it; a server may write anything there."""

from __future__ import annotations

import pytest

from showcase.engines.protocol import PROMPT_TOKENS, prompt_tokens


@pytest.mark.parametrize(
    ("told", "read"),
    [("812", 812), ("0", None), ("", None), ("-1", None), ("1.5", None), ("٣", None), ("9" * 5000, None), ("x", None)],
)
def test_only_a_number_of_tokens_is_one(told: str, read: int | None) -> None:
    assert prompt_tokens({PROMPT_TOKENS: told}) == read
    assert prompt_tokens({}) is None
