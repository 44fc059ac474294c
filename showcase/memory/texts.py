"""What may become a memory or a question to one: a text that an embedding model can read whole."""

from __future__ import annotations

from showcase.documents.surrogates import escaped
from showcase.errors import UsageError

LONGEST_TEXT = 8000
"""Characters. `nomic-embed-text` reads 2,048 tokens in Ollama (`num_ctx` of its Modelfile), of some four characters
each in English: what is behind them is cut off in silence, and nobody would find it."""

MOST_BYTES = 4 * LONGEST_TEXT
"""Bytes of such a text: UTF-8 has four a character at most."""


def check_text(text: str, *, what: str, fix: str) -> str:
    """Return `text` where it can be embedded.

    Args:
        text: What was given.
        what: What to call it.
        fix: The command that gives another one.

    Raises:
        UsageError: It is empty, too long, or no text.
    """
    if not text.strip():
        raise UsageError(f"{what} is empty", hint=fix)
    if escaped(text) is not text:
        raise UsageError(f"{what} is no text in UTF-8", hint=fix)
    if "\0" in text:
        raise UsageError(f"{what} holds a NUL, and is no text", hint=fix)
    if len(text) > LONGEST_TEXT:
        raise UsageError(
            f"{what} has {len(text):,} characters, at most {LONGEST_TEXT:,} are taken: an embedding model reads no "
            "more of them",
            hint=f"give its parts one by one: {fix}",
        )
    return text
