"""The figures of the prompt benchmark: what each arm cost and brought on each task, and why replies failed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from showcase.bench.prompt.arms import ARMS
from showcase.bench.prompt.article import article_section
from showcase.bench.prompt.growing import growth_section, prefix_section
from showcase.bench.prompt.taken import Paired, ms, parses, parses_leniently, replied
from showcase.bench.results.intervals import P_DIGITS, SPREAD, WILSON, median, share_of
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Row, Section, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.bench.prompt.samples import PromptSample, Replied, Step

_COLUMNS = (
    Column(key="prompt_tokens", title="prompt", unit="tokens"),
    Column(key="prompt_tokens_all", title="prompts of all requests", unit="tokens"),
    Column(key="ttft_cold", title="first token, cold", unit="ms"),
    Column(key="ttft_warm", title="first token, warm", unit="ms"),
    Column(key="total", title="total", unit="s", digits=2),
    Column(key="reply_tokens", title="reply", unit="tokens"),
    Column(key="parsed", title="first reply parsed", unit="share"),
    Column(key="parsed_after_retry", title="after the retry", unit="share"),
    Column(key="lenient", title="after the retry, code fences taken off", unit="share"),
    Column(key="retried", title="retried", unit="share"),
)
_PAIRED = (
    Column(key="pairs", title="replies of both arms"),
    Column(key="only_naive", title="only naive parsed"),
    Column(key="only_arm", title="only this arm parsed"),
    Column(key="p", title="McNemar's p", digits=P_DIGITS),
    Column(key="p_lenient", title="McNemar's p, code fences taken off", digits=P_DIGITS),
)


def sections(
    taken: Mapping[Step, PromptSample],
    *,
    tasks: Sequence[str],
    turns: Sequence[int],
    num_ctx: int,
    rehearses: bool,
) -> tuple[Section, ...]:
    """Return all figures.

    Args:
        taken: The samples that there are.
        tasks: Names of the tasks.
        turns: Points of the growing conversation.
        num_ctx: The context of every request.
        rehearses: Whether the engine is no language model.
    """
    return (
        _tasks_section(taken, tasks, num_ctx),
        article_section(taken, num_ctx=num_ctx, rehearses=rehearses),
        _failures_section(taken),
        growth_section(taken, turns, num_ctx),
        prefix_section(taken),
    )


def _tasks_section(taken: Mapping[Step, PromptSample], tasks: Sequence[str], num_ctx: int) -> Section:
    tables = [
        Table(
            key=f"replies-{task}",
            title=f"Cost and form of the replies to the task {task}",
            columns=_COLUMNS,
            rows=tuple(
                Row(arm=arm, group=task, cells=_cells(list(replied(taken, arm, task).values()))) for arm in ARMS
            ),
            interval=f"{WILSON} of shares, {SPREAD} of the rest",
            notes=_notes(taken, task, num_ctx),
        )
        for task in tasks
    ]
    tables.append(
        Table(
            key="paired",
            title="Replies that parsed, retry included, against the naive arm on the same tasks and seeds",
            columns=_PAIRED,
            rows=tuple(Row(arm=arm, cells=_paired(taken, arm)) for arm in ARMS if arm != "naive"),
            notes=("McNemar's test is the exact one, two-sided.",),
        )
    )
    return Section(
        key="tasks",
        title="Four ways to ask the same",
        text=(
            (
                "A reply parses when the whole of it is one JSON object with exactly the keys asked for, each a "
                "text that is not empty, and a language that was allowed. Every arm is told so: naive and "
                "distilled by a user's sentence, retry and schema by a contract in the system prompt."
            ),
            "Total time is of all requests until the last piece came, that of the retry included.",
        ),
        tables=tuple(tables),
    )


def _cells(found: Sequence[Replied]) -> dict[str, Cell]:
    return {
        "prompt_tokens": median([each.prompt.tokens for each in found]),
        "prompt_tokens_all": median([each.prompt_tokens for each in found]),
        "ttft_cold": median([ms(each.prompt.ttft_s) for each in found]),
        "ttft_warm": median([ms(each.warm_ttft_s) for each in found]),
        "total": median([each.total_s for each in found]),
        "reply_tokens": median([each.reply_tokens for each in found]),
        "parsed": share_of(each.first.parsed for each in found),
        "parsed_after_retry": share_of(each.final.parsed for each in found),
        "lenient": share_of(each.final.lenient for each in found),
        "retried": share_of(each.retries > 0 for each in found),
    }


def _paired(taken: Mapping[Step, PromptSample], arm: str) -> dict[str, Cell]:
    naive, other = replied(taken, "naive"), replied(taken, arm)
    strict, lenient = Paired(naive, other, parses), Paired(naive, other, parses_leniently)
    if not strict.pairs:
        return {column.key: UNOBSERVED for column in _PAIRED}
    of = strict.pairs
    return {
        "pairs": Cell(value=of, of=of),
        "only_naive": Cell(value=strict.first, of=of),
        "only_arm": Cell(value=strict.second, of=of),
        "p": Cell(value=strict.p, of=of),
        "p_lenient": Cell(value=lenient.p, of=of),
    }


def _notes(taken: Mapping[Step, PromptSample], task: str, num_ctx: int) -> tuple[str, ...]:
    notes = []
    for arm in ARMS:
        found = replied(taken, arm, task).values()
        if cut := sum(each.cut(num_ctx) for each in found):
            notes.append(f"CUT: the server dropped part of the prompt of {arm} in {cut} of {len(found)} runs.")
        if loaded := sum(each.prompt.loaded for each in found):
            notes.append(f"{loaded} of {len(found)} runs of {arm} paid for loading the model.")
    return tuple(notes)


def _failures_section(taken: Mapping[Step, PromptSample]) -> Section:
    first, last, counts = Counter[tuple[str, str]](), Counter[tuple[str, str]](), {}
    for arm in ARMS:
        found = replied(taken, arm).values()
        counts[arm] = len(found)
        first.update((each.first.code, arm) for each in found if each.first.code)
        last.update((each.final.code, arm) for each in found if each.final.code)
    codes = sorted({code for code, _ in (*first, *last)})
    rows = tuple(
        Row(
            arm=arm,
            group=code,
            cells={
                "first": Cell(value=first[code, arm], of=counts[arm]),
                "final": Cell(value=last[code, arm], of=counts[arm]),
            },
        )
        for code in codes
        for arm in ARMS
        if first[code, arm] or last[code, arm]
    )
    return Section(
        key="failures",
        title="Why replies failed",
        text=(_failed(taken, counts),),
        tables=(
            Table(
                key="failures",
                title="Replies that did not parse, by the first thing that was wrong, all tasks together",
                columns=(
                    Column(key="first", title="first replies", unit="replies"),
                    Column(key="final", title="after the retry", unit="replies"),
                ),
                rows=rows,
            ),
        ),
    )


def _failed(taken: Mapping[Step, PromptSample], counts: Mapping[str, int]) -> str:
    if not any(counts.values()):
        return "No reply was taken."
    parts = []
    for arm, count in counts.items():
        bad = sum(not each.final.parsed for each in replied(taken, arm).values())
        parts.append(f"{arm} {bad} of {count}" if count else f"{arm} was not asked")
    return f"Did not parse in the end: {', '.join(parts)}."
