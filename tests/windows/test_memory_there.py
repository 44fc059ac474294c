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


def test_what_is_forgotten_is_in_no_file_and_other_processes_say_so(windows: There) -> None:
    """A lock goes there with its holder, a file that is open cannot be renamed, and blocks are counted by nobody."""
    store = ("--store", str(windows.there / "forgetful"))
    added = windows.run(
        "-m", "showcase", "memories", "add", *store, "--user-id", "alice", "--engine", "rehearsal",
        "My dentist is Doctor Quillfeather.",
    )  # fmt: skip
    assert added.returncode == 0, added.stdout + added.stderr
    forgot = windows.run("-m", "showcase", "memories", "forget", *store, "--user-id", "alice", "--all", "--yes")
    assert forgot.returncode == 0, forgot.stdout + forgot.stderr
    assert "erasure upheld" in forgot.stdout
    left = windows.run(
        "-m", "showcase", "inspect", str(windows.there / "forgetful"), "--residue", "-",
        said="My dentist is Doctor Quillfeather.",
    )  # fmt: skip
    assert left.returncode == 0, left.stdout + left.stderr
    out = str(windows.there / "forgotten")
    ran = windows.run("-m", "showcase", "run", "--engine", "rehearsal", "--forget", "--no-drill", "--out", out)
    assert ran.returncode == 0, ran.stdout + ran.stderr
