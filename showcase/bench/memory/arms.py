"""What is compared, and how much of it there is at most: light, so that `--help` can name it."""

from __future__ import annotations

from typing import Literal

Arm = Literal["mem0-infer", "mem0", "chroma", "naive"]
ARMS: dict[Arm, str] = {
    "mem0-infer": "stock mem0, which has the chat model extract memories of every turn",
    "mem0": "stock mem0 without extraction: the user's words as they were said",
    "chroma": "Chroma alone: the user's words as they were said, a repeat once",
    "naive": "no memory: all that was said before stands in every prompt",
}

TURNS = 12
"""Of the conversation."""
