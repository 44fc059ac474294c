"""When a memory pays for itself: what was measured a turn, and what is calculated from it past the turns played."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.bench.memory.payoff import Payoff, against_history, against_raw
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Plot, Point, Row, Section, Series, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from showcase.bench.memory.samples import Played

NAIVE, INFER = "naive", "mem0-infer"
RAW = ("chroma", "mem0")
"""What extraction is compared with, the first that was played."""

_BEYOND = 20
_MOST_TURNS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What an arm takes a turn, the means, since sums are calculated from them: a few dear turns count in full.

    None where it was not observed.

    Attributes:
        calls: Tokens that the chat model read and wrote for the memory.
        prompt: Tokens of a prompt with the rows of a question.
        took_s: Seconds for searching and storing.
    """

    calls: float | None
    prompt: float | None
    took_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The first prompt of a history, what each turn adds to it in tokens, and how fast prompts are read."""

    first: float | None
    growth: float | None
    speed: float | None


def pays_section(played: Mapping[str, Sequence[Played]]) -> Section:
    """Return after which turn each memory pays for itself, with the curve."""
    rates = {arm: rates_of(samples) for arm, samples in played.items() if arm != NAIVE}
    history = history_of(played)
    rows = []
    raw = next((arm for arm in RAW if played.get(arm)), None)
    if INFER in rates:
        for unit in ("tokens", "seconds"):
            of_raw = _against_raw(rates[INFER], rates[raw], history, unit) if raw else None
            rows.append(_row(INFER, f"against rows as they were said, {unit}", of_raw))
    for unit in ("tokens", "seconds"):
        rows += [
            _row(arm, f"against the whole history, {unit}", _against_history(each, history, unit))
            for arm, each in rates.items()
        ]
    table = Table(
        key="pays",
        title="After which turn all that was saved is as much as all that was paid, calculated from the means",
        columns=(
            Column(key="cost", title="paid a turn", digits=2),
            Column(key="saving", title="saved a turn", digits=2),
            Column(key="turn", title="pays from turn"),
        ),
        rows=tuple(rows),
        notes=(
            (
                "Against rows as they were said, what is saved is a shorter prompt, the same each turn: it pays from "
                "the first turn or never."
            ),
            (
                "Against the whole history, what is saved is what each turn adds to every later prompt: it grows. A "
                "server that keeps what it read of a prompt's beginning reads the history once: in seconds it then "
                "pays later than is said here, or never."
            ),
            "That a history outgrows the context, and is then cut, is not counted.",
        ),
    )
    return Section(
        key="pays",
        title="When it pays for itself",
        text=(
            (
                "Calculated, not measured. Tokens are those of the chat model alone, read and written alike; an arm "
                "whose prompts were cut is left out."
            ),
        ),
        tables=(table,),
        plots=(_plot(played, rates, history),),
    )


def rates_of(samples: Sequence[Played]) -> Rates:
    """Return what an arm takes a turn; nothing where a prompt of its own was not read whole."""
    whole = [each for each in samples if each.read_whole]
    turns = [turn for each in whole for turn in each.turns]
    prompts = [each.prompt.tokens for sample in whole for each in sample.questions]
    if not prompts:  # too few turns for a question
        prompts = [turn.prompt.tokens for turn in turns]
    return Rates(
        calls=_mean(
            None if turn.read_tokens is None or turn.written_tokens is None else turn.read_tokens + turn.written_tokens
            for turn in turns
        ),
        prompt=_mean(prompts),
        took_s=_mean(
            None if turn.search_s is None or turn.store_s is None else turn.search_s + turn.store_s for turn in turns
        ),
    )


def history_of(played: Mapping[str, Sequence[Played]]) -> History:
    """Return how a history grows, and how fast the server reads: by the memory's own prompts, else by the others."""
    firsts, growths = [], []
    for sample in played.get(NAIVE, ()):
        sizes = [turn.prompt.tokens for turn in sample.turns]
        if len(sizes) > 1 and sizes[0] is not None and sizes[-1] is not None:
            firsts.append(sizes[0])
            growths.append((sizes[-1] - sizes[0]) / (len(sizes) - 1))
    turns = [turn for samples in played.values() for sample in samples for turn in sample.turns]
    own = [turn.read_tokens / turn.read_s for turn in turns if turn.read_tokens and turn.read_s]
    others = [turn.prompt.tokens / turn.prompt.read_s for turn in turns if turn.prompt.tokens and turn.prompt.read_s]
    return History(first=_median(firsts), growth=_median(growths), speed=_median(own or others))


def _against_raw(infer: Rates, raw: Rates, history: History, unit: str) -> Payoff | None:
    if infer.prompt is None or raw.prompt is None:
        return None
    if unit == "tokens":
        if infer.calls is None or raw.calls is None:
            return None
        return against_raw(infer.calls - raw.calls, recalled_raw=raw.prompt, recalled=infer.prompt)
    if infer.took_s is None or raw.took_s is None or not history.speed:
        return None
    cost = infer.took_s - raw.took_s
    return against_raw(cost, recalled_raw=raw.prompt / history.speed, recalled=infer.prompt / history.speed)


def _against_history(each: Rates, history: History, unit: str) -> Payoff | None:
    if each.prompt is None or history.first is None or history.growth is None:
        return None
    # Rules and what is said stand in both prompts.
    rows = max(0.0, each.prompt - history.first)
    if unit == "tokens":
        return None if each.calls is None else against_history(each.calls + rows, growth=history.growth)
    if each.took_s is None or not history.speed:
        return None
    return against_history(each.took_s + rows / history.speed, growth=history.growth / history.speed)


def _row(arm: str, group: str, found: Payoff | None) -> Row:
    if found is None:
        return Row(arm=arm, group=group, cells=dict.fromkeys(("cost", "saving", "turn"), UNOBSERVED))
    return Row(
        arm=arm,
        group=group,
        cells={
            "cost": Cell(value=found.cost),
            "saving": Cell(value=found.saving),
            "turn": Cell(value="never" if found.turn is None else found.turn),
        },
    )


def _plot(played: Mapping[str, Sequence[Played]], rates: Mapping[str, Rates], history: History) -> Plot:
    series = []
    tokens = [_against_history(each, history, "tokens") for each in rates.values()]
    until = min(_MOST_TURNS, 2 * max((each.turn for each in tokens if each and each.turn), default=_BEYOND))
    for arm, samples in played.items():
        points = _cumulative(samples)
        if not points:
            continue
        series.append(Series(arm=arm, points=points))
        if arm == NAIVE:
            growth = history.growth or 0.0
            each = _last_prompt(samples) + growth
        else:
            rate = rates[arm]
            if rate.calls is None or rate.prompt is None:
                continue
            growth, each = 0.0, rate.calls + rate.prompt
        series.append(Series(arm=arm, points=_beyond(points[-1], each, growth, until), measured=False))
    return Plot(
        key="cumulative",
        title="Tokens of all turns together: of the prompts, and of the memory's own calls",
        x_title="turns",
        y_title="tokens",
        x_scale="log",
        y_scale="log",
        series=tuple(series),
        notes=("Dashed: calculated past the turns played, from the mean of what a turn takes.",),
    )


def _cumulative(samples: Sequence[Played]) -> tuple[Point, ...]:
    """Return the median of the sums up to each turn, as far as every turn up to it was counted."""
    sums: dict[int, list[float]] = {}
    for sample in samples:
        total = 0.0
        for number, turn in enumerate(sample.turns, start=1):
            if turn.prompt.tokens is None or turn.read_tokens is None or turn.written_tokens is None:
                break
            total += turn.prompt.tokens + turn.read_tokens + turn.written_tokens
            sums.setdefault(number, []).append(total)
    return tuple(
        Point(x=number, y=statistics.median(each), low=min(each), high=max(each)) for number, each in sums.items()
    )


def _beyond(last: Point, each: float, growth: float, until: int) -> tuple[Point, ...]:
    """Return points past the last one: `each` is what the next turn takes, `growth` by how much more every later."""
    points = [Point(x=last.x, y=last.y)]
    steps = sorted({round(last.x * (until / last.x) ** (step / _BEYOND)) for step in range(1, _BEYOND + 1)})
    for turn in steps if until > last.x else ():
        more = turn - last.x
        if more > 0:
            points.append(Point(x=turn, y=last.y + more * each + growth * more * (more - 1) / 2))
    return tuple(points)


def _last_prompt(samples: Sequence[Played]) -> float:
    sizes = [turn.prompt.tokens for sample in samples for turn in sample.turns[-1:]]
    return _median(sizes) or 0.0


def _mean(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return statistics.fmean(there) if there else None


def _median(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return statistics.median(there) if there else None
