"""What each arm sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from showcase.bench.prompt.judging import Contract
from showcase.bench.prompt.tasks import LANGUAGE, MEMORIES
from showcase.evidence import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.prompt.tasks import Exchange, Growth, Remembered, Task

Arm = Literal["naive", "distilled", "retry", "schema"]
ARMS: dict[str, str] = {
    "naive": "the whole history as messages, then the task",
    "distilled": "six distilled memories in the system prompt, then the task",
    "retry": "distilled, a JSON contract, and one retry that names what was wrong with the first reply",
    "schema": "distilled, the same contract, and `format` with a JSON schema",
}
_ROLE = "You are a programmer's assistant in one project."
_KNOWN = "What you know about the project:"


def of_task(arm: Arm, task: Task) -> tuple[Message, ...]:
    """Return the first prompt of an arm for a task."""
    return _prompt(arm, task, task.history, task.memories)


def grown(arm: Arm, growth: Growth, turns: int) -> tuple[Message, ...]:
    """Return the prompt after so many turns of the growing conversation.

    The distilled arms have the newest six memories of what was said so far.
    """
    said = growth.exchange[: turns // 2]
    return _prompt(arm, growth, said, [each.memory for each in said][-MEMORIES:])


def grown_before(arm: Arm, growth: Growth, turns: int) -> tuple[Message, ...]:
    """Return the prompt to which the last of so many turns was the reply.

    In it the arm that has the history ends where that of `grown` goes on.
    """
    *said, last = growth.exchange[: turns // 2]
    system = _system(arm, growth, [each.memory for each in said][-MEMORIES:])
    return (system, *(_messages(said) if arm == "naive" else ()), Message(role="user", content=last.user))


def contract(task: Task | Growth) -> Contract:
    """Return what an answer has to be."""
    return Contract(keys=task.keys, languages=task.languages)


def _prompt(
    arm: Arm, task: Task | Growth, said: Sequence[Exchange | Remembered], memories: Sequence[str]
) -> tuple[Message, ...]:
    words = f"{task.question} {_wish(task)}" if arm in ("naive", "distilled") else task.question
    return (
        _system(arm, task, memories),
        *(_messages(said) if arm == "naive" else ()),
        Message(role="user", content=words),
    )


def _system(arm: Arm, task: Task | Growth, memories: Sequence[str]) -> Message:
    parts = [_ROLE]
    if arm != "naive" and memories:
        parts.append("\n".join([_KNOWN, *(f"- {memory}" for memory in memories)]))
    if arm in ("retry", "schema"):
        parts.append(_terms(task))
    return Message(role="system", content="\n\n".join(parts))


def _messages(said: Sequence[Exchange | Remembered]) -> list[Message]:
    pairs = [(("user", each.user), ("assistant", each.assistant)) for each in said]
    return [Message(role=role, content=words) for pair in pairs for role, words in pair]


def _wish(task: Task | Growth) -> str:
    """The form of the answer, as a user would ask for it."""
    return (
        f"Answer as a JSON object with the keys {', '.join(task.keys)}; "
        f"{LANGUAGE} is one of {', '.join(task.languages)}."
    )


def _terms(task: Task | Growth) -> str:
    """The form of the answer, as a contract."""
    return (
        "Your whole reply is exactly one JSON object, without a code fence and without a word before or after it.\n"
        f"It has exactly these keys, each with a non-empty string: {', '.join(task.keys)}.\n"
        f'"{LANGUAGE}" is one of: {", ".join(task.languages)}.'
    )
