"""How a test talks: a turn after the other, on a store of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from showcase.conversation.conversation import Conversation

if TYPE_CHECKING:
    from showcase.conversation.conversation import Turn

Talk = Callable[..., AbstractContextManager[Conversation]]


def say(conversation: Conversation, words: str) -> Turn:
    """Play a turn."""
    return conversation.play(conversation.prepare(words), lambda _: None)
