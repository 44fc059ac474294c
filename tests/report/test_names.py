"""Every user by the right name, whatever the ids are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hostile import hostile_run
from run_builder import whole_run
from session_builder import ALICE, BOB, recalls, rows, session
from test_plain_words import said, with_session

from showcase.evidence import Run, Scenario
from showcase.report import render


def named(first: str, second: str) -> Run:
    alice, bob = replace(ALICE, id=first), replace(BOB, id=second)
    whole = whole_run()
    return whole_run(
        scenario=Scenario(title="named", first=alice, second=bob),
        sessions=(
            session(1, "plant", alice, 0.2, recalled=None, reply=None, messages=(), question=None),
            session(2, "recall", alice, 3.1, store_before=whole.sessions[1].store_before),
            session(3, "second-user", bob, 6.0, store_before=whole.sessions[2].store_before,
                    store_after=whole.sessions[2].store_after),
        ),
        controls=(
            replace(whole.controls[0], user_id=first),
            replace(whole.controls[1], user_id=second, listed=rows(alice) + rows(bob)),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "begins", "holds"),
    [
        ("alice", "bob", "Alice told", "Bob saw none"),
        ("Zoe", "McCoy", "Zoe told", "“McCoy” saw none"),
        ("anna.k@example.org", "7", "“anna.k@example.org” told", "“7” saw none"),
        ("nobody", "everyone", "“nobody” told", "“everyone” saw none"),
        ("neither", "many", "“neither” told", "“many” saw none"),
        ("seven", "theirs", "“seven” told", "“theirs” saw none"),
        ("Nothing", "it", "“Nothing” told", "“it” saw none"),
        ("josé", "юля", "“josé” told", "“юля” saw none"),
        ("a" * 40 + "1", "a" * 40 + "2", "The first user told", "The second user saw none"),
        ("alice", "\uff41lice", "The first user told", "The second user saw none"),
        ("alice", "al\u200bice", "The first user told", "The second user saw none"),
        ("ann{}", "{first}", "“ann{}” told", "“{first}” saw none"),
    ],
)
def test_users_are_named_by_their_own_ids(first: str, second: str, begins: str, holds: str) -> None:
    text = said(named(first, second))
    assert text.startswith(begins)
    assert holds in text


def test_users_are_those_who_acted() -> None:
    assert "Carol" in said(with_session(3, user_id="carol", recalled=recalls(rows(ALICE))))


def test_hostile_ids_are_text_and_their_invisible_characters_named() -> None:
    page = render(hostile_run())
    heading = re.search(r"<h1>(.*?)</h1>", page, flags=re.DOTALL)
    assert heading is not None
    assert '<bdi class="id">&lt;b&gt;alice&lt;/b&gt;</bdi>' in heading.group(1)
    assert "U+202E" in heading.group(1)
    assert "\u202e" not in page[: page.index("<style>")], "the title is plain text"
