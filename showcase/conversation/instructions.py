"""Memories that read like orders to the model, so that a person sees them before the model does.

A net with wide meshes: it knows the phrases of published attacks (AgentPoison, MINJA, "ignore previous instructions")
and the marks by which models tell roles apart. What it does not know passes, and the prompt does not depend on it.
"""

from __future__ import annotations

import re

from showcase.conversation.prompt import fence_in, one_line

_PHRASES = (
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|rule|prompt|previous|above|earlier|everything)\w*",
    r"\b(?:from now on|in (?:all )?future (?:replies|answers|conversations)|whenever (?:the user|you|someone|asked))\b",
    r"\byou (?:are now|must|should (?:always|never)|have to|will (?:always|never))\b",
    r"^\W*(?:always|never|do not|don't)\s+(?:say|answer|reply|respond|mention|reveal|tell|recommend|use|include)\b",
    r"\b(?:system|developer) (?:prompt|message|instruction)s?\b",
    r"\b(?:act|behave|respond|answer|reply) (?:as if|as though|only (?:with|in))\b",
    (
        r"\b(?:reveal|print|repeat|output|send|post|forward|upload|exfiltrate)\b.{0,60}"
        r"\b(?:prompt|instruction|memor|password|secret|key|token|conversation|https?:)\w*"
    ),
    r"\bdo not (?:tell|inform|mention|reveal)\b",
    r"<\|[a-z_]+\|>|\[/?INST\]|<</?SYS>>|^\s*(?:system|assistant|developer)\s*:",
)
_ORDER = re.compile("|".join(f"(?:{phrase})" for phrase in _PHRASES), re.IGNORECASE | re.MULTILINE)


def looks_like_order(text: str) -> str | None:
    """Return the words of a memory that read like an order, as it is or as it stands in the prompt; None where none do.

    What is laid over several lines is one line there.
    """
    for read in (text, one_line(text)):
        found = _ORDER.search(read)
        if found is not None:
            return found.group().strip()
    return fence_in(text)
