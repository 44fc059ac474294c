"""Figures of `bench prompt`, each by samples in which it would be another one if it were taken from elsewhere."""

from __future__ import annotations

from dataclasses import replace

from prompt_samples import measurement, of, planted, read, replied
from test_bench_prompt_figures import changed, in_arm, statements, table

from showcase.bench.prompt.judging import Judgement
from showcase.bench.prompt.samples import Grown, Pair, PromptSample, Step
from showcase.bench.prompt.sections import sections


def test_each_cost_of_a_reply_stands_in_its_own_column() -> None:
    sample = changed(replied(ttft_s=2, tokens=200, code=""), warm_ttft_s=0.5, total_s=30.0, prompt_tokens=450)
    cells = next(row.cells for row in table({"reply/card/retry/1": sample}, "tasks", "replies-card").rows
                 if row.arm == "retry")  # fmt: skip
    assert {key: cells[key].value for key in ("prompt_tokens", "prompt_tokens_all", "ttft_cold", "ttft_warm")} == {
        "prompt_tokens": 200, "prompt_tokens_all": 450, "ttft_cold": 2000, "ttft_warm": 500,
    }  # fmt: skip
    assert (cells["total"].value, cells["reply_tokens"].value) == (30.0, 9)


def test_a_task_has_the_replies_to_it_alone() -> None:
    samples = {
        Step.parse(f"reply/{task}/naive/1"): replied(ttft_s=1, tokens=tokens, code="")
        for task, tokens in (("card", 100), ("rotate", 900))
    }
    found = sections(samples, tasks=("card", "rotate"), turns=(2,), num_ctx=4096, rehearses=False)[0]
    rows = {one.key: one.rows[0].cells["prompt_tokens"].value for one in found.tables if one.key != "paired"}
    assert rows == {"replies-card": 100, "replies-rotate": 900}


def test_what_failed_first_and_what_failed_in_the_end_are_counted_apart() -> None:
    mended = changed(
        replied(ttft_s=1, tokens=200, code=""),
        first=Judgement(code="fenced", lenient=True), final=Judgement(code="no-json", lenient=False), retries=1,
    )  # fmt: skip
    rows = {row.group: row.cells for row in table({"reply/card/retry/1": mended}, "failures", "failures").rows}
    assert {code: (cells["first"].value, cells["final"].value) for code, cells in rows.items()} == {
        "fenced": (1, 0), "no-json": (0, 1),
    }  # fmt: skip


def test_one_long_prompt_among_short_ones_is_no_saving_and_intervals_apart_are_called_so() -> None:
    samples = {**planted("retry"), "reply/card/retry/1": replied(ttft_s=1, tokens=500, code="")}
    assert statements(samples)[0] == "not confirmed"
    said = of(measurement().sections(planted("retry")), "article").text
    assert "the intervals do not overlap" in said[-1]
    assert "they overlap" in said[1]
    assert "too few to tell the arms apart" in said[1]
    alike = in_arm(planted("retry"), "naive", lambda each: changed(each, final=Judgement(code="", lenient=True)))
    assert "the intervals overlap" in of(measurement().sections(alike), "article").text[-1]


def test_a_turn_that_went_on_is_not_one_that_was_resumed() -> None:
    grown = {
        f"growth/naive/{turns}": PromptSample(
            grown=Grown(resumed=read(0.5, tokens=300 + turns), continued=replace(read(0.1), total_s=0.2))
        )
        for turns in (40, 2)
    }
    section = of(measurement().sections(grown), "growth")
    cells = next(row.cells for row in section.tables[0].rows if (row.arm, row.group) == ("naive", "40 turns"))
    assert {key: cell.value for key, cell in cells.items()} == {
        "prompt_tokens": 340, "resumed_ttft": 0.5, "resumed_total": 1.5, "continued_ttft": 0.1, "continued_total": 0.2,
    }  # fmt: skip
    assert "naive 302 at 2 turns and 340 at 40" in section.text[1]


def test_two_pairs_are_too_few_for_an_order_and_a_second_prompt_is_told_against_the_first() -> None:
    samples = {
        f"prefix/{order}/{number}": PromptSample(pair=Pair(first=read(1.0), second=replace(read(1.0), read_s=read_s)))
        for order, read_s in (("stored", 0.25), ("turned", 1.0))
        for number in (1, 2)
    }
    section = of(measurement().sections(samples), "prefix")
    assert "sooner in 2 of 2, later in 0, sign test p = 0.500: too few" in section.text[1]
    assert {row.arm: row.cells["ratio"].value for row in section.tables[0].rows} == {"stored": 0.25, "turned": 1.0}
