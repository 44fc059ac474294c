"""What `bench recall` counts of a ranking, by arms that were planted: one that returns too much, or not the same."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from test_bench_recall_figures import answer, small
from test_bench_recall_given import CONVERSATION, LOCOMO, LONG

from showcase.bench.recall import figures, given, sections, stores
from showcase.bench.recall.arms import Ranking
from showcase.bench.recall.asked import Asked, RecallSet, Told
from showcase.bench.recall.costs import differing, digest
from showcase.bench.recall.taking import PROMPT_ROWS, Pass, answers
from showcase.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


class Returning:
    """Returns rows 0 to 11 in order, whatever is asked."""

    def __init__(self) -> None:
        self.ranked: list[str] = []

    def rank(self, asked: Asked) -> Ranking:
        self.ranked.append(asked.id)
        return Ranking(rows=tuple(range(12)), best=0.123456789012)


def test_a_row_past_the_prompt_is_not_in_it_and_one_of_somebody_else_is_counted() -> None:
    told = tuple(Told(id=f"f{n}", user="u" if n < 8 else "v", text=f"row {n}", when=None) for n in range(12))
    asked = (
        Asked(id="late", user="u", text="?", kind="k", right=("f7",)),
        Asked(id="both", user="u", text="?", kind="k", right=("f0", "f7")),
        Asked(id="other", user="v", text="?", kind="k", right=("f11",)),
    )
    arm = Returning()
    some = RecallSet(origin="made", told=told, asked=asked)
    found = answers(arm, some, tuple(range(12)), name="mem0-shared", doing=lambda _: None)
    assert arm.ranked == ["late", "late", "both", "other", "other"], "each user's first question is asked untimed too"
    late, both, other = found
    assert (len(late.rows), late.returned, late.foreign, other.foreign) == (10, 12, 4, 8)
    assert (late.shown, late.shown_right, both.shown_right) == (PROMPT_ROWS, 0, 1)
    assert late.tokens == sum(range(PROMPT_ROWS)), "of the rows in the prompt alone"
    assert late.best == 0.123456789
    everything = answers(arm, some, tuple(range(12)), name="everything", doing=lambda _: None)[0]
    assert (everything.shown, everything.shown_right) == (12, 1)


def test_what_both_got_right_tells_them_not_apart() -> None:
    def judged(name: str, *rows: int) -> figures.Judged:
        asked = Asked(id=name, user="u", text="?", kind="k", right=("f1",))
        return figures.Judged(asked, frozenset({1}), frozenset(), answer(name, *rows))

    one = [judged("a", 1), judged("b", 1), judged("c", 2), judged("d", 2), judged("e", 1)]
    other = [judged("a", 1), judged("b", 2), judged("c", 1), judged("d", 2), judged("e", 2), judged("f", 1)]
    assert figures.against(one, other) == (5, 2, 1)


def test_of_equal_thresholds_the_smallest_is_taken() -> None:
    def judged(name: str, best: float, *, known: bool) -> figures.Judged:
        asked = Asked(id=name, user="u", text="?", kind="k", right=("f1",) if known else ())
        return figures.Judged(asked, frozenset({1} if known else ()), frozenset(), answer(name, 1, best=best))

    # By 0.2 both are answered that have an answer, and none is refused; by 0.8 one each.
    some = [judged("a", 0.2, known=True), judged("b", 0.8, known=True)]
    some += [judged("c", 0.5, known=False), judged("d", 0.9, known=False)]
    assert figures.threshold(some) == 0.2


def test_passes_that_differ_and_rows_of_others_in_the_second_are_seen() -> None:
    first = (answer("two", 0, 1, best=0.5), answer("moved", 2, best=0.5), answer("none"))
    second = (
        replace(answer("two", 1, 0, best=0.5), tokens=9, ms=9.0),
        replace(answer("moved", 2, best=0.4), foreign=1, tokens=9, ms=9.0),
        replace(answer("none"), tokens=9, ms=9.0),
    )
    one, other = Pass(arm="recent", answered=first), Pass(arm="recent", answered=second)
    assert differing(one, other) == (1, 1)
    assert digest(one) == digest(replace(one, answered=tuple(replace(each, ms=7.0) for each in first)))
    turned = replace(one, answered=(answer("two", 1, 0, best=0.5), *first[1:]))
    assert digest(one) != digest(turned), "the same rows in another order are another ranking"
    found = sections.sections(small(), ("recent",), {"1/recent": one, "2/recent": other})
    rows = {table.key: table.rows[0].cells for section in found for table in section.tables if table.rows}
    assert (rows["isolation"]["foreign"].value, rows["isolation"]["questions"].value) == (1, pytest.approx(1 / 6))
    assert (rows["cost"]["tokens"].value, rows["cost"]["tokens"].high, rows["cost"]["ms"].of) == (4.5, 9, 6)


def test_a_file_is_read_in_the_order_of_its_sessions_and_as_far_as_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "data.json"

    def turn(number: int) -> list[dict[str, Any]]:
        return [{"speaker": "Ann", "dia_id": f"D{number}:1", "text": f"Session {number}."}]

    sessions = {f"session_{number}": turn(number) for number in (10, 2)}
    file.write_text(json.dumps([{**LOCOMO, "conversation": {**sessions, **CONVERSATION}}]), "utf-8")
    found = given.read(file)
    assert [each.text for each in found.told][-2:] == ["Ann: Session 2.", "Ann: Session 10."]
    assert found.told[0].text == "Ann: I bought a boat."
    assert len(given.read(file, at_most=1).asked) == 1
    monkeypatch.setattr(given, "MOST_ROWS", 2)
    file.write_text(json.dumps([LONG, {**LONG, "question_id": "q-2"}]), "utf-8")
    with pytest.raises(UsageError, match="has 6 rows, and at most 2"):
        given.read(file)


class Losing:
    """A backend that keeps every other row, and finds whoever's rows best that were told last."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self.told = 0

    def add(self, user: str, messages: Any, *, source: str) -> None:
        assert source == "typed"
        self.told += 1
        if self.told % 2:
            self.rows.append((user, messages[0].content))

    def search(self, _user: str, _text: str, *, at_most: int) -> tuple[Any, ...]:
        found = reversed(list(enumerate(self.rows)))
        return tuple(
            SimpleNamespace(row=SimpleNamespace(user_id=user, text=text), cosine=0.9 - number / 10)
            for number, (user, text) in found
        )[:at_most]


def test_a_store_that_loses_rows_and_gives_those_of_others_is_seen_to(monkeypatch: pytest.MonkeyPatch) -> None:
    told = tuple(Told(id=f"{user}{n}", user=user, text=f"row {n}", when=None) for user in ("u", "v") for n in range(3))
    asked = tuple(
        Asked(id=f"q{user}{n}", user=user, text="?", kind="k", right=(f"{user}{n}",))
        for user in ("u", "v")
        for n in range(3)
    )
    some = RecallSet(origin="made", told=told, asked=asked)
    backend: Any = Losing()
    store = stores.Store(some, backend, lambda _: None)
    found = answers(store, some, (1,) * 6, name="mem0-shared", doing=lambda _: None)
    assert [each.rows for each in found] == [(4, 2, 0)] * 6, "the same text of two users is two rows"
    assert [each.foreign for each in found] == [1, 1, 1, 2, 2, 2]
    assert {each.best for each in found} == {0.9}, "of the nearest, which need not be the first"
    rows = {
        table.key: table.rows[0].cells
        for section in sections.sections(some, ("mem0-shared",), {"1/mem0-shared": Pass(arm="x", answered=found)})
        for table in section.tables
        if table.rows
    }
    assert (rows["recall"]["recall10"].value, rows["complete"]["complete"].value) == (0.5, 0.5)
    assert rows["isolation"]["foreign"].value == 9
    assert stores.refuses_everybody()
    monkeypatch.setattr(stores, "check_user_id", lambda _: None)
    assert not stores.refuses_everybody(), "a gate that lets everybody through is seen to"
