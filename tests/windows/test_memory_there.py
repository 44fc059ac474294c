"""A memory of every day on Windows: a chat by lines, its store converted, asked and looked into by other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import There

pytestmark = pytest.mark.windows

LINES = "My dog is called Knut.\nI live in Oslo.\n/incognito\nI like tea.\n/incognito\n/forget all\n/quit\n"


def test_what_a_chat_was_told_is_there_for_other_processes_in_another_layout(windows: There) -> None:
    store = ("--store", str(windows.there / "memories"))
    alice = (*store, "--user-id", "alice")
    chat = windows.run("-m", "showcase", "chat", *alice, "--engine", "rehearsal", said=LINES)
    assert chat.returncode == 0, chat.stdout + chat.stderr
    assert chat.stdout.count("ADD ") == 2
    assert "Store unchanged" in chat.stdout
    assert "Nothing was forgotten." in chat.stdout
    moved = windows.run("-m", "showcase", "memories", "move", *store, "--layout", "per-user")
    assert moved.returncode == 0, moved.stdout + moved.stderr
    asked = windows.run("-m", "showcase", "ask", *alice, "--no-save", "What is my dog called?")
    assert asked.stdout.strip() == "You told me: Your dog is called Knut.", asked.stderr
    listed = windows.run("-m", "showcase", "memories", "list", *alice)
    assert "Knut" in listed.stdout
    assert "tea" not in listed.stdout
    inspected = windows.run("-m", "showcase", "inspect", str(windows.there / "memories"))
    assert "2 rows of 1 user" in inspected.stdout, inspected.stdout + inspected.stderr
