"""The three panels: what was told, what came of it, and what the second user got."""

from __future__ import annotations

import re
from dataclasses import replace

from hostile import hostile_run
from reading import panel
from run_builder import attempt, whole_run
from session_builder import ALICE, BOB, recalls, reply, rows, session
from test_report_audit import COMMAND, audit

from showcase.evidence import Run, User
from showcase.report import redact, render
from showcase.report.panels import COLOURS, colour


def changed(number: int, **changes: object) -> Run:
    sessions = [replace(it, **changes) if it.number == number else it for it in whole_run().sessions]  # type: ignore[arg-type]
    return whole_run(sessions=tuple(sessions))


def first_screen(page: str) -> str:
    return page[page.index("<header") : page.index('id="claims"')]


def test_a_memory_has_its_number_and_colour_where_it_was_told_recalled_and_used() -> None:
    second = replace(whole_run().sessions[1], reply=reply("Try Trattoria Lina, the Italian place by the river."))
    page = render(whole_run(sessions=(whole_run().sessions[0], second, whole_run().sessions[2])))
    told, asked = panel(page, "panel-told"), panel(page, "panel-asked")
    assert f'<li class="{colour(2)}"><span class="chip {colour(2)}">2</span>' in told.markup
    assert f'<span class="chip {colour(2)}">2</span>' in asked.markup
    mark = f'<mark class="{colour(2)}">Trattoria Lina, the Italian place by the river<sup>2</sup></mark>'
    assert mark in asked.markup
    assert "Recalled 1 0.71 2 0.58 3 0.45 4 0.31" in asked.text


def test_panels_hold_question_and_answer_of_both() -> None:
    page = render(whole_run())
    assert "any ideas for somewhere to eat tonight?" in panel(page, "panel-asked").text
    assert "the same question" in panel(page, "panel-other").text
    assert "love very hot curries" in panel(page, "panel-other").text
    other = render(changed(3, question="where to?"))
    assert "where to?" in panel(other, "panel-other").text


def test_the_answer_without_memory_is_that_of_the_control() -> None:
    assert (
        "Without memory, the same question was not asked in this run." in panel(render(whole_run()), "panel-asked").text
    )
    empty, reader = whole_run().controls
    empty = replace(empty, reply=reply("I know nothing about you."))
    said = panel(render(whole_run(controls=(empty, reader))), "panel-asked").text
    assert "Without memory, the same question I know nothing about you." in said
    other = replace(empty, question="what is the time?")
    assert "I know nothing" not in panel(render(whole_run(controls=(other, reader))), "panel-asked").text


def test_what_is_missing_is_said() -> None:
    page = render(whole_run(sessions=(), controls=()))
    for title in ("panel-told", "panel-asked", "panel-other"):
        assert panel(page, title).text.count("This session did not run.") == 1
        assert "Nothing was" not in panel(page, title).text
    for number, title in ((1, "panel-told"), (2, "panel-asked"), (3, "panel-other")):
        silent = changed(number, planted=(), question=None, recalled=None, reply=None)
        said = panel(render(silent), title).text
        words = ("stored",) if number == 1 else ("asked", "searched", "answered")
        assert [word for word in words if f"Nothing was {word}." not in said] == []
        assert "did not run" not in said
    first = whole_run(sessions=whole_run().sessions[:1], controls=())
    assert "did not run" not in panel(render(first), "panel-told").text
    assert "This session did not run." in panel(render(first), "panel-asked").text
    assert "Recalled nothing" in panel(render(changed(2, recalled=())), "panel-asked").text
    cut = replace(reply("You"), done_reason=None, reply_tokens=None)
    assert "cut off" in panel(render(changed(2, reply=cut)), "panel-asked").text


def test_a_leak_is_framed_named_and_has_the_colours_of_the_first_user() -> None:
    page = render(changed(3, recalled=recalls(rows(BOB) + rows(ALICE)[:1]), reply=reply(f"Hm: {ALICE.memories[0]}")))
    other = panel(page, "panel-other")
    assert "Recalled, and not Bob's 1 0.58" in other.text
    assert f'<mark class="{colour(1)}">' in other.markup
    assert "not Bob" not in panel(render(whole_run()), "panel-other").text


def test_a_memory_that_was_never_recalled_is_marked_in_the_reply_that_tells_it() -> None:
    other = panel(render(changed(3, reply=reply(f"Hm: {ALICE.memories[2]}"))), "panel-other")
    assert f'<mark class="{colour(3)}">' in other.markup


def test_a_row_that_nobody_planted_is_named() -> None:
    stranger = recalls(rows(User(id="carol", memories=("I sing.",), question="?")))
    assert "Recalled, and not Alice's ? I sing." in panel(render(changed(2, recalled=stranger)), "panel-asked").text


def test_of_many_memories_those_that_came_back_are_shown() -> None:
    many = User(id="alice", memories=tuple(f"I know fact {n} of them." for n in range(50)), question=ALICE.question)
    first = session(1, "plant", many, 0.2, recalled=None, reply=None, messages=(), question=None)
    second = session(2, "recall", many, 3.1, recalled=recalls(rows(many)[40:43]))
    told = panel(render(whole_run(sessions=(first, second, whole_run().sessions[2]))), "panel-told")
    assert [int(it) for it in re.findall(r'class="chip m\d">(\d+)<', told.markup)] == [1, 2, 3, 41, 42, 43]
    assert "and 44 more" in told.text


def test_colours_repeat_and_numbers_do_not() -> None:
    assert colour(1) == colour(1 + COLOURS)
    assert len({colour(number) for number in range(1, COLOURS + 1)}) == COLOURS


def test_a_long_answer_is_shown_by_its_beginning() -> None:
    said = panel(render(changed(2, reply=reply("word " * 2_000))), "panel-asked").text
    assert len(said) < 900
    assert "word…" in said


def test_panels_of_a_redacted_page_hold_pseudonyms_alone() -> None:
    page = first_screen(render(redact(whole_run()), redacted=True))
    said = ["alice", "Alice", "Bob", "peanuts", "Trattoria", "curries", "somewhere", "told me", "tonight"]
    assert [word for word in said if word in page] == []
    assert "memory-2" in page
    leak = render(redact(changed(3, reply=reply(f"Hm: {ALICE.memories[2]}"))), redacted=True)
    assert f'<mark class="{colour(3)}">memory-3<sup>3</sup></mark>' in panel(leak, "panel-other").markup


def test_panels_of_hostile_text_are_text() -> None:
    page = first_screen(render(hostile_run()))
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_an_audit_shows_whom_it_tried_to_reach_and_who_watched() -> None:
    page = render(audit(replace(COMMAND, sealing="none")))
    reached = panel(page, "panel-reached").text
    assert "us.i.posthog.com" in reached
    assert "By python3 after 1.8 s" in reached
    assert "1 other kind of attempt was allowed, or stayed on this machine" in reached
    assert page.index("print(") < page.index("panel-reached"), "the command stands right below the headline"
    many = replace(
        audit(), connections=tuple(attempt("command", n / 10, address=f"203.0.113.{n}", port=443) for n in range(20))
    )
    assert "14 more kinds of attempt" in panel(render(many), "panel-reached").text
    quiet = replace(audit(), connections=(), witnesses=())
    assert "as far as anybody looked" in panel(render(quiet), "panel-reached").text
    assert "Nobody whose silence counts." in panel(render(quiet), "panel-watched").text
