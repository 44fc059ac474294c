"""What is calculated of rankings: intervals, tests, thresholds; each against a planted case that it must tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showcase.bench.recall import figures, sections
from showcase.bench.recall.asked import Asked, RecallSet, Told, half
from showcase.bench.recall.taking import Answered, Pass
from showcase.bench.results.intervals import mcnemar


def answer(question: str, *rows: int, best: float | None = None) -> Answered:
    return Answered(
        question=question, rows=rows, best=best, returned=len(rows), foreign=0, shown=0, shown_right=0, tokens=0, ms=1.0
    )


def small() -> RecallSet:
    told = [Told(id=f"f{number}", user="u", text=f"row {number}", when=None) for number in range(30)]
    asked = (
        Asked(id="two", user="u", text="?", kind="two", right=("f0", "f1")),
        Asked(id="moved", user="u", text="?", kind="update", right=("f2",), stale=("f3",)),
        Asked(id="none", user="u", text="?", kind="never-told", right=()),
    )
    return RecallSet(origin="made", told=tuple(told), asked=asked)


def test_half_of_what_is_needed_and_what_came_too_late_is_not_all_of_it() -> None:
    late = (
        replace(answer("two", 0, 9, 8, 7, 6, 1), shown_right=1, shown=5),
        replace(answer("moved", 10, 11, 12, 13, 14, 3, 2), shown_right=0, shown=5),
        replace(answer("none", 5), shown=1),
    )
    good = (answer("two", 0, 1), answer("moved", 2, 3), answer("none"))
    passes = {
        "1/recent": Pass(arm="recent", answered=late, everybody=7, refused=False),
        "2/recent": Pass(arm="recent", answered=good, everybody=7, refused=False),
    }
    found = sections.sections(small(), ("recent",), passes)
    rows = {table.key: table.rows for section in found for table in section.tables}
    assert rows["recall"][0].cells["recall5"].value == 0.25, "of the first pass"
    assert rows["recall"][0].cells["recall10"].value == 1.0
    assert [rows["complete"][0].cells[key].value for key in ("complete", "prompt")] == [0.0, 0.0]
    assert rows["complete"][0].cells["precision"].value == 1 / 11
    assert [row.cells["recall5"].value for row in rows["by-kind"]] == [0.5, 0.0]
    assert [row.cells["complete"].value for row in rows["by-kind"]] == [0, 0]
    assert [rows["staleness"][0].cells[key].value for key in ("above", "shown")] == [1.0, 0.0]
    assert [rows["isolation"][0].cells[key].value for key in ("gate", "everybody")] == ["let through", 7]
    assert [rows["determinism"][0].cells[key].value for key in ("order", "score")] == [3, 0]
    assert not small().fewer(2).public


def test_a_threshold_has_no_say_from_the_half_that_it_judges() -> None:
    def judged(low: float) -> list[figures.Judged]:
        made = []
        for number in range(200):
            asked = Asked(id=f"q{number}", user="u", text="?", kind="k", right=("f",) if number % 2 else ())
            # In half 0 whatever has an answer scores above 0.5, in half 1 above `low`.
            limit = 0.5 if half(asked.id) == 0 else low
            best = limit + (0.1 if asked.right else -0.1)
            right = frozenset({1}) if asked.right else frozenset()
            made.append(figures.Judged(asked, right, frozenset(), answer(asked.id, 1, best=best)))
        return made

    same, shifted = figures.abstention(judged(0.5)), figures.abstention(judged(5.0))
    assert (same.abstained, same.rightly, same.unanswerable) == (100, 100, 100)
    assert shifted.thresholds == pytest.approx((0.6, 5.1))
    in_zero = sum(half(f"q{number}") == 0 for number in range(200))
    # By the threshold of half 1 everything of half 0 lies below, by that of half 0 nothing of half 1 does.
    assert shifted.abstained == in_zero


def test_a_stale_row_above_the_new_one_is_counted() -> None:
    asked = Asked(id="q", user="u", text="?", kind="update", right=("new",), stale=("old",))
    ranked = {(1, 2): False, (2, 1): True, (2, 3): True, (3,): False, (): False}
    for rows, above in ranked.items():
        judged = figures.Judged(asked, frozenset({1}), frozenset({2}), answer("q", *rows))
        assert judged.stale_above is above, rows


def test_holm_multiplies_and_never_falls() -> None:
    assert figures.holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_an_interval_of_questions_that_are_all_alike_is_no_point() -> None:
    for value, low, high in ((1.0, 0.438, 1.0), (0.0, 0.0, 0.562), (0.5, 0.125, 0.875)):
        cell = figures.mean([value] * 3)
        assert (cell.value, cell.low, cell.high) == pytest.approx((value, low, high), abs=0.001)
    cell = figures.mean([0.0, 1.0] * 50)
    assert (cell.value, cell.low, cell.high) == pytest.approx((0.5, 0.4, 0.6), abs=0.02)


def test_a_question_at_which_nothing_came_back_is_not_left_out_of_the_auroc() -> None:
    def judged(number: int, answerable: bool, *rows: int) -> figures.Judged:
        asked = Asked(id=f"q{number}", user="u", text="?", kind="k", right=("f",) if answerable else ())
        return figures.Judged(
            asked,
            frozenset({1} if answerable else ()),
            frozenset(),
            answer(asked.id, *rows, best=0.5 if rows else None),
        )

    # It returns nothing for nine of ten questions that have an answer, and the same for those that have none.
    some = [judged(n, True, *((1,) if n == 0 else ())) for n in range(10)]
    some += [judged(n, False, *((1,) if n == 10 else ())) for n in range(10, 20)]
    assert figures.abstention(some).auroc == pytest.approx(0.5)
    right = [judged(n, n < 10, *((1,) if n < 10 else ())) for n in range(20)]
    assert figures.abstention(right).auroc == 1.0
    wrong = [judged(n, n < 10, *((1,) if n >= 10 else ())) for n in range(20)]
    assert figures.abstention(wrong).auroc == 0.0


def test_a_test_of_thousands_of_questions_has_a_p_value() -> None:
    assert figures.tests({"a": (2000, 1100, 900), "b": (2000, 0, 2000), "c": (2000, 1000, 1000)})["a"][0] == (
        pytest.approx(8.52e-6, rel=0.01)
    )
    assert mcnemar(0, 2000) < 1e-300
    assert mcnemar(1000, 1000) == 1.0
