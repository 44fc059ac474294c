"""What something new contradicts: found, proposed, and changed only where that was agreed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from talking import say

from showcase.conversation import resolve

if TYPE_CHECKING:
    from talking import Talk


def test_a_move_is_proposed_as_an_update_and_applied_on_a_yes(talk: Talk) -> None:
    with talk() as conversation:
        backend = conversation.backend
        say(conversation, "I live in Bergen.")
        say(conversation, "I play the cello.")
        turn = say(conversation, "I moved to Oslo.")
        [proposal] = resolve.proposals(backend, conversation.server, "alice", turn.changes)
        assert (proposal.action, proposal.row.text, proposal.new_text) == (
            "UPDATE",
            "I live in Bergen.",
            "I moved to Oslo.",
        )
        assert proposal.found_by == "words"
        before = {row.text for row in backend.rows.rows("alice")}
        assert before == {"I live in Bergen.", "I play the cello.", "I moved to Oslo."}, "nothing happens by itself"

        changes = resolve.apply(backend, "alice", proposal)
        assert [(change.event, change.by) for change in changes] == [("UPDATE", "showcase"), ("DELETE", "showcase")]
        after = {row.memory_id: row.text for row in backend.rows.rows("alice")}
        assert sorted(after.values()) == ["I moved to Oslo.", "I play the cello."]
        assert after[proposal.row.memory_id] == "I moved to Oslo.", "the old id goes on"


def test_nothing_is_proposed_where_nothing_is_contradicted(talk: Talk) -> None:
    with talk() as conversation:
        say(conversation, "I live in Bergen.")
        turn = say(conversation, "I play the cello.")
        assert resolve.proposals(conversation.backend, conversation.server, "alice", turn.changes) == ()


def test_rows_of_others_are_no_part_of_it(talk: Talk) -> None:
    with talk("bob") as bob:
        say(bob, "I live in Bergen.")
    with talk() as conversation:
        turn = say(conversation, "I moved to Oslo.")
        assert resolve.proposals(conversation.backend, conversation.server, "alice", turn.changes) == ()
