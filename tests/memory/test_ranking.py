"""Which rows go into a prompt: relevance alone by default, every part shown, and nothing below the threshold."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from kept_stores import row

from showcase.errors import UsageError
from showcase.memory.ranking import Weights, importance, recency, select
from showcase.memory.stored import Found

AT = datetime(2026, 3, 1, tzinfo=timezone.utc)


def found(text: str, cosine: float, **changes: Any) -> Found:
    return Found(row=row(text, **changes), cosine=cosine)


def of_day(day: str) -> dict[str, str]:
    return {"created_at": f"{day}T00:00:00+00:00", "updated_at": f"{day}T00:00:00+00:00"}


def texts(*some: Found, **options: Any) -> list[str]:
    selection = select(some, **{"top_k": 5, "threshold": 0.3, "at": AT, **options})
    return [each.row.text for each in selection.used]


def test_by_default_relevance_alone_ranks() -> None:
    old = found("old", 0.9, **of_day("2020-01-01"))
    pinned = found("pinned", 0.5, pinned=True, recalled=9)
    assert texts(pinned, old) == ["old", "pinned"]


def test_recency_halves_with_each_half_life() -> None:
    for days, expected in ((0, 1.0), (30, 0.5), (60, 0.25), (15, 0.5**0.5)):
        at = datetime.fromtimestamp(AT.timestamp() - days * 86_400, tz=timezone.utc).isoformat()
        assert recency(row("x", updated_at=at), half_life_days=30, at=AT) == pytest.approx(expected)
    assert recency(row("x", created_at=None, updated_at=None), half_life_days=30, at=AT) == 0
    assert recency(row("x", **of_day("2027-01-01")), half_life_days=30, at=AT) == 1, "a clock that is ahead"


def test_a_recent_row_overtakes_with_its_weight() -> None:
    near, fresh = found("near", 0.6, **of_day("2020-01-01")), found("fresh", 0.5, **of_day("2026-02-28"))
    assert texts(near, fresh) == ["near", "fresh"]
    assert texts(near, fresh, weights=Weights(recency=1)) == ["fresh", "near"]


def test_a_pinned_row_and_one_that_was_used_overtake_with_their_weight() -> None:
    near, used, pinned = found("near", 0.6), found("used", 0.5, recalled=4), found("pinned", 0.5, pinned=True)
    assert texts(near, used, pinned, weights=Weights(importance=1)) == ["pinned", "used", "near"]
    assert [importance(row("x", recalled=n)) for n in (0, 1, 3)] == [0, 0.5, 0.75]


def test_every_part_is_told_and_gives_the_score() -> None:
    weights = Weights(relevance=2, recency=1, importance=1)
    some = [found("a", 0.8, **of_day("2026-01-30"), recalled=1)]
    ranked = select(some, top_k=5, threshold=0.3, weights=weights, at=AT).used[0]
    assert (ranked.relevance, ranked.recency, ranked.importance) == (0.8, 0.5, 0.5)
    assert ranked.score == pytest.approx((2 * 0.8 + 0.5 + 0.5) / 4)


def test_what_lies_below_the_threshold_is_not_used_however_important() -> None:
    selection = select(
        [found("near", 0.4), found("far", 0.29, pinned=True, recalled=99)],
        top_k=5, threshold=0.3, weights=Weights(importance=100), at=AT,
    )  # fmt: skip
    assert [each.row.text for each in selection.used] == ["near"]
    assert selection.below is not None
    assert (selection.below.row.text, selection.why_below) == ("far", "threshold")


def test_what_lies_behind_top_k_is_told_as_that() -> None:
    selection = select([found("a", 0.9), found("b", 0.8)], top_k=1, threshold=0.3, at=AT)
    assert selection.below is not None
    assert (selection.below.row.text, selection.why_below, selection.considered) == ("b", "top-k", 2)


def test_nothing_above_the_threshold_still_tells_the_nearest() -> None:
    selection = select([found("a", 0.1), found("b", -0.2)], top_k=5, threshold=0.3, at=AT)
    assert selection.used == ()
    assert selection.nearest is not None
    assert selection.nearest.row.text == "a"
    assert select([], top_k=5, threshold=0.3, at=AT).nearest is None


def test_a_question_is_never_used() -> None:
    assert texts(found("Where do I live?", 1.0, question=True), found("I live in Turin", 0.5)) == ["I live in Turin"]


def test_the_order_of_equals_is_the_same_each_time() -> None:
    some = [found(name, 0.5) for name in "abc"]
    assert texts(*some) == texts(*reversed(some))


@pytest.mark.parametrize(
    "weights",
    [{"relevance": -1}, {"relevance": 0}, {"recency": -0.1}, {"half_life_days": 0}, {"half_life_days": -3}],
)
def test_weights_that_give_no_order_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Weights(**weights)
