"""Whether somebody only asks: what was asked is no fact about who asked."""

from __future__ import annotations

import re

# After the mark there may be closing quotes and brackets; U+FF1F and U+061F are those of East Asia and of Arabic.
_SENTENCE = re.compile(r"[^.!?\uff1f\u061f\u3002]+[.!?\uff1f\u061f\u3002]*[\"')\]\u201d\u2019]*")
_MARKS = ("?", chr(0xFF1F), chr(0x061F))
_CLOSING = "\"')]\u201d\u2019 \t\r\n"


def only_asks(text: str) -> bool:
    """Tell whether each sentence of a text ends in a question mark. A text without one tells something."""
    sentences = [part for part in (each.strip() for each in _SENTENCE.findall(text)) if any(map(str.isalnum, part))]
    return bool(sentences) and all(part.rstrip(_CLOSING).endswith(_MARKS) for part in sentences)
