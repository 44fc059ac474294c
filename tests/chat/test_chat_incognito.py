"""Turns that write nothing: every byte of the store is as it was, and who cannot be told is not accused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from chatting import Talking, chat, digest, files_with, listed

if TYPE_CHECKING:
    from pathlib import Path

OSLO = "I live in Oslo and I do not eat fish."
HIDDEN = "I am planning a surprise in Valparaiso."


@pytest.mark.parametrize("backend", ["mem0", "chroma"])
@pytest.mark.parametrize("layout", ["shared", "per-user"])
def test_not_a_byte_changes(store: Path, server: str, backend: str, layout: str) -> None:
    with Talking(store, server, "--backend", backend, "--layout", layout) as talking:
        talking.say(OSLO)
        begun = talking.say("/incognito")
        before = digest(store)
        turn = talking.say(HIDDEN) + talking.say("where do I live?") + talking.say("/user bob") + talking.say("Hello.")
        assert digest(store) == before
        whole = re.search(r"Store now: sha256 ([0-9a-f]{64})", begun)
        assert whole is not None
        assert turn.count(f"Store unchanged: sha256 {whole[1][:16]}…") == 3
        assert "You told me: You live in Oslo" in turn, "memory is searched all the same"
        ended = talking.say("/incognito")
        assert "Incognito is over. Store unchanged" in ended
        after = talking.say("what am I planning?") + talking.say("/why")
        assert "Valparaiso" not in after
    assert files_with(store, "Valparaiso") == []


def test_a_turn_that_was_not_incognito_changes_the_digest(store: Path, server: str) -> None:
    """The control: what is looked at does change when something is stored."""
    with Talking(store, server) as talking:
        first = talking.say("/incognito")
        talking.say("/incognito")
        talking.say(OSLO)
        second = talking.say("/incognito")
    digests = re.findall(r"Store now: sha256 ([0-9a-f]{64})", first + second)
    assert len(set(digests)) == 2


def test_a_write_of_somebody_else_is_seen_and_nobody_is_named_for_it(store: Path, server: str) -> None:
    with Talking(store, server) as talking:
        talking.say(OSLO)
        talking.say("/incognito")
        said = chat(store, server, "I play the cello.")
        assert said.returncode == 0
        ended = talking.say("/incognito")
        assert "The store CHANGED" in ended
        assert "(inconclusive)" in ended
        assert "unchanged" not in ended
        assert "mem0_chroma/chroma.sqlite3" in ended


def test_what_others_store_meanwhile_is_found(store: Path, server: str) -> None:
    with Talking(store, server) as talking:
        talking.say("/incognito")
        chat(store, server, OSLO)
        turn = talking.say("where do I live?")
        assert "the copy is taken anew" in turn
        assert "You told me: You live in Oslo" in turn
        assert "Store unchanged" in turn


def test_turns_of_incognito_are_left_out_of_what_is_saved_afterwards(store: Path, server: str, tmp_path: Path) -> None:
    lines = ("/incognito", HIDDEN, "/incognito", "/save talk.md", OSLO, "/save talk.md")
    done = chat(store, server, *lines, cwd=tmp_path)
    assert "Nothing was written: all that was said is incognito." in done.stdout
    assert "Turns of incognito are left out." in done.stdout
    [written] = tmp_path.glob("*.md")
    assert f"> {OSLO}" in written.read_text("utf-8")
    assert "Valparaiso" not in written.read_text("utf-8")


def test_nothing_is_taken_out_either_nor_written_down(store: Path, server: str, tmp_path: Path) -> None:
    lines = (OSLO, "/incognito", HIDDEN, "/memory", "/forget 1", "/undo", "/save talk.md")
    done = chat(store, server, *lines, cwd=tmp_path)
    assert done.stderr.count("incognito, nothing is written, and nothing is taken out either") == 2
    assert "Nothing was written." in done.stdout
    assert not list(tmp_path.glob("*.md"))
    assert listed(store, server) == [OSLO]
