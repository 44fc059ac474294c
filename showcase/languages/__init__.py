"""Which language a text is in, and which embedding models know it.

`telling` tells the language from the text itself, `function_words` is what it goes by in Latin script, `names` says
languages to a person, `embeddings` knows what the vectors of a model were made for. Nothing here reads a file or loads
a library: verdicts rest on it, and have to come out the same tomorrow.
"""

from __future__ import annotations

from showcase.languages.embeddings import Knowledge, knowledge_of, unknown_to
from showcase.languages.names import listed, name_of
from showcase.languages.sentences import made_for, texts_in
from showcase.languages.telling import Told, tell, tell_of

__all__ = [
    "Knowledge",
    "Told",
    "knowledge_of",
    "listed",
    "made_for",
    "name_of",
    "tell",
    "tell_of",
    "texts_in",
    "unknown_to",
]
