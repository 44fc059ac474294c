"""The matrix of planted leaks: what each witness made of each, and where that is worse than documented."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reading import cells, words
from run_builder import trial, whole_run

from showcase.report import render

if TYPE_CHECKING:
    from showcase.evidence import LeakTrial

ALL_MISSED = {"sockets": "missed", "hook": "missed", "syscalls": "missed", "seal": "missed"}


def matrix(*trials: LeakTrial) -> list[list[str]]:
    return cells(render(whole_run(drill=trials)), "Matrix of planted leaks")


def test_every_result_is_a_word_and_a_sign() -> None:
    rows = matrix(trial("short-lived", sockets="missed", hook="caught", syscalls="unavailable", seal="prevented"))
    assert rows == [
        [
            "a leak of the sort short-lived short-lived",
            "○ missed as documented",
            "● caught",
            "∅ unavailable documented: caught",
            "■ prevented",
        ]
    ]


def test_worse_than_documented_is_said_in_the_cell_and_above_the_matrix() -> None:
    good = trial("tcp-connect", sockets="caught", hook="caught")
    bad = trial("refused", sockets="missed", hook="missed", worse=("hook",))
    assert matrix(good, bad)[1][2] == "▲ missed worse than documented: caught"
    page = render(whole_run(drill=(good, bad)))
    assert "Worse than documented: hook on refused." in words(page, "network")
    page = render(whole_run(drill=(good,)))
    assert "Worse than documented" not in words(page, "network")


def test_leak_that_did_not_get_where_it_should_is_worse_though_its_result_is_the_documented_one() -> None:
    row = matrix(trial("udp", hook="caught", worse=("hook",)))[0]
    assert row[1] == "▲ caught worse than documented: it did not get where it should"


def test_leak_that_nobody_saw_is_named() -> None:
    seen = trial("tcp-connect", sockets="caught")
    unseen = trial("udp", **ALL_MISSED)
    assert "2 leaks were planted; no witness saw udp." in words(render(whole_run(drill=(seen, unseen))), "network")
    assert "1 leak was planted; at least one witness" in words(render(whole_run(drill=(seen,))), "network")


def test_leak_that_was_not_planted_counts_neither_way() -> None:
    absent = replace(trial("vsock", hook="unavailable", sockets="unavailable"), obstacle="no VSOCK here")
    page = render(whole_run(drill=(trial("tcp-connect", sockets="caught"), absent)))
    assert "1 of 2 leaks were planted; at least one witness" in words(page, "network")
    assert "not planted: no VSOCK here" in cells(page, "Matrix of planted leaks")[1][0]
    nothing = words(render(whole_run(drill=(absent,))), "network")
    assert "1 leak were to be planted" not in nothing
    assert "None of 1 leak could be planted." in nothing


def test_witness_that_is_in_some_trials_only_and_words_that_are_not_known() -> None:
    rows = matrix(trial("a", hook="caught"), trial("b", newcomer="guessed"))
    assert [row[1:] for row in rows] == [
        ["● caught", "? not recorded"],
        ["? not recorded documented: caught", "? guessed"],
    ]


def test_log_without_a_drill_says_so() -> None:
    assert "No drill is in the log" in words(render(whole_run(drill=())), "network")
