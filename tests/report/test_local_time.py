"""Moments as the clock on the wall had them, and how much paper a text takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from showcase.report.local_time import local_time
from showcase.report.room import cut, fitting, lines, width

if TYPE_CHECKING:
    from collections.abc import Iterator

STAMP = "2026-11-21T03:51:05.120+00:00"


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("this system takes no zone from the environment")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC0", "21 November 2026, 03:51:05 UTC"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "21 November 2026, 04:51:05 CET (UTC+01:00)"),
        ("<+0530>-5:30", "21 November 2026, 09:21:05 UTC+05:30"),
        ("EST5EDT,M3.2.0,M11.1.0", "20 November 2026, 22:51:05 EST (UTC-05:00)"),
    ],
    indirect=["zone"],
)
@pytest.mark.usefixtures("zone")
def test_moment_is_told_in_the_zone_of_this_machine_with_its_name(said: str) -> None:
    assert local_time(STAMP) == said


@pytest.mark.parametrize("zone", ["CET-1"], indirect=True)
@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    ("stamp", "said"),
    [
        ("2026-11-21T03:51:05.120", "2026-11-21T03:51:05.120, of an unknown zone"),
        ("<script>", "<script>"),
        ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59+00:00"),
    ],
)
def test_what_is_no_moment_is_told_as_it_is(stamp: str, said: str) -> None:
    assert local_time(stamp) == said


def test_wide_letters_take_more_room_and_line_breaks_a_line() -> None:
    assert width("WWWW") > width("aaaa") > width("iiii")
    assert lines("a" * 300) > lines("a" * 100)
    assert lines("\n" * 5) >= 5


def test_what_is_cut_says_so_and_fits() -> None:
    assert cut("short", 100) == "short"
    for text in ("W" * 500, "ordinary words " * 50, "\u202e" * 50, "\n" * 500, "語" * 90):
        shown = cut(text, 60)
        assert shown.endswith("…")
        assert width(shown.removesuffix("…")) <= 60
        assert "\u202e" not in shown


def test_what_does_not_fit_is_counted_and_what_comes_after_it_may() -> None:
    assert fitting(["aa", "a" * 50, "bb"], 10, width) == (("aa", "bb"), 1)
    assert fitting([], 10, width) == ((), 0)
