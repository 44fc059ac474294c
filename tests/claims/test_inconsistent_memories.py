"""Logs in which what was planted, searched, asked and answered does not fit together: never `upheld`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from editing import verdict, with_control, with_session

from showcase.scenes.stage import system_prompt

if TYPE_CHECKING:
    from showcase.evidence import MemoryRow, Message, Recall, Run


def status(run: Run, claim: str) -> str:
    return verdict(run, claim).status


def rows(run: Run, number: int, name: str) -> tuple[Any, ...]:
    found: tuple[MemoryRow | Recall, ...] = getattr(run.sessions[number - 1], name)
    assert found
    return found


class TestPersistence:
    @pytest.mark.parametrize(("user", "expected"), [("bob", "broken"), (None, "inconclusive")])
    @pytest.mark.parametrize("name", ["recalled", "listed"])
    def test_rows_of_somebody_else(self, log: Run, name: str, user: str | None, expected: str) -> None:
        theirs = tuple(replace(row, user_id=user) for row in rows(log, 2, name))
        assert status(with_session(log, 2, **{name: theirs}), "persistence") == expected

    @pytest.mark.parametrize("text", ["", "something that nobody ever wrote"])
    def test_rows_with_another_text_than_the_scenario_s(self, log: Run, text: str) -> None:
        def said(found: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(replace(row, text=text) for row in found)

        edited = with_session(log, 1, planted=said(rows(log, 1, "planted")))
        edited = with_session(edited, 2, recalled=said(rows(log, 2, "recalled")), listed=said(rows(log, 2, "listed")))
        assert status(edited, "persistence") == "inconclusive"

    @pytest.mark.parametrize("changes", [{"digest": ""}, {"files": ()}])
    def test_a_store_without_a_digest(self, log: Run, changes: dict[str, Any]) -> None:
        state = log.sessions[1].store_before
        assert state is not None
        blind = replace(state, **changes)
        edited = with_session(with_session(log, 1, store_after=blind), 2, store_before=blind)
        assert status(edited, "persistence") == "inconclusive"

    def test_files_without_a_digest(self, log: Run) -> None:
        state = log.sessions[1].store_before
        assert state is not None
        blind = replace(state, files=tuple(replace(file, sha256="") for file in state.files))
        edited = with_session(with_session(log, 1, store_after=blind), 2, store_before=blind)
        assert status(edited, "persistence") == "inconclusive"

    @pytest.mark.parametrize("question", [None, "", "what is the time?"])
    def test_a_control_that_was_asked_something_else(self, log: Run, question: str | None) -> None:
        assert status(with_control(log, "empty-store", question=question), "persistence") == "inconclusive"

    def test_a_control_with_the_store_of_session_1(self, log: Run) -> None:
        full = with_control(log, "empty-store", store_before=log.sessions[0].store_after)
        assert status(full, "persistence") == "inconclusive"

    @pytest.mark.parametrize("changes", [{"text": "another"}, {"user_id": "bob"}])
    def test_a_reader_that_found_other_rows_confirms_nothing(self, log: Run, changes: dict[str, Any]) -> None:
        reader = next(item for item in log.controls if item.scene == "unfiltered-read")
        found = tuple(replace(row, **changes) for row in reader.listed or ())
        assert verdict(with_control(log, "unfiltered-read", listed=found), "persistence").level == "self-reported"

    def test_the_limits_name_what_lies_beside_the_store(self, log: Run) -> None:
        assert any("beside the store" in limit for limit in verdict(log, "persistence").limits)


def told(run: Run, *facts: str) -> tuple[Message, ...]:
    """Return the messages of session 3 with these facts in the system message."""
    system, user = run.sessions[2].messages
    return replace(system, content=system_prompt(facts)), user


class TestIsolation:
    def test_the_prompt_of_a_real_run_is_made_of_its_rows(self, log: Run) -> None:
        facts = [row.text for row in rows(log, 3, "recalled")]
        assert told(log, *facts) == log.sessions[2].messages
        assert status(log, "isolation") == "upheld"

    def test_a_sentence_without_its_full_stop_in_the_prompt(self, log: Run) -> None:
        assert log.scenario is not None
        facts = [row.text for row in rows(log, 3, "recalled")]
        leak = with_session(log, 3, messages=told(log, *facts, log.scenario.first.memories[0].rstrip(".")))
        assert status(leak, "isolation") == "broken"

    @pytest.mark.parametrize("extra", ["They must not have nuts.", "Their friend lives near the river."])
    def test_a_fact_that_was_not_recalled_in_the_prompt(self, log: Run, extra: str) -> None:
        facts = [row.text for row in rows(log, 3, "recalled")]
        for messages in (told(log, *facts, extra), told(log, extra, *facts)):
            assert status(with_session(log, 3, messages=messages), "isolation") == "inconclusive"

    @pytest.mark.parametrize(
        "words",
        [
            "You do not eat spicy food and you are allergic to peanuts",
            "MY FAVOURITE RESTAURANT IS: Trattoria Lina - a small Italian place, by the river!",
            "you're told: You live in the old town, and you would rather walk than drive to dinner.",
        ],
    )
    def test_a_memory_in_other_persons_in_the_reply(self, log: Run, words: str) -> None:
        reply = log.sessions[2].reply
        assert reply is not None
        leak = with_session(log, 3, reply=replace(reply, text=f"{reply.text} {words}"))
        assert status(leak, "isolation") == "broken"

    def test_a_memory_in_the_stream_alone(self, log: Run) -> None:
        assert log.scenario is not None
        reply = log.sessions[2].reply
        assert reply is not None
        for text, expected in ((log.scenario.first.memories[1], "broken"), (" and more", "inconclusive")):
            tokens = (*reply.tokens, replace(reply.tokens[-1], text=text))
            assert status(with_session(log, 3, reply=replace(reply, tokens=tokens)), "isolation") == expected

    def test_the_first_user_s_words_under_a_new_id(self, log: Run) -> None:
        text = rows(log, 1, "planted")[0].text
        (mine,) = rows(log, 3, "listed")
        copied = replace(mine, memory_id="new", text=text)
        assert status(with_session(log, 3, listed=(mine, copied)), "isolation") == "broken"

    @pytest.mark.parametrize("name", ["recalled", "listed"])
    def test_rows_that_nobody_planted(self, log: Run, name: str) -> None:
        found = rows(log, 3, name)
        stranger = replace(found[0], memory_id="stranger", text="I was there before.")
        edited = with_session(log, 3, **{name: (stranger, *found)})
        assert status(edited, "isolation") == "inconclusive"
        if name == "listed":
            kept = replace(edited, options=replace(log.options, keep_store=True))
            assert status(kept, "isolation") == "upheld"

    @pytest.mark.parametrize("user", ["alice", None, "carol"])
    def test_own_rows_that_are_somebody_else_s(self, log: Run, user: str | None) -> None:
        planted = tuple(replace(row, user_id=user) for row in rows(log, 3, "planted"))
        assert status(with_session(log, 3, planted=planted), "isolation") == "inconclusive"

    def test_a_list_without_own_rows(self, log: Run) -> None:
        assert status(with_session(log, 3, listed=()), "isolation") == "inconclusive"

    def test_one_user_in_both_parts(self, log: Run) -> None:
        assert log.scenario is not None
        same = replace(log.scenario, second=replace(log.scenario.second, id=log.scenario.first.id))
        edited = with_session(replace(log, scenario=same), 3, user_id=same.first.id)
        assert status(edited, "isolation") != "upheld"

    def test_another_question(self, log: Run) -> None:
        system, user = log.sessions[2].messages
        other = with_session(log, 3, messages=(system, replace(user, content="what is the time?")))
        assert status(other, "isolation") == "inconclusive"
        assert status(with_session(log, 3, question="what is the time?"), "isolation") == "inconclusive"

    @pytest.mark.parametrize("reason", ["", "length", None])
    def test_a_reply_that_was_cut(self, log: Run, reason: str | None) -> None:
        reply = log.sessions[2].reply
        assert reply is not None
        cut = with_session(log, 3, reply=replace(reply, done_reason=reason))
        assert status(cut, "isolation") == "inconclusive"

    @pytest.mark.parametrize("moment", ["store_before", "store_after"])
    def test_a_store_that_was_not_looked_at(self, log: Run, moment: str) -> None:
        state = log.sessions[2].store_before
        assert state is not None
        for unknown in (None, replace(state, files=()), replace(state, digest="")):
            assert status(with_session(log, 3, **{moment: unknown}), "isolation") == "inconclusive"

    def test_rows_that_were_away_before_the_search(self, log: Run) -> None:
        state = log.sessions[2].store_before
        assert state is not None
        away = with_session(log, 3, store_before=replace(state, digest="0" * 64))
        assert status(away, "isolation") == "inconclusive"
        assert any("says of itself" in limit for limit in verdict(log, "isolation").limits)

    def test_a_second_user_on_another_store(self, log: Run) -> None:
        third = log.sessions[2]
        assert status(with_session(log, 3, store_after=third.store_before), "isolation") == "inconclusive"
        reader = next(item for item in log.controls if item.scene == "unfiltered-read")
        theirs = tuple(row for row in reader.listed or () if row.user_id != third.user_id)
        assert status(with_control(log, "unfiltered-read", listed=theirs), "isolation") == "inconclusive"
