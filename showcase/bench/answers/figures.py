"""What is shown of the replies: how many are right, by kind of question, and in which arms one engine is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.bench.answers import extracting
from showcase.bench.answers.judging import Judgement, judge
from showcase.bench.answers.samples import Answer
from showcase.bench.questions.questionnaire import KINDS, Case
from showcase.bench.results.intervals import SPREAD, WILSON, mcnemar, median, p_of, share_of
from showcase.bench.results.result import Cell, Column, Row, Section, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.answers.arms import Arm
    from showcase.bench.answers.samples import Answered

LEVEL = 0.05

_RIGHT = (
    Column(key="right", title="right", unit="share"),
    *(Column(key=kind.replace(" ", "_"), title=kind, unit="share") for kind in KINDS),
)
_BESIDE = (
    Column(key="in_prompt", title="answer stood in the prompt", unit="share"),
    Column(key="right_of_these", title="right where it did", unit="share"),
    Column(key="lacks", title="says so where it did not", unit="share"),
    Column(key="uses", title="uses the facts that answer, by two words", unit="share"),
    Column(key="others", title="uses a fact that has nothing to do with it", unit="share"),
    Column(key="new_words", title="has words that nobody gave", unit="share"),
    Column(key="cut", title="cut at the limit of tokens", unit="share"),
)
_COST = (
    Column(key="reply_s", title="a reply", unit="s", digits=2),
    Column(key="new_words", title="words that nobody gave, of a reply", digits=0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A question with its reply and what is observed of it."""

    case: Case
    answer: Answer
    judgement: Judgement


def sections(
    cases: Mapping[int, Case], taken: Mapping[tuple[Arm, str], Sequence[Answered]], *, quoting: str
) -> tuple[Section, ...]:
    """Return the figures.

    Args:
        cases: By their numbers.
        taken: By arm and by who was asked; an empty list where nothing was taken.
        quoting: Which of them is the engine that quotes.
    """
    judged = {
        key: [
            Judged(case=cases[answer.number], answer=answer, judgement=judge(cases[answer.number], answer))
            for sample in samples
            for answer in sample.answers
        ]
        for key, samples in taken.items()
    }
    return (
        Section(
            key="answers",
            title="How often a reply is right",
            text=(
                (
                    "A reply is right that holds the answer by the set's key and uses no fact that has nothing to do "
                    "with the question; where nothing was told, one that says so; to all else, one that uses no fact. "
                    "It is judged by words, for all alike."
                ),
                *(_compared(arm, name, judged, quoting) for arm, name in judged if name != quoting),
            ),
            tables=(
                Table(
                    key="right",
                    title="Replies that are right, of all questions and by their kind",
                    columns=_RIGHT,
                    rows=tuple(_row(key, some, _right) for key, some in judged.items()),
                    interval=WILSON,
                    notes=tuple(f"{kind}: {what}." for kind, what in KINDS.items()),
                ),
                Table(
                    key="beside",
                    title="What else is told of the replies",
                    columns=_BESIDE,
                    rows=tuple(_row(key, some, _beside) for key, some in judged.items()),
                    interval=WILSON,
                ),
                Table(
                    key="cost",
                    title="How long a reply takes, and how much of it nobody gave",
                    columns=_COST,
                    rows=tuple(_row(key, some, _cost) for key, some in judged.items()),
                    interval=SPREAD,
                ),
            ),
        ),
        *extracting.sections({name: samples for (arm, name), samples in taken.items() if arm == "extracted"}),
    )


def _row(key: tuple[Arm, str], some: Sequence[Judged], cells: Callable[[Sequence[Judged]], dict[str, Cell]]) -> Row:
    arm, name = key
    return Row(arm=name, group=arm, cells=cells(some))


def _right(some: Sequence[Judged]) -> dict[str, Cell]:
    by_kind = {
        kind.replace(" ", "_"): share_of(each.judgement.right for each in some if each.case.kind == kind)
        for kind in KINDS
    }
    return {"right": share_of(each.judgement.right for each in some), **by_kind}


def _beside(some: Sequence[Judged]) -> dict[str, Cell]:
    keyed = [each for each in some if each.judgement.in_prompt is not None]
    return {
        "in_prompt": share_of(bool(each.judgement.in_prompt) for each in keyed),
        "right_of_these": share_of(each.judgement.right for each in keyed if each.judgement.in_prompt),
        "lacks": share_of(each.judgement.lacks for each in keyed if not each.judgement.in_prompt),
        "uses": share_of(bool(each.judgement.uses) for each in keyed),
        "others": share_of(bool(each.judgement.others) for each in some),
        "new_words": share_of(bool(each.judgement.new_words) for each in some),
        "cut": share_of(each.judgement.cut for each in some),
    }


def _cost(some: Sequence[Judged]) -> dict[str, Cell]:
    return {
        "reply_s": median(each.answer.total_s for each in some),
        "new_words": median(float(each.judgement.new_words) for each in some),
    }


def _compared(arm: Arm, name: str, judged: Mapping[tuple[Arm, str], Sequence[Judged]], quoting: str) -> str:
    """Return which of two is better in an arm, on the questions that both were asked."""
    model, quoted = (
        {each.case.number: each.judgement.right for each in judged.get((arm, who), ())} for who in (name, quoting)
    )
    both = model.keys() & quoted.keys()
    if not both:
        return f"{arm}: not both were asked, and nothing is compared."
    only_model = sum(model[each] and not quoted[each] for each in both)
    only_quoted = sum(quoted[each] and not model[each] for each in both)
    p = mcnemar(only_model, only_quoted)
    better = "the quoting engine is better" if only_quoted > only_model else f"{name} is better"
    told = better if p < LEVEL else "the two are not told apart"
    return (
        f"{arm}: {told}. Of {len(both)} questions {name} has {sum(model[each] for each in both)} right and the quoting "
        f"engine {sum(quoted[each] for each in both)}; {only_model} {name} alone, {only_quoted} the quoting engine "
        f"alone (McNemar's exact test, {p_of(p)})."
    )
