"""The rehearsal engine: speaks Ollama's HTTP protocol, holds no language model and says so.

It lets every part of the showcase run on a machine without any model. Embeddings are real (a static model, see
`weights/NOTICE`); the chat model only quotes what its prompt holds.

Rooms, in the order in which data flows; the protocol is `engines.protocol`::

    text       embeddings.py · multilingual.py · responder/ (what to say) · constrained.py (JSON that fits a format)
    model      prompt.py (messages to a prompt) · generation.py (tokens, counts) · shipped.py (what there is)
    backend    engine.py
    process    server.py · __main__.py
"""

from __future__ import annotations

CHAT_MODEL = "rehearsal"
"""Quotes what its prompt holds. No language model."""

EMBED_MODEL = "rehearsal-embed"
"""Static sentence embeddings of English, 256 dimensions, unit vectors."""

MULTILINGUAL_MODEL = "rehearsal-embed-multilingual"
"""Sentence embeddings in sixteen languages, 512 dimensions, unit vectors; there with the extra `multilingual`."""
