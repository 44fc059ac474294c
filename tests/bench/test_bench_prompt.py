"""The prompt benchmark: replies are judged strictly, and what is said follows from the samples."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from prompt_samples import PLAN, measurement, of, planted
from pydantic import TypeAdapter

from showcase.bench.prompt import TASKS, arms, prefix, tasks
from showcase.bench.prompt.judging import Contract, Judgement, correction, judge
from showcase.bench.prompt.measurement import PromptMeasurement, quick
from showcase.bench.prompt.samples import PromptSample, Replied, Step
from showcase.engines import everyday
from showcase.errors import ShowcaseError
from showcase.evidence import Message, Model, Reply, Token
from showcase.settings import OLLAMA

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.engines.everyday import Opened

CONTRACT = Contract(keys=("code", "language", "file_path", "explanation"), languages=("tsx", "py"))
SOUND = {"code": "x = {}", "language": "py", "file_path": "a.py", "explanation": "It sets x."}
TEXT = json.dumps(SOUND)
FENCED = f"```json\n{TEXT}\n```"


def without(key: str) -> str:
    return json.dumps({name: value for name, value in SOUND.items() if name != key})


BROKEN = {
    "empty": ("  \n", "stop", "empty"),
    "no JSON": ("Sure, here it is: x = {}", "stop", "no-json"),
    "code in a fence": ("```tsx\nconst x = {};\n```", "stop", "no-json"),
    "fence": (FENCED, "stop", "fenced"),
    "fence that never closes": (f"```json\n{TEXT}", "stop", "fenced"),
    "words before": (f"Here: {TEXT}", "stop", "around"),
    "words after": (f"{TEXT}\nHope that helps!", "stop", "around"),
    "cut": (TEXT[:30], "length", "cut"),
    "broken off": (TEXT[:30], None, "broken-off"),
    "list": (f"[{TEXT}]", "stop", "no-object"),
    "lacking": (without("file_path"), "stop", "missing-key:file_path"),
    "more": (json.dumps({**SOUND, "notes": "x"}), "stop", "extra-keys"),
    "twice": (TEXT[:-1] + ', "code": "y"}', "stop", "doubled-key"),
    "type": (json.dumps({**SOUND, "code": ["x"]}), "stop", "wrong-type:code"),
    "no text": (json.dumps({**SOUND, "explanation": " "}), "stop", "empty-text:explanation"),
    "language": (json.dumps({**SOUND, "language": "python"}), "stop", "bad-language"),
    "nested without end": ("[" * 100_000, "stop", "no-json"),
}


@pytest.mark.parametrize(("text", "done_reason", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_reply_is_counted_as_broken_and_told_why(text: str, done_reason: str | None, code: str) -> None:
    assert judge(text, done_reason, CONTRACT) == Judgement(code=code, lenient=code == "fenced")
    named = code.partition(":")[2] or {"bad-language": "tsx, py", "fenced": "fence", "extra-keys": "notes"}.get(
        code, ""
    )
    assert named in correction(text, done_reason, CONTRACT)
    assert correction(text, done_reason, CONTRACT)


def test_a_sound_reply_needs_no_correction_even_where_it_ends_at_the_limit() -> None:
    for done_reason in ("stop", "length"):
        assert judge(f"\n{TEXT} ", done_reason, CONTRACT) == Judgement(code="", lenient=True)
        assert not correction(TEXT, done_reason, CONTRACT)


def test_what_is_wrong_inside_a_fence_is_told_too_and_no_harness_would_take_it() -> None:
    text = f"```json\n{without('language')}\n```"
    assert judge(text, "stop", CONTRACT) == Judgement(code="fenced", lenient=False)
    assert "fence" in correction(text, "stop", CONTRACT)
    assert '"language"' in correction(text, "stop", CONTRACT)


def test_the_shipped_tasks_are_those_that_are_named() -> None:
    assert sorted(path.stem for path in (tasks.PLACE / "tasks").iterdir()) == sorted(TASKS)
    assert len({tasks.task(name).question for name in TASKS}) == len(TASKS)
    assert tasks.digest(("card",)) != tasks.digest(("spread",))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = 1", "`title`"),
        ('titel = "x"', "`"),
        ('user = "x"\nassistant = "y"\nmemory = "z"', "`memory`"),
        ("title =", "Invalid value"),
        ("user = 2026-01-01\nassistant = 'x'\nmore = 1", "`more`"),
    ],
)
def test_a_task_that_is_wrong_is_refused_by_its_place(text: str, told: str) -> None:
    kind: Any = tasks.Exchange if "user" in text else tasks.Task
    with pytest.raises(ShowcaseError, match=r"card\.toml") as caught:
        tasks.parsed(kind, text.encode(), "tasks/card.toml")
    assert told in caught.value.message
    assert caught.value.hint


def test_a_task_with_a_turn_too_few_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tasks.task("card")
    monkeypatch.setattr(tasks, "parsed", lambda *_: replace(whole, history=whole.history[1:]))
    with pytest.raises(ShowcaseError, match="`history` has 8"):
        tasks.task("card")
    monkeypatch.setattr(tasks, "parsed", lambda *_: replace(whole, keys=("code",)))
    with pytest.raises(ShowcaseError, match="lacks language"):
        tasks.task("card")


def test_each_arm_sends_what_it_is_named_for() -> None:
    task = tasks.task("card")
    sent = {arm: arms.of_task(cast("arms.Arm", arm), task) for arm in arms.ARMS}
    assert [message.role for message in sent["naive"]] == ["system", *["user", "assistant"] * 9, "user"]
    assert not any(memory in message.content for memory in task.memories for message in sent["naive"])
    for arm in ("distilled", "retry", "schema"):
        assert [message.role for message in sent[arm]] == ["system", "user"]
        assert all(f"- {memory}" in sent[arm][0].content for memory in task.memories)
    assert sent["retry"] == sent["schema"]
    for messages in sent.values():  # all are told the same form
        told = f"{messages[0].content}\n{messages[-1].content}"
        assert ", ".join(task.keys) in told
        assert ", ".join(task.languages) in told


def test_a_history_that_goes_on_begins_with_the_prompt_of_the_turn_before() -> None:
    growth = tasks.growth()
    for turns in PLAN.turns:
        before = arms.grown_before("naive", growth, turns)
        assert arms.grown("naive", growth, turns)[: len(before)] == before
        assert len(arms.grown("naive", growth, turns)) == turns + 2
        assert arms.grown("distilled", growth, turns)[0].content.count("\n- ") == min(6, turns // 2)


def test_memories_are_turned_round_and_nothing_else() -> None:
    messages = (Message(role="system", content="Rules:\n- a\n- b\nEnd"), Message(role="user", content="- c\n- d"))
    first, second = prefix.turned(messages)
    assert first.content == "Rules:\n- b\n- a\nEnd"
    assert second == messages[1]


@dataclass
class Gate:
    """Says what it is told to say, and keeps what it was asked."""

    replies: list[str]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def chat(self, model: str, messages: Sequence[Message], *, on_token: Callable[[Token], None], **how: Any) -> Reply:
        del model, on_token
        self.asked.append({"messages": list(messages), **how})
        short = how["options"]["num_predict"] == 1
        text = "{" if short else self.replies.pop(0)
        return Reply(
            text=text, tokens=(Token(text=text, at_s=0.1),), done_reason="length" if short else "stop",
            prompt_tokens=1000 * len(messages), reply_tokens=5, total_s=1, load_s=0, prompt_s=0.5, reply_s=0.5,
        )  # fmt: skip


def test_what_is_called_resumed_and_continued_was_asked_so() -> None:
    gate = Gate(["{", "{"])
    measurement(gate).take("growth/naive/18", doing=lambda _: None)
    elsewhere, resumed, again, before, continued = (each["messages"] for each in gate.asked)
    assert elsewhere == again != before
    assert len(elsewhere) < len(before) < len(continued)
    assert resumed == continued, "the same prompt, to a server that had read something else or the turn before"
    assert continued[: len(before)] == before


def test_each_arm_is_first_as_often_as_the_others() -> None:
    steps = [Step.parse(step) for step in measurement().steps()]
    runs = [[each.arm for each in steps if each.kind == "reply" and each.number == run] for run in range(1, 9)]
    assert all(sorted(run) == sorted(arms.ARMS) for run in runs)
    assert {arm: sum(run[0] == arm for run in runs) for arm in arms.ARMS} == dict.fromkeys(arms.ARMS, 2)


def test_the_failed_reply_goes_back_with_a_correction_once() -> None:
    gate = Gate([FENCED, without("code")])
    taken = measurement(gate).take("reply/card/retry/7", doing=lambda _: None).replied
    assert taken is not None
    elsewhere, first, again, warm = gate.asked
    assert elsewhere["messages"][0] != first["messages"][0]
    assert again["messages"][:-2] == first["messages"] == warm["messages"]
    assert again["messages"][-2] == Message(role="assistant", content=FENCED)
    assert "code fence" in again["messages"][-1].content
    assert first["options"] == {"temperature": 0.7, "seed": 7, "num_ctx": 4096, "num_predict": 200}
    assert (taken.first.code, taken.final.code, taken.retries) == ("fenced", "missing-key:code", 1)
    assert (taken.prompt.tokens, taken.prompt_tokens, taken.reply_tokens) == (2000, 6000, 10)


@pytest.mark.parametrize("arm", ["naive", "distilled", "schema"])
def test_no_other_arm_is_asked_twice(arm: str) -> None:
    gate = Gate(["nothing"])
    taken = measurement(gate).take(f"reply/card/{arm}/1", doing=lambda _: None).replied
    assert taken is not None
    assert taken.retries == 0
    assert taken.final.code == "no-json"
    assert (gate.asked[1]["format"] is not None) == (arm == "schema")


def test_figures_without_samples_have_no_value_and_any_part_of_the_samples_will_do() -> None:
    steps = list(measurement().steps())
    assert [Step.parse(step).name for step in steps] == steps
    assert len(set(steps)) == len(steps) == 8 * 4 + 3 * 4 + 2
    for section in measurement().sections({}):
        for each in section.tables:
            cells = [cell for row in each.rows if row.group != "article" for cell in row.cells.values()]
            assert all(cell.value is None and cell.of == 0 for cell in cells), each.key
    for name, sample in planted("retry").items():
        measurement().sections({name: sample})


def test_all_of_it_runs_on_the_rehearsal_engine() -> None:
    wanted = everyday.Wanted(engine="rehearsal", ollama=OLLAMA, limit_s=60, environment=os.environ)
    with everyday.opened(wanted, note=lambda _: None) as opened:
        plan = replace(quick(replace(PLAN, tasks=TASKS)), runs=1)
        measured = PromptMeasurement(opened, plan, engine=None, limit_s=60)
        measured.warm_up()
        taken = {step: measured.take(step, doing=lambda _: None) for step in measured.steps()}
        limited(opened)
    reader = TypeAdapter(PromptSample)
    assert {step: reader.validate_json(reader.dump_json(sample)) for step, sample in taken.items()} == taken
    codes = {arm: cast("Replied", taken[f"reply/card/{arm}/1"].replied).final.code for arm in arms.ARMS}
    assert codes == {"naive": "no-json", "distilled": "no-json", "retry": "no-json", "schema": ""}
    parsed = {
        row.arm: row.cells["parsed"].value
        for each in of(measured.sections(taken), "tasks").tables
        if each.key == "replies-card"
        for row in each.rows
    }
    assert parsed == {"naive": 0.0, "distilled": 0.0, "retry": 0.0, "schema": 1.0}


def limited(opened: Opened) -> None:
    """The gate passes options on: a reply of one token ends by its length."""
    said = [Message(role="user", content="Hello, how are you today?")]
    model = cast("Model", opened.chat_model).name
    reply = opened.gate.chat(model, said, on_token=lambda _: None, options={"num_predict": 1})
    assert (reply.done_reason, reply.reply_tokens) == ("length", 1)
    assert opened.gate.chat(model, said, on_token=lambda _: None).done_reason == "stop"
