"""Plays a turn; a name that no other directory has, for tests of several may run at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.conversation.conversation import Conversation
    from showcase.conversation.turn import Turn


def say(conversation: Conversation, words: str) -> Turn:
    """Play a turn."""
    return conversation.play(conversation.prepare(words), lambda _: None)
