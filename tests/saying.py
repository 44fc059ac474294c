"""What processes say, for tests that hear them."""

from __future__ import annotations

from showcase.evidence import Recall, Reply


def recall(text: str, *, cosine: float, user_id: str = "u") -> Recall:
    """Return a recalled row."""
    distance = 2 - 2 * cosine
    return Recall(
        memory_id=text, text=text, user_id=user_id, score=1 / (1 + distance), distance=distance, cosine=cosine
    )


def reply(text: str) -> Reply:
    """Return a reply of which the server says nothing else."""
    return Reply(
        text=text,
        tokens=(),
        done_reason="stop",
        prompt_tokens=None,
        reply_tokens=None,
        total_s=None,
        load_s=None,
        prompt_s=None,
        reply_s=None,
    )
