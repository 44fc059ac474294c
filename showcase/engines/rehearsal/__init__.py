"""The embedded engine: speaks Ollama's HTTP protocol, holds no language model and says so.

It lets every part of the showcase run on a machine without Ollama. Embeddings are real (a static model, see
`weights/NOTICE`); the chat model only quotes what its prompt holds.

Rooms, in the order in which data flows::

    text       embeddings.py · multilingual.py · responder/ (what to say) · constrained.py (JSON that fits a format)
    model      options.py · prompt.py (messages to a prompt that fits) · generation.py (tokens, counts, durations)
    models     catalog.py (what there is, by `model_names`) · residency.py (what is loaded)
    protocol   payloads.py (requests in) · wire.py (responses out) · api/ (one file a family of routes) ·
               guard.py and callers.py (what is refused before any route) · app.py
    process    server.py · parent.py · __main__.py
"""

from __future__ import annotations

CHAT_MODEL = "rehearsal"
"""Quotes what its prompt holds. No language model."""

EMBED_MODEL = "rehearsal-embed"
"""Static sentence embeddings of English, 256 dimensions, unit vectors."""

MULTILINGUAL_MODEL = "rehearsal-embed-multilingual"
"""Sentence embeddings in sixteen languages, 512 dimensions, unit vectors; there with the extra `multilingual`."""
