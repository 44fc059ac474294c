"""What something new contradicts: found, proposed, and changed only where that was agreed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from talking import say

from showcase.bench import threshold
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


def test_the_threshold_is_the_one_with_the_most_of_both_shares() -> None:
    apart = threshold.Cosines(known=(0.6, 0.7, 0.8), unknown=(0.1, 0.2, 0.55))
    assert threshold.choose(apart) == 0.56
    assert apart.found(0.56).hits == 3
    assert apart.refused(0.56).hits == 3
    mixed = threshold.Cosines(known=(0.2, 0.7, 0.8), unknown=(0.1, 0.3, 0.4))
    assert threshold.choose(mixed) == 0.41
    blind = threshold.Cosines(known=(0.5,) * 4, unknown=(0.5,) * 4)
    worth = blind.found(threshold.choose(blind)).hits + blind.refused(threshold.choose(blind)).hits
    assert worth == 4, "vectors that tell nothing apart are worth a coin"


def test_a_threshold_is_measured_on_sets_that_are_apart() -> None:
    """Vectors by which each question lies on its own answer, and on nothing else."""
    seen: list[str] = []

    def by_letters(text: str) -> list[float]:
        seen.append(text)
        counts = [text.casefold().count(chr(code)) for code in range(97, 123)]
        length = sum(count * count for count in counts) ** 0.5 or 1.0
        return [count / length for count in counts]

    measured = threshold.measure("letters", by_letters, on_progress=lambda *_: None)
    assert measured.chosen_found.of > measured.found.of >= 40
    assert 0 <= measured.found.low <= measured.found.hits / measured.found.of <= measured.found.high <= 1
    assert len(seen) == len(set(seen)), "each text is embedded once"
