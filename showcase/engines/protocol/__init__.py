"""Ollama's HTTP protocol, served: whatever makes the tokens and vectors stands behind it as a `Backend`.

Rooms, in the order in which data flows::

    backend    interface.py (what makes tokens and vectors)
    model      model_file.py · options.py · fitting.py (what of a prompt fits the context)
    models     catalog.py (what there is, by `model_names`) · residency.py (what is loaded) · engine.py
    protocol   payloads.py (requests in) · wire.py (responses out) · api/ (one file a family of routes) ·
               guard.py and callers.py (what is refused before any route) · presence.py (who went away meanwhile) ·
               app.py
    process    server.py · parent.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PROMPT_TOKENS = "Showcase-Prompt-Tokens"
"""Header of an answer: tokens of the prompt before any cut, where the backend counts exactly. Ollama has none such."""

_MOST_DIGITS = 15


def prompt_tokens(headers: Mapping[str, str]) -> int | None:
    """Return what that header says; None where it is not there, or is no number of tokens."""
    told = headers.get(PROMPT_TOKENS, "")
    is_number = told.isascii() and told.isdecimal() and len(told) <= _MOST_DIGITS
    return int(told) or None if is_number else None
