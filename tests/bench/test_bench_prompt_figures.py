"""What is said of the prompt samples follows from them: each sentence has samples that would make it lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from prompt_samples import PLAN, measurement, of, planted, read, replied

from showcase.bench.prompt import article
from showcase.bench.prompt.judging import Judgement
from showcase.bench.prompt.samples import Grown, Pair, PromptSample
from showcase.bench.results.intervals import median, p_of, share_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from showcase.bench.prompt.samples import Replied
    from showcase.bench.results.result import Table


def statements(samples: Mapping[str, PromptSample], *, rehearses: bool = False) -> list[str]:
    said = of(measurement(rehearses=rehearses).sections(samples), "article").text[-4:]
    return [text.partition(": ")[2].partition(" (")[0] for text in said]


def changed(sample: PromptSample, **changes: Any) -> PromptSample:
    return PromptSample(replied=replace(cast("Replied", sample.replied), **changes))


def in_arm(
    samples: Mapping[str, PromptSample], arm: str, change: Callable[[PromptSample], PromptSample]
) -> dict[str, PromptSample]:
    return {step: change(each) if f"/{arm}/" in step else each for step, each in samples.items()}


def table(samples: Mapping[str, PromptSample], section: str, key: str) -> Table:
    return next(each for each in of(measurement().sections(samples), section).tables if each.key == key)


def test_what_is_said_of_the_article_follows_from_the_samples() -> None:
    assert statements(planted("retry")) == ["confirmed"] * 4
    assert statements(planted("naive")) == ["not confirmed"] * 4
    assert statements(planted("neither"))[1:] == ["cannot be told"] * 3
    assert statements(planted("retry", runs=3))[1:] == ["cannot be told"] * 3, (
        "three runs are too few, as in the article"
    )
    assert statements(planted("retry"), rehearses=True) == ["cannot be told"] * 4
    assert statements({}) == ["cannot be told"] * 4
    one_short = {**planted("retry"), "reply/card/naive/1": replied(ttft_s=2, tokens=150, code="no-json")}
    assert statements(one_short)[0] == "not confirmed", "one prompt of the history was shorter than any of the others"
    cut = {**planted("retry"), "reply/card/naive/1": replied(ttft_s=2, tokens=4096, code="no-json")}
    assert statements(cut)[0] == "cannot be told"


@pytest.mark.parametrize("code", ["empty", "cut", "broken-off"])
def test_who_did_not_come_to_an_end_was_not_through_sooner(code: str) -> None:
    unended = Judgement(code=code, lenient=False)
    for better, other in (("retry", "naive"), ("naive", "retry")):
        short = in_arm(planted(better), better, lambda each: changed(each, first=unended, final=unended))
        assert statements(short)[2] == "cannot be told", "it only stopped sooner"
        slow = in_arm(planted(better), other, lambda each: changed(each, first=unended, final=unended))
        assert statements(slow)[2] == statements(planted(better))[2] != "cannot be told"


def test_who_paid_for_loading_the_model_lost_nothing_by_it() -> None:
    def loaded(each: PromptSample) -> PromptSample:
        return changed(each, prompt=replace(cast("Replied", each.replied).prompt, load_s=2.5))

    samples = in_arm(planted("retry"), "naive", loaded)
    assert statements(samples)[1:3] == ["cannot be told"] * 2
    said = of(measurement().sections(samples), "article").text
    assert "8 paid for loading the model and count for neither" in said[-3]
    assert "8 of 8 runs of naive paid for loading" in " ".join(table(samples, "tasks", "replies-card").notes)


def test_medians_that_are_compared_are_of_the_same_runs() -> None:
    samples = planted("retry")
    for number in range(9, 30):  # runs that the other arm was not asked for, as after Ctrl-C
        samples[f"reply/card/naive/{number}"] = replied(ttft_s=0.001, tokens=10, code="")
    said = of(measurement().sections(samples), "article").text[-4:]
    assert "400 naive against 200" in said[0]
    assert "median 2,000 ms naive against 1,000 ms" in said[1]
    assert "median 20.00 s naive against 10.00 s" in said[2]
    assert "0 of 8 naive" in said[3]


def test_a_retry_whose_prompt_was_cut_is_no_saving() -> None:
    def retried(again: int) -> dict[str, PromptSample]:
        return in_arm(planted("retry"), "retry", lambda each: changed(each, retries=1, prompt_tokens=200 + again))

    for again in (4096, 50):
        cut = retried(again)
        assert statements(cut)[0] == "cannot be told"
        assert "CUT: the server dropped part of the prompt of retry in 8 of 8 runs." in (
            table(cut, "tasks", "replies-card").notes
        )
    whole = retried(300)
    assert statements(whole)[0] == "confirmed"
    assert "no longer fewer" in of(measurement().sections(whole), "article").text[-4]


def test_what_the_retry_mended_is_not_taken_for_the_first_reply() -> None:
    def one(first: str, final: str, retries: int, *, lenient: bool) -> PromptSample:
        fenced = Judgement(code=first, lenient=first in ("", "fenced"))
        last = Judgement(code=final, lenient=lenient)
        return changed(replied(ttft_s=1, tokens=200, code=""), first=fenced, final=last, retries=retries)

    samples = {
        "reply/card/retry/1": one("fenced", "", 1, lenient=True),
        "reply/card/retry/2": one("no-json", "missing-key:code", 1, lenient=False),
        "reply/card/retry/3": one("", "", 0, lenient=True),
        "reply/card/retry/4": one("no-json", "fenced", 1, lenient=True),
        "reply/card/retry/5": one("no-json", "fenced", 1, lenient=True),
        **{f"reply/card/naive/{run}": one("no-json", "no-json", 0, lenient=False) for run in range(1, 6)},
    }
    cells = next(row.cells for row in table(samples, "tasks", "replies-card").rows if row.arm == "retry")
    shares = {key: cells[key].value for key in ("parsed", "parsed_after_retry", "lenient", "retried")}
    assert shares == {"parsed": 0.2, "parsed_after_retry": 0.4, "lenient": 0.8, "retried": 0.8}
    said = of(measurement().sections(samples), "failures").text[0]
    assert "naive 5 of 5" in said
    assert "retry 3 of 5" in said
    paired = next(row.cells for row in table(samples, "tasks", "paired").rows if row.arm == "retry")
    assert {key: paired[key].value for key in ("pairs", "only_naive", "only_arm")} == {
        "pairs": 5, "only_naive": 0, "only_arm": 2,
    }  # fmt: skip
    assert paired["p"].value == 0.5
    assert paired["p_lenient"].value == 0.125


def test_a_harness_that_takes_fences_off_is_told_apart() -> None:
    text = of(measurement().sections(planted("retry")), "article").text[-1]
    assert "confirmed (0 of 8 naive" in text
    assert "takes fences off: cannot be told" in text


def test_a_prompt_that_was_cut_is_told() -> None:
    for tokens in (4096, 99):
        notes = table({"reply/card/naive/1": replied(ttft_s=1, tokens=tokens, code="")}, "tasks", "replies-card").notes
        assert notes == ("CUT: the server dropped part of the prompt of naive in 1 of 1 runs.",)
    assert not table(planted("retry"), "tasks", "replies-card").notes


@pytest.mark.parametrize(("naive_s", "ahead", "behind"), [(0.1, 3, 0), (0.9, 0, 3)])
def test_the_history_wins_where_it_was_faster(naive_s: float, ahead: int, behind: int) -> None:
    samples = {
        f"growth/{arm}/{turns}": PromptSample(
            grown=Grown(resumed=read(0.5), continued=read(naive_s if arm == "naive" else 0.5))
        )
        for arm in ("naive", "distilled")
        for turns in PLAN.turns
    }
    section = of(measurement().sections(samples), "growth")
    assert f"faster to its first token than the distilled prompt at {ahead} of 3 lengths" in section.text[3]
    assert f"slower at {behind}" in section.text[3]
    assert "at 0 of 3 lengths and slower at 0" in section.text[2]


def test_a_history_that_was_cut_was_not_faster() -> None:
    samples = {
        f"growth/{arm}/{turns}": PromptSample(
            grown=Grown(resumed=one, continued=read(0.5 if arm == "distilled" else 0.1))
        )
        for arm in ("naive", "distilled")
        for turns in PLAN.turns
        for one in (read(0.5, tokens=4096 if arm == "naive" and turns == PLAN.turns[-1] else 300),)
    }
    section = of(measurement().sections(samples), "growth")
    assert f"naive at {PLAN.turns[-1]} turns" in " ".join(section.tables[0].notes)
    assert "at 2 of 2 lengths" in section.text[3]


def test_a_prompt_that_was_read_in_no_time_at_all_counts() -> None:
    samples = {
        f"prefix/{order}/{number}": PromptSample(
            pair=Pair(first=read(1.0), second=replace(read(1.0), read_s=0.0 if order == "stored" else 1.0))
        )
        for order in ("stored", "turned")
        for number in range(1, 7)
    }
    assert (
        "sooner in 6 of 6, later in 0, sign test p = 0.031: a difference"
        in (of(measurement().sections(samples), "prefix").text[1])
    )


@pytest.mark.parametrize(("parsed", "repeated"), [(20, True), (10, True), (0, False)])
def test_a_share_that_cannot_be_the_published_one_is_called_not_repeated(parsed: int, repeated: bool) -> None:
    assert ("not repeated" not in article._beside_the_article(parsed, 20)) is repeated


def test_a_small_p_does_not_read_as_none() -> None:
    assert (p_of(0.0004), p_of(0.0495), p_of(1.0)) == ("p < 0.001", "p = 0.050", "p = 1.000")


def test_what_was_not_observed_is_in_no_median() -> None:
    assert (median([1.0, None, 3.0]).value, median([1.0, None, 3.0]).of) == (2.0, 2)
    assert (median([None]).value, share_of([]).value) == (None, None)
    assert (share_of([True, False, False, False]).value, share_of([True]).of) == (0.25, 1)
