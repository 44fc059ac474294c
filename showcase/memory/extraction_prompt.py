"""mem0's extraction prompt as mem0 2.2 sends it, rendered without asking a model.

Built from mem0's own pieces, in the order of `Memory._add_to_vector_store`, so that its size can be told
before the first `add`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.evidence import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

EXISTING_MEMORIES = 10
"""mem0 shows the model this many memories that are near to what is added."""

LAST_MESSAGES = 10
"""And this many messages of the same user."""

JSON_REMINDER = "\n\nPlease respond with valid JSON only."
"""What mem0's Ollama client adds to a request for JSON."""


def extraction_messages(
    new: Sequence[Message], *, existing: Sequence[str] = (), last: Sequence[Message] = ()
) -> tuple[Message, ...]:
    """Return the messages that mem0 would send to extract memories from `new`.

    For the largest prompt that can come, give the longest memories and messages of the store; only the first
    ten of each count.

    Args:
        new: What would be added.
        existing: Memories of the same user that are near to it.
        last: Messages of the same user that mem0 remembers.
    """
    from mem0.configs.prompts import (  # noqa: PLC0415 - heavy, and reads its telemetry switch at import
        ADDITIVE_EXTRACTION_PROMPT,
        generate_additive_extraction_prompt,
    )
    from mem0.memory.utils import parse_messages  # noqa: PLC0415 - likewise

    user: str = generate_additive_extraction_prompt(
        existing_memories=[
            {"id": str(number), "text": text} for number, text in enumerate(existing[:EXISTING_MEMORIES])
        ],
        new_messages=parse_messages(_plain(new)),
        last_k_messages=_plain(last[:LAST_MESSAGES]),
    )
    return (
        Message(role="system", content=ADDITIVE_EXTRACTION_PROMPT),
        Message(role="user", content=user + JSON_REMINDER),
    )


def _plain(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [{"role": message.role, "content": message.content} for message in messages]
