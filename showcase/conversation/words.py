"""What may be said in one turn."""

from __future__ import annotations

from showcase.errors import UsageError

MOST_BYTES = 65_536
"""Of what is said in one turn. An embedding model reads some hundreds of tokens and drops the rest in silence, and a
context of 16,384 tokens ends about here."""


def check_words(words: str) -> None:
    """Refuse what is no turn.

    Raises:
        UsageError: Nothing was said, too much, or something that is no text.
    """
    if not any(character.isprintable() and not character.isspace() for character in words):
        raise UsageError("nothing was asked: the prompt is empty", hint='showcase ask "where do I live?" --user-id ME')
    if len(words.encode(errors="replace")) > MOST_BYTES:
        raise UsageError(
            f"the prompt has more than the {MOST_BYTES:,} bytes of a turn: no model here reads more of it",
            hint="say less at once; what is to be remembered goes in piece by piece: "
            "showcase memories add TEXT --user-id USER",
        )
    bad = next((character for character in words if character == "\0" or "\ud800" <= character <= "\udfff"), None)
    if bad is not None:
        raise UsageError(f"the prompt is no text: it holds U+{ord(bad):04X}", hint="give it text in UTF-8")
