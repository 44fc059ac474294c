"""A published benchmark's figures beside ours, and what ours say of its statements."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Literal

from showcase.bench.prompt.taken import Paired, both, faster, known, ms, parses, parses_leniently, replied, sooner
from showcase.bench.results.intervals import SPREAD, WILSON, mcnemar, median, p_of, share, share_of, wilson
from showcase.bench.results.result import Cell, Column, Row, Section, Table
from showcase.bench.results.wording import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.bench.prompt.samples import PromptSample, Replied, Step

TASK = "card"
"""The task that is the article's."""
RUNS = 3
ARTICLE: dict[str, tuple[int, float, float, int]] = {"naive": (407, 374, 6.95, 0), "retry": (247, 311, 5.13, 3)}
"""Prompt tokens, milliseconds to the first token, seconds in total, and replies of three that parsed."""
Finding = Literal["confirmed", "not confirmed", "cannot be told"]
_REHEARSED = "the engine is no language model"
_UNDONE = "no run of both arms"


def article_section(taken: Mapping[Step, PromptSample], *, num_ctx: int, rehearses: bool) -> Section:
    """Return the published figures beside ours.

    Args:
        taken: The samples that there are.
        num_ctx: The context of every request.
        rehearses: Whether the engine is no language model: then nothing is settled.
    """
    naive, retry = both(replied(taken, "naive", TASK), replied(taken, "retry", TASK))
    loaded = sum(naive[key].prompt.loaded or retry[key].prompt.loaded for key in naive)
    told = f"; {loaded} paid for loading the model and count for neither" if loaded else ""
    ttft, totals = (f"{median_of(naive, retry)}{told}" for median_of in (_ttft, _totals))
    said = (
        f"Fewer prompt tokens: {_tokens(naive, retry, num_ctx, rehearses=rehearses)}",
        f"Sooner to the first token: {_timed(Paired(naive, retry, sooner), ttft, rehearses=rehearses)}",
        f"Less time in total: {_timed(Paired(naive, retry, faster), totals, rehearses=rehearses)}",
        f"More replies that parse: {_parsing(taken, naive, retry, rehearses=rehearses)}",
    )
    return Section(
        key="article",
        title="The published figures beside ours",
        text=(
            (
                "An article gives these figures for the naive history of 18 turns and for distilled memories with"
                f" a contract and one retry, {RUNS} runs each, on a machine and a model of its own; so absolute "
                "times cannot be compared, only which arm is ahead."
            ),
            _of_article(),
            *said,
        ),
        tables=(
            Table(
                key="article",
                title=f"The article's figures and ours on its task ({TASK})",
                columns=(
                    Column(key="prompt_tokens", title="prompt", unit="tokens"),
                    Column(key="ttft", title="first token, cold", unit="ms"),
                    Column(key="total", title="total", unit="s", digits=2),
                    Column(key="parsed", title="parsed, retry included", unit="share"),
                ),
                rows=(
                    *(Row(arm=arm, group="article", cells=_published(arm)) for arm in ARTICLE),
                    *(Row(arm=arm, group="here", cells=_ours(replied(taken, arm, TASK))) for arm in ARTICLE),
                ),
                interval=f"{WILSON} of shares, {SPREAD} of ours",
            ),
        ),
    )


def _published(arm: str) -> dict[str, Cell]:
    tokens, ttft_ms, total_s, parsed = ARTICLE[arm]
    return {
        "prompt_tokens": Cell(value=tokens),
        "ttft": Cell(value=ttft_ms),
        "total": Cell(value=total_s),
        "parsed": share(parsed, RUNS),
    }


def _ours(found: Mapping[tuple[str, int], Replied]) -> dict[str, Cell]:
    each = list(found.values())
    return {
        "prompt_tokens": median([one.prompt.tokens for one in each]),
        "ttft": median([ms(one.prompt.ttft_s) for one in each]),
        "total": median([one.total_s for one in each]),
        "parsed": share_of(one.final.parsed for one in each),
    }


def _of_article() -> str:
    worse, better = (ARTICLE[arm][3] for arm in ("naive", "retry"))
    low, high = wilson(better, RUNS)[0], wilson(worse, RUNS)[1]
    meet = "overlap" if low <= high else "do not overlap"
    p = mcnemar(worse, better)
    enough = "too few to tell the arms apart" if low <= high else "enough to tell the arms apart"
    return (
        f"Its {worse} of {RUNS} is a share of {_of(wilson(worse, RUNS))}, its {better} of {RUNS} one of "
        f"{_of(wilson(better, RUNS))} (95 % Wilson): they {meet}; at best McNemar {p_of(p)}: {enough}."
    )


def _tokens(
    naive: Mapping[tuple[str, int], Replied],
    retry: Mapping[tuple[str, int], Replied],
    num_ctx: int,
    *,
    rehearses: bool,
) -> str:
    many, few = (known([each.prompt.tokens for each in found.values()]) for found in (naive, retry))
    if not many or not few:
        return _said("cannot be told", _UNDONE)
    shown = f"{statistics.median(many):g} naive against {statistics.median(few):g}"
    if any(each.cut(num_ctx) for found in (naive, retry) for each in found.values()):
        return _said("cannot be told", f"a prompt was cut; {shown}")
    if rehearses:
        return _said("cannot be told", f"{_REHEARSED}; its own tokens: {shown}")
    whole = known([each.prompt_tokens for each in retry.values()])
    retried = sum(each.retries for each in retry.values())
    mean = "not known"
    if whole:
        spent_all = statistics.mean(whole)
        order = "still fewer" if spent_all < statistics.mean(many) else "no longer fewer"
        mean = f"{spent_all:.0f} on average, {order}"
    spent = f"{shown}; with its {retried} retries in {len(retry)} runs {mean}"
    if max(few) < min(many):
        return _said("confirmed", spent)
    return _said("not confirmed", spent)


def _timed(paired: Paired, shown: str, *, rehearses: bool) -> str:
    if not paired.pairs:
        return _said("cannot be told", _UNDONE)
    told = f"{shown}; retry was ahead in {paired.second} of {paired.pairs} pairs, naive in {paired.first}, "
    told += f"sign test {p_of(paired.p)}"
    return _said("cannot be told" if rehearses else _finding(paired), f"{_REHEARSED}; {told}" if rehearses else told)


def _parsing(
    taken: Mapping[Step, PromptSample],
    naive: Mapping[tuple[str, int], Replied],
    retry: Mapping[tuple[str, int], Replied],
    *,
    rehearses: bool,
) -> str:
    strict = Paired(naive, retry, parses)
    if not strict.pairs:
        return _said("cannot be told", _UNDONE)
    shares = [(sum(each.final.parsed for each in found.values()), len(found)) for found in (naive, retry)]
    intervals = [wilson(*each) for each in shares]
    meet = "overlap" if max(low for low, _ in intervals) <= min(high for _, high in intervals) else "do not overlap"
    told = (
        f"{shares[0][0]} of {shares[0][1]} naive, {_of(intervals[0])}, against {shares[1][0]} of {shares[1][1]}, "
        f"{_of(intervals[1])}: the intervals {meet}; McNemar {p_of(strict.p)}"
    )
    if rehearses:
        return _said("cannot be told", f"{_REHEARSED}; {told}")
    lenient = Paired(naive, retry, parses_leniently)
    every = Paired(replied(taken, "naive"), replied(taken, "retry"), parses)
    return (
        f"{_said(_finding(strict), told)} For a harness that takes fences off: {_finding(lenient)} "
        f"({p_of(lenient.p)}). On all tasks together: {_finding(every)} ({p_of(every.p)}, {every.pairs} pairs). "
        f"{_beside_the_article(*shares[1])}"
    )


def _beside_the_article(parsed: int, runs: int) -> str:
    """Return whether our share of the arm with the retry can be the article's."""
    its, ours = wilson(ARTICLE["retry"][3], RUNS), wilson(parsed, runs)
    meet = "overlap" if max(its[0], ours[0]) <= min(its[1], ours[1]) else "do not overlap: this was not repeated"
    return f"The article's share with a retry, {_of(its)}, and ours, {_of(ours)}, {meet}."


def _finding(paired: Paired) -> Finding:
    findings: tuple[Finding, Finding, Finding] = ("cannot be told", "not confirmed", "confirmed")
    return findings[paired.winner]


def _ttft(naive: Mapping[tuple[str, int], Replied], retry: Mapping[tuple[str, int], Replied]) -> str:
    medians = [_median([ms(each.prompt.ttft_s) for each in found.values()]) for found in (naive, retry)]
    return f"median {number(medians[0])} ms naive against {number(medians[1])} ms"


def _totals(naive: Mapping[tuple[str, int], Replied], retry: Mapping[tuple[str, int], Replied]) -> str:
    medians = [_median([each.total_s for each in found.values()]) for found in (naive, retry)]
    return f"median {number(medians[0], 2)} s naive against {number(medians[1], 2)} s"


def _median(values: list[float | None]) -> float:
    there = known(values)
    return statistics.median(there) if there else float("nan")


def _of(interval: tuple[float, float]) -> str:
    return f"{number(100 * interval[0])}\u2013{number(100 * interval[1])} %"


def _said(finding: Finding, why: str) -> str:
    return f"{finding} ({why})."
