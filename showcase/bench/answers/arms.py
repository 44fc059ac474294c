"""Where the facts come from that a reply is to be made of: light, so that `--help` can name it."""

from __future__ import annotations

from typing import Literal

Arm = Literal["given", "recalled", "extracted"]
ARMS: dict[Arm, str] = {
    "given": "all facts of the person stand in the prompt, laid out as the set has it",
    "recalled": "the facts lie in a store of mem0 as they were said, and the product's own search and prompt ask",
    "extracted": "likewise, of memories that the chat model extracted from the facts",
}

PEOPLE = 6
"""Of the set."""

QUICK_PEOPLE = 2
