"""Several logs on one page: what differs is marked, what cannot be read is counted."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hostile import TEXTS, hostile_run
from run_builder import PLAN, attempt, trial, whole_run
from session_builder import prompt

from showcase.evidence import EmptyAdd
from showcase.report import render, render_class, render_comparison

if TYPE_CHECKING:
    from showcase.evidence import Run


def leaking() -> Run:
    leak = attempt("session 2", 4.0, address="203.0.113.7", port=443)
    return whole_run(connections=(*whole_run().connections, leak))


def rows(page: str) -> dict[str, str]:
    """Return the rows of all tables by the text of their heading cell."""
    found = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", page, flags=re.DOTALL)
    return {re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", head))).strip(): cells for head, cells in found}


def test_equal_runs_do_not_differ() -> None:
    page = render_comparison([("one", whole_run()), ("two", whole_run())])
    assert "No verdict differs." in page
    assert 'class="tag differs"' not in page


def test_what_differs_is_marked() -> None:
    whole = whole_run()
    assert whole.engine is not None
    other = replace(leaking(), engine=replace(whole.engine, kind="ollama", version="0.24.0"), duration_s=40.0)
    found = rows(render_comparison([("one", whole), ("two", other)]))
    assert {name.removesuffix(" differs") for name in found if name.endswith(" differs")} == {
        "Whether anything left the machine",
        "Whether the libraries' telemetry was off",
        "Took",
        "Kind",
        "Version",
        "Attempts seen",
    }
    assert "no language model" in found["Kind differs"]


def test_memory_that_one_run_did_not_recall_is_said() -> None:
    whole = whole_run()
    second = whole.sessions[1]
    assert second.recalled is not None
    fewer = replace(whole, sessions=(whole.sessions[0], replace(second, recalled=second.recalled[:3])))
    page = render_comparison([("one", whole), ("two", fewer)])
    assert page.count("not recalled") == 1


def test_class_page_names_those_who_differ() -> None:
    page = render_class(
        [("anna", whole_run()), ("ben", whole_run()), ("cleo", leaking())], unreadable=[("dan", "no JSON")]
    )
    assert "<h1>1 of 4 logs holds a broken claim.</h1>" in page
    assert "1 could not be read. Every claim is upheld in 2 of 4. 1 log differs from the rest." in page
    differing = page[page.index("Where it differs") : page.index("Could not be read")]
    assert "cleo" in differing
    assert "anna" not in differing
    assert "dan" in page[page.index("Could not be read") :]


def test_line_above_the_headline_is_one_piece() -> None:
    """It is laid out as a row, in which a dot by itself stands in the middle of the screen."""
    page = render_class([("anna", whole_run())])
    assert re.search(
        r'<p class="kicker"><span>Memory[^/]*<span aria-hidden="true">·</span> a classroom</span></p>', page
    )


def test_class_page_points_at_an_edited_verdict() -> None:
    edited = replace(leaking(), claims=whole_run().claims)
    level_of_egress = next(verdict.level for verdict in edited.claims if verdict.id == "egress")
    page = render_class([("anna", whole_run()), ("ben", edited)])
    differing = page[page.index("Where it differs") :]
    assert f"is stored as upheld ({level_of_egress}); the log gives broken" in differing


def undecided() -> Run:
    return whole_run(witnesses=())


def edited() -> Run:
    return replace(leaking(), claims=whole_run().claims)


def without_what_is_broken() -> Run:
    run = leaking()
    return replace(run, claims=tuple(verdict for verdict in run.claims if verdict.status == "upheld"))


def never_judged() -> Run:
    return whole_run(claims=())


@pytest.mark.parametrize(
    ("logs", "unreadable", "status", "sentence", "detail"),
    [
        (["whole"], 0, "upheld", "1 log: every claim is upheld in it.", "No log differs from the rest."),
        (["whole", "whole"], 0, "upheld", "2 logs: every claim is upheld in all of them.", ""),
        (["whole", "whole"], 1, "inconclusive", "1 of 3 logs could not be read.", "Every claim is upheld in 2 of 3."),
        (["whole", "undecided"], 0, "inconclusive", "1 of 2 logs leaves a claim undecided.", "upheld in 1 of 2."),
        (["undecided"], 2, "inconclusive", "1 of 3 logs leaves a claim undecided.", "2 could not be read."),
        (["never judged"], 0, "inconclusive", "1 of 1 log leaves a claim undecided.", "Every claim is upheld in none."),
        (["whole", "leaking"], 0, "broken", "1 of 2 logs holds a broken claim.", "upheld in 1 of 2."),
        (["leaking", "leaking"], 0, "broken", "2 of 2 logs hold a broken claim.", "Every claim is upheld in none."),
        (
            ["leaking", "undecided", "whole"],
            1,
            "broken",
            "1 of 4 logs holds a broken claim.",
            "1 leaves a claim undecid",
        ),
        (["whole", "edited"], 0, "broken", "1 of 2 logs holds a broken claim.", "1 does not give its own verdicts."),
        (["without"], 0, "broken", "1 of 1 log holds a broken claim.", "1 does not give its own verdicts."),
        ([], 1, "inconclusive", "No run log could be read.", "1 file could not be read."),
        ([], 0, "inconclusive", "No run log could be read.", "There was none."),
    ],
)
def test_headline_and_sign_of_a_class_say_the_same(
    logs: list[str], unreadable: int, status: str, sentence: str, detail: str
) -> None:
    runs = {
        "whole": whole_run,
        "undecided": undecided,
        "leaking": leaking,
        "edited": edited,
        "without": without_what_is_broken,
        "never judged": never_judged,
    }
    page = render_class(
        [(f"participant {n}", runs[name]()) for n, name in enumerate(logs)],
        unreadable=[(f"file {n}", "it is no JSON") for n in range(unreadable)],
    )
    first_screen = page[page.index('<div class="verdict') : page.index("</header>")]
    assert first_screen.startswith(f'<div class="verdict {status}"><svg class="sign {status}"')
    assert f"<h1>{sentence}</h1>" in first_screen
    assert detail in first_screen
    assert page.count("it is no JSON") == unreadable


def test_verdict_that_the_log_does_not_give_is_green_nowhere() -> None:
    found = rows(render_class([("anna", whole_run()), ("ben", edited())]))
    assert found["anna"].count("sign upheld") == 7
    assert found["ben its verdicts do not follow from it"].count("not what the log gives") == 2
    compared = render_comparison([("anna", whole_run()), ("ben", edited())])
    cards = compared[compared.index('<ul class="cards runs">') : compared.index("</header>")]
    assert re.findall(r'<li class="card (\w+)">', cards) == ["upheld", "broken"]
    assert "is stored as upheld" in cards
    assert "not what the log gives" in rows(compared)["Whether anything left the machine differs"].partition("</td>")[2]


def test_missing_verdict_is_no_upheld_one() -> None:
    page = render(without_what_is_broken())
    first_screen = page[: page.index('id="claims"')]
    assert '<div class="verdict broken">' in first_screen
    assert "is stored as no verdict; the log gives broken" in first_screen


def test_hostile_logs_are_text_here_too() -> None:
    for page in (
        render_comparison([(TEXTS[0], hostile_run()), (TEXTS[1], whole_run())]),
        render_class([(TEXTS[0], hostile_run()), (TEXTS[1], whole_run())], unreadable=[(TEXTS[1], TEXTS[0])]),
    ):
        assert page.count("<script>") == 1
        assert page.count("</script>") == 1
        assert "<img" not in page
        assert "\u202e" not in page


def test_what_became_of_prompts_adds_and_leaks_is_compared() -> None:
    whole = whole_run()
    first = replace(
        whole.sessions[0],
        prompts=(prompt(purpose="add", outcome="cut"),),
        empty_adds=(EmptyAdd(text="x", cause="prompt cut", detail=""),),
    )
    other = whole_run(
        sessions=(first, *whole.sessions[1:]),
        drill=(trial("udp", hook="missed", worse=("hook",)),),
        engine=replace(whole.engine, plan=PLAN),  # type: ignore[type-var]
    )
    found = rows(render_comparison([("one", whole), ("two", other)]))
    for name, left, right in (
        ("Prompts differs", "2 whole", "1 cut, 2 whole"),
        ("Adds that stored nothing differs", "none in the log", "1 prompt cut"),
        ("What the plan chose differs", "not recorded", "memory-chat"),
        ("Planted leaks differs", "caught or prevented each.", "Worse than documented: hook on udp."),
    ):
        assert left in found[name].partition("</td>")[0]
        assert right in found[name].partition("</td>")[2]
