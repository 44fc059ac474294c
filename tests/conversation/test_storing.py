"""What is stored of a turn, all of it or none: faults, Ctrl-C, and what is taken back."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from talking import say

from showcase.conversation.turn import NotStoredError
from showcase.conversation.uninterrupted import uninterrupted
from showcase.errors import StoreError
from showcase.memory.stored import RECALLED

if TYPE_CHECKING:
    from conftest import Talk

    from showcase.memory.backends.interface import Backend


def texts(memory: Backend, user_id: str = "alice") -> list[str]:
    return [row.text for row in memory.rows.rows(user_id)]


def test_a_turn_that_cannot_be_stored_keeps_its_reply(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full", hint="df -h")

    with talk() as conversation:
        monkeypatch.setattr(conversation.backend, "add", full)
        with pytest.raises(NotStoredError) as raised:
            say(conversation, "I live in Oslo.")
        assert raised.value.turn.reply.text.startswith("Noted")
        assert (raised.value.turn.saved, raised.value.turn.changes) == (False, ())
        assert (raised.value.hint, raised.value.exit_code) == ("df -h", 4)
        assert "the disk is full" in raised.value.message


def test_rows_that_were_stored_before_it_failed_are_told_and_can_be_taken_back(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    with talk() as conversation:
        with monkeypatch.context() as patched:
            patched.setattr(conversation.backend.rows, "note", full)
            with pytest.raises(NotStoredError) as raised:
                say(conversation, "I live in Oslo.")
        assert [change.event for change in raised.value.turn.changes] == ["ADD"]
        conversation.undo(raised.value.turn)
        assert texts(conversation.backend) == []


def test_a_ctrl_c_while_a_turn_is_stored_cuts_nothing_in_half(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    with talk() as conversation:
        note = conversation.backend.rows.note

        def pressed(*given: object) -> None:
            signal.raise_signal(signal.SIGINT)
            note(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(conversation.backend.rows, "note", pressed)
        assert say(conversation, "I live in Oslo.").saved
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_is_heard_at_once() -> None:
    with uninterrupted():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_what_is_taken_back_was_in_no_prompt(talk: Talk) -> None:
    with talk() as conversation:
        say(conversation, "I live in Oslo.")
        say(conversation, "Where do I live?")
        before = {row.memory_id: (row.recalled, row.recalled_at) for row in conversation.backend.rows.rows("alice")}
        turn = say(conversation, "Where do I live, again?")
        conversation.undo(turn)
        after = {row.memory_id: (row.recalled, row.recalled_at) for row in conversation.backend.rows.rows("alice")}
        assert after == before
        assert [count for count, _ in before.values()] == [1, 0], RECALLED


def test_what_somebody_else_changed_meanwhile_is_not_taken_back(talk: Talk) -> None:
    with talk() as conversation:
        turn = say(conversation, "I live in Oslo.")
        conversation.backend.update("alice", turn.changes[0].memory_id, "I live in Rome.")
        assert conversation.undo(turn) == ()
        assert texts(conversation.backend) == ["I live in Rome."]


def test_words_whose_row_was_given_others_are_stored_again(talk: Talk) -> None:
    """A row keeps its id, which is the hash of its first words."""
    with talk() as conversation:
        first = say(conversation, "I live in Oslo.")
        conversation.backend.update("alice", first.changes[0].memory_id, "I live in Rome.")
        assert [change.event for change in say(conversation, "I live in Rome.").changes] == ["NONE"]
        assert [change.event for change in say(conversation, "I live in Oslo.").changes] == ["ADD"]
        assert sorted(texts(conversation.backend)) == ["I live in Oslo.", "I live in Rome."]


def test_turns_that_are_gone_on_with_apart_do_not_come_back(talk: Talk) -> None:
    with talk() as conversation:
        say(conversation, "I live in Oslo.")
        before = conversation.recent
        conversation.recent = before.copy()
        say(conversation, "I play the cello.")
        assert len(conversation.recent.messages()) == 4
        assert len(before.messages()) == 2
