"""The figures of a growing conversation, and of memories that stand where they stood."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from showcase.bench.prompt.arms import ARMS
from showcase.bench.prompt.prefix import ORDERS
from showcase.bench.prompt.taken import SURE, grown, pairs
from showcase.bench.results.intervals import SPREAD, mcnemar, median, p_of
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Plot, Point, Row, Section, Series, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.prompt.samples import Grown, PromptSample, Step

_GROWTH = (
    Column(key="prompt_tokens", title="prompt", unit="tokens"),
    Column(key="resumed_ttft", title="resumed: first token", unit="s", digits=3),
    Column(key="resumed_total", title="resumed: total", unit="s", digits=3),
    Column(key="continued_ttft", title="continued: first token", unit="s", digits=3),
    Column(key="continued_total", title="continued: total", unit="s", digits=3),
)
_PREFIX = (
    Column(key="tokens", title="second prompt", unit="tokens"),
    Column(key="first_s", title="first prompt read in", unit="s", digits=3),
    Column(key="second_s", title="second prompt read in", unit="s", digits=3),
    Column(key="ratio", title="second prompt, times the first", digits=2),
)


def growth_section(taken: Mapping[Step, PromptSample], turns: Sequence[int], num_ctx: int) -> Section:
    """Return tokens and time over the turns of a conversation."""
    found = {arm: grown(taken, arm) for arm in ARMS}
    rows = tuple(
        Row(arm=arm, group=f"{count} turns", cells=_cells(found[arm].get(count))) for count in turns for arm in ARMS
    )
    # A prompt that was cut is a shorter one: it says nothing of what its length costs.
    whole = {
        arm: {count: each for count, each in some.items() if not _cut(each, num_ctx)} for arm, some in found.items()
    }
    cut = tuple(
        f"CUT: the server dropped part of the prompt of {arm} at {count} turns."
        for arm in ARMS
        for count, each in found[arm].items()
        if _cut(each, num_ctx)
    )
    return Section(
        key="growth",
        title="As a conversation grows",
        text=(
            (
                "Resumed: the server had just read something else. Continued: it had just read the prompt of the "
                "turn before, so that a history that only grows is read from its new end on; the distilled arms "
                "have the newest six memories, so that every turn changes them. Replies are limited to 16 tokens;"
                " retry stands for its first request."
            ),
            _tokens(whole),
            _against("Resumed", whole, lambda each: each.resumed.ttft_s),
            _against("Continued", whole, lambda each: each.continued.ttft_s),
        ),
        tables=(
            Table(
                key="growth",
                title="Tokens and time of one turn",
                columns=_GROWTH,
                rows=rows,
                notes=(*cut, "One sample each: look at the course, not at one figure."),
            ),
        ),
        plots=(
            _plot("growth-tokens", "Prompt tokens", "tokens", found, lambda each: each.resumed.tokens),
            _plot(
                "growth-resumed", "Time to the first token, resumed", "seconds", found, lambda each: each.resumed.ttft_s
            ),
            _plot(
                "growth-continued",
                "Time to the first token, continued",
                "seconds",
                found,
                lambda each: each.continued.ttft_s,
            ),
        ),
    )


def _cut(each: Grown, num_ctx: int) -> bool:
    return each.resumed.cut(num_ctx) or each.continued.cut(num_ctx)


def _cells(each: Grown | None) -> dict[str, Cell]:
    if each is None:
        return {column.key: UNOBSERVED for column in _GROWTH}
    values = {
        "prompt_tokens": each.resumed.tokens,
        "resumed_ttft": each.resumed.ttft_s,
        "resumed_total": each.resumed.total_s,
        "continued_ttft": each.continued.ttft_s,
        "continued_total": each.continued.total_s,
    }
    return {key: Cell(value=value, of=0 if value is None else 1) for key, value in values.items()}


def _tokens(found: Mapping[str, Mapping[int, Grown]]) -> str:
    parts = []
    for arm, each in found.items():
        counts = [(turns, sample.resumed.tokens) for turns, sample in each.items() if sample.resumed.tokens is not None]
        if len(counts) > 1:
            (first, few), (last, many) = counts[0], counts[-1]
            parts.append(f"{arm} {few} at {first} turns and {many} at {last}")
    return f"Prompt tokens: {'; '.join(parts)}." if parts else "Too few samples to tell how the prompts grow."


def _against(how: str, found: Mapping[str, Mapping[int, Grown]], of: Callable[[Grown], float | None]) -> str:
    naive, distilled = (
        {turns: value for turns, each in found[arm].items() if (value := of(each)) is not None}
        for arm in ("naive", "distilled")
    )
    both = [turns for turns in naive if turns in distilled]
    if not both:
        return f"{how}: no sample of both the naive and the distilled arm."
    ahead = [turns for turns in both if naive[turns] < distilled[turns]]
    behind = [turns for turns in both if naive[turns] > distilled[turns]]
    return (
        f"{how}, the naive history was faster to its first token than the distilled prompt at {len(ahead)} of "
        f"{len(both)} lengths{_listed(ahead)} and slower at {len(behind)}{_listed(behind)}; sign test "
        f"{p_of(mcnemar(len(ahead), len(behind)))}."
    )


def _listed(turns: Sequence[int]) -> str:
    return f" ({', '.join(map(str, turns))} turns)" if turns else ""


def _plot(
    key: str,
    title: str,
    unit: str,
    found: Mapping[str, Mapping[int, Grown]],
    of: Callable[[Grown], float | None],
) -> Plot:
    return Plot(
        key=key,
        title=title,
        x_title="turns before the question",
        y_title=unit,
        series=tuple(
            Series(
                arm=arm,
                points=tuple(
                    Point(x=float(turns), y=float(value))
                    for turns, each in samples.items()
                    if (value := of(each)) is not None
                ),
            )
            for arm, samples in found.items()
            if samples
        ),
    )


def prefix_section(taken: Mapping[Step, PromptSample]) -> Section:
    """Return what it is worth that equal memories stand where they stood."""
    rows = []
    for order in ORDERS:
        each = list(pairs(taken, order).values())
        ratios = [
            one.second.read_s / one.first.read_s for one in each if one.first.read_s and one.second.read_s is not None
        ]
        cells = {
            "tokens": median([one.second.tokens for one in each]),
            "first_s": median([one.first.read_s for one in each]),
            "second_s": median([one.second.read_s for one in each]),
            "ratio": median(ratios),
        }
        rows.append(Row(arm=order, cells=cells))
    return Section(
        key="prefix",
        title="Memories in the same order",
        text=(
            (
                "A server keeps what it computed of a prompt's beginning. Two turns recall the same eight "
                "memories; in the second they stand as in the first, or turned round."
            ),
            _order(taken),
        ),
        tables=(
            Table(
                key="prefix",
                title="How long the server read the prompt of a second turn",
                columns=_PREFIX,
                rows=tuple(rows),
                interval=SPREAD,
            ),
        ),
    )


def _order(taken: Mapping[Step, PromptSample]) -> str:
    read = {
        order: {
            number: each.second.read_s for number, each in pairs(taken, order).items() if each.second.read_s is not None
        }
        for order in ORDERS
    }
    stored, turned = read["stored"], read["turned"]
    both = [number for number in stored if number in turned]
    if not both:
        return "No pair of both was taken."
    sooner = sum(stored[number] < turned[number] for number in both)
    later = sum(stored[number] > turned[number] for number in both)
    p = mcnemar(sooner, later)
    sure = "a difference" if p < SURE else "too few or too near to tell them apart"
    medians = [statistics.median(each[number] for number in both) for each in (stored, turned)]
    return (
        f"In the stored order it was read in {medians[0]:.3f} s, turned round in {medians[1]:.3f} s (medians); sooner "
        f"in {sooner} of {len(both)}, later in {later}, sign test {p_of(p)}: {sure}."
    )
