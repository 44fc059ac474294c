"""The prompt benchmark: its plan, and how a sample is taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from showcase.bench.prompt import arms, prefix, tasks
from showcase.bench.prompt.asking import NUM_CTX, SHORT, TEMPERATURE, Asker
from showcase.bench.prompt.judging import correction, judge
from showcase.bench.prompt.samples import Grown, PromptSample, Replied, Step
from showcase.bench.prompt.sections import sections
from showcase.evidence import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.prompt.arms import Arm
    from showcase.bench.results.result import EngineUsed, Scalar, Section
    from showcase.engines.everyday import Opened

TURNS = (2, 4, 8, 12, 18, 24, 32, 40)
QUICK_TURNS = (2, 18)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be measured.

    Attributes:
        tasks: Names of tasks.
        runs: Replies of each arm to each task; the number of a run is its seed.
        num_predict: How many tokens a reply may have.
        turns: The points of the growing conversation.
        pairs: Pairs of turns of each order of memories.
    """

    tasks: tuple[str, ...]
    runs: int
    num_predict: int
    turns: tuple[int, ...] = TURNS
    pairs: int


def quick(plan: Plan) -> Plan:
    """Return a plan that is over within a minute: one task, two runs at most, two lengths."""
    return replace(plan, tasks=plan.tasks[:1], runs=min(plan.runs, 2), turns=QUICK_TURNS, pairs=min(plan.pairs, 1))


class PromptMeasurement:
    """Four arms on the same tasks and seeds; see `Measurement`.

    Args:
        server: The model server, with a chat model.
        plan: What is to be measured.
        engine: What the server is.
        limit_s: How long a whole answer of the server may take.
    """

    bench = "prompt"
    question = "What does a prompt of distilled memories cost and bring, against one with the whole history?"
    sample = PromptSample

    def __init__(self, server: Opened, plan: Plan, *, engine: EngineUsed | None, limit_s: float) -> None:
        self.engine = engine
        self._plan = plan
        self._asker = Asker(server)
        self._limit_s = limit_s
        self._tasks = {name: tasks.task(name) for name in plan.tasks}
        self._growth = tasks.growth()

    @property
    def arms(self) -> Mapping[str, str]:
        """See `Measurement`."""
        return {**arms.ARMS, **prefix.ORDERS}

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """See `Measurement`."""
        return {
            "tasks": ",".join(self._plan.tasks),
            "tasks_sha256": tasks.digest(self._plan.tasks),
            "runs": self._plan.runs,
            "turns": ",".join(map(str, self._plan.turns)),
            "pairs": self._plan.pairs,
            "num_predict": self._plan.num_predict,
            "num_ctx": NUM_CTX,
            "temperature": TEMPERATURE,
            "seed": "the number of the run",
        }

    @property
    def temperature(self) -> tuple[str, ...]:
        """See `Measurement`."""
        return (
            (
                "The model is loaded before the first sample, and every request has the same context: nothing is "
                "loaded anew in between."
            ),
            (
                "Cold: just before, the server read a short prompt of something else, so that it holds nothing of"
                " the prompt that is timed but the template's first words; this holds for a server that keeps one"
                " prompt at a time (OLLAMA_NUM_PARALLEL=1)."
            ),
            "Warm: the same first prompt, sent once more directly after the reply, with one token of reply.",
            "Continued: directly before, the server read the prompt of the turn before.",
        )

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """See `Measurement`."""
        return (
            "Whether the code in a reply is right, or uses what was told: only the form of the answer is judged.",
            "What distilling costs: the memories are written by hand, as good as a person makes them.",
            "What another model, wording, quantization or context does: each is a measurement of its own.",
            "Anything of histories whose turns are longer than these, which are a sentence or two.",
        )

    def steps(self) -> Sequence[str]:
        """The first run of all, then what grows and the prefix, then the other runs: a glance has something of each."""
        first, *others = [self._replies(number) for number in range(1, self._plan.runs + 1)]
        growth = [
            Step(kind="growth", group="", arm=arm, number=turns) for turns in self._plan.turns for arm in arms.ARMS
        ]
        pairs = [
            Step(kind="prefix", group="", arm=order, number=number)
            for number in range(1, self._plan.pairs + 1)
            for order in prefix.ORDERS
        ]
        return [step.name for step in (*first, *growth, *pairs, *(step for run in others for step in run))]

    def _replies(self, number: int) -> list[Step]:
        names = list(arms.ARMS)
        begin = (number - 1) % len(names)  # each arm is first as often as the others
        return [
            Step(kind="reply", group=task, arm=arm, number=number)
            for task in self._plan.tasks
            for arm in (*names[begin:], *names[:begin])
        ]

    def warm_up(self) -> None:
        """Load the model."""
        self._asker.look_away()

    def take(self, step: str, *, doing: Callable[[str], None]) -> PromptSample:
        """See `Measurement`."""
        parts = Step.parse(step)
        if parts.kind == "reply":
            return PromptSample(replied=self._replied(cast("Arm", parts.arm), parts.group, parts.number, doing=doing))
        if parts.kind == "growth":
            return PromptSample(grown=self._grown(cast("Arm", parts.arm), parts.number))
        order = cast("prefix.Order", parts.arm)
        return PromptSample(pair=prefix.pair(self._asker, order, parts.number, limit_s=self._limit_s))

    def sections(self, samples: Mapping[str, PromptSample]) -> tuple[Section, ...]:
        """See `Measurement`."""
        taken = {Step.parse(name): sample for name, sample in samples.items()}
        rehearses = self.engine is not None and self.engine.kind == "rehearsal"
        return sections(taken, tasks=self._plan.tasks, turns=self._plan.turns, num_ctx=NUM_CTX, rehearses=rehearses)

    def _replied(self, arm: Arm, name: str, seed: int, *, doing: Callable[[str], None]) -> Replied:
        task = self._tasks[name]
        contract = arms.contract(task)
        messages = arms.of_task(arm, task)
        schema = contract.schema() if arm == "schema" else None
        limit = self._plan.num_predict
        self._asker.look_away()
        answers = [self._asker.ask(messages, seed=seed, num_predict=limit, schema=schema)]
        wrong = correction(answers[0].text, answers[0].reply.done_reason, contract) if arm == "retry" else ""
        if wrong:
            doing("retry")
            again = (
                *messages,
                Message(role="assistant", content=answers[0].text),
                Message(role="user", content=wrong),
            )
            answers.append(self._asker.ask(again, seed=seed, num_predict=limit))
        doing("the same prompt once more")
        warm = self._asker.ask(messages, seed=seed, num_predict=1, schema=schema)
        judged = [judge(each.text, each.reply.done_reason, contract) for each in answers]
        return Replied(
            prompt=answers[0].read,
            prompt_tokens=_sum([each.reply.prompt_tokens for each in answers]),
            reply_tokens=_sum([each.reply.reply_tokens for each in answers]),
            total_s=round(sum(each.read.total_s for each in answers), 6),
            warm_ttft_s=warm.read.ttft_s,
            first=judged[0],
            final=judged[-1],
            retries=len(answers) - 1,
            replies=tuple(each.text for each in answers),
        )

    def _grown(self, arm: Arm, turns: int) -> Grown:
        contract = arms.contract(self._growth)
        schema = contract.schema() if arm == "schema" else None
        messages = arms.grown(arm, self._growth, turns)
        self._asker.look_away()
        resumed = self._asker.ask(messages, seed=turns, num_predict=SHORT, schema=schema)
        self._asker.look_away()
        self._asker.ask(arms.grown_before(arm, self._growth, turns), seed=turns, num_predict=1)
        continued = self._asker.ask(messages, seed=turns, num_predict=SHORT, schema=schema)
        return Grown(resumed=resumed.read, continued=continued.read)


def _sum(counts: Sequence[int | None]) -> int | None:
    """Return the sum; None where one is not known."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
