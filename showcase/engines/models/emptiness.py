"""Why an `add` stored nothing: told from what the server said, so that nothing is silently empty.

mem0 stores nothing and raises nothing when the model's reply was cut, is no JSON or holds no memories.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from showcase.engines.models.exchange import Exchange
    from showcase.engines.models.truncation import Outcome

Cause = Literal[
    "prompt cut",
    "reply cut",
    "thinking",
    "not JSON",
    "no memories",
    "duplicate",
    "transport error",
    "unexplained",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptiness:
    """Why nothing was stored: the cause, and a sentence with the numbers behind it."""

    cause: Cause
    detail: str


def why_empty(exchanges: Sequence[Exchange], *, prompt: Outcome = "unknown", stored: Collection[str] = ()) -> Emptiness:
    """Classify an `add` that returned no results.

    The first cause in the chain is named: a cut prompt explains a reply without memories, a cut reply
    explains broken JSON.

    Args:
        exchanges: What the recorder took during the `add`, of the chat client and of the embedding client.
        prompt: Whether the prompt was cut; see `truncation.judge`.
        stored: Texts that the user has in the store already.
    """
    failed = next((exchange for exchange in exchanges if not exchange.answered), None)
    if failed is not None:
        said = failed.answer.get("error") or "no answer came"
        status = "" if failed.status is None else f" {failed.status}"
        return Emptiness(cause="transport error", detail=f"{failed.path} failed{status}: {said}")
    chats = [exchange for exchange in exchanges if exchange.path == "/api/chat"]
    if not chats:
        return Emptiness(cause="unexplained", detail="the model was never asked")
    answer = chats[-1].answer
    if prompt == "cut":
        seen = answer.get("prompt_eval_count")
        return Emptiness(cause="prompt cut", detail=f"the model read only {seen} tokens of the prompt")
    return _from_reply(answer, stored)


def _from_reply(answer: dict[str, Any], stored: Collection[str]) -> Emptiness:
    message = answer.get("message")
    message = message if isinstance(message, dict) else {}
    content, thinking = str(message.get("content") or ""), str(message.get("thinking") or "")
    ran_out = answer.get("done_reason") == "length"
    tokens = answer.get("eval_count")
    # mem0 removes whole thoughts only: an open one is all there is.
    spoken = re.sub(r"<think>.*?(?:</think>|\Z)", "", content, flags=re.DOTALL).strip()
    if not spoken and (thinking or "<think>" in content):
        return Emptiness(
            cause="thinking",
            detail=f"all {tokens} tokens of the reply were thoughts: use a model that does not think",
        )
    reply = _json(spoken)
    if reply is None and ran_out:
        return Emptiness(cause="reply cut", detail=f"the reply ended after {tokens} tokens, its budget")
    if reply is None:
        what = "empty" if not spoken else "no JSON"
        return Emptiness(cause="not JSON", detail=f"the reply of {tokens} tokens is {what}")
    texts = _texts(reply)
    if not texts:
        return Emptiness(cause="no memories", detail="the reply is JSON without a memory in it")
    if all(text in stored for text in texts):
        return Emptiness(cause="duplicate", detail=f"{len(texts)} memories found, all stored before")
    new = sum(text not in stored for text in texts)
    return Emptiness(cause="unexplained", detail=f"{new} new memories were found, and none was stored")


def _json(reply: str) -> Any:  # noqa: ANN401 - it is whatever the model wrote
    """Return the JSON in `reply` or None. As lenient as mem0: a code block, or braces in prose."""
    block = re.search(r"```(?:[a-zA-Z0-9]*)\s*(.*?)\s*```", reply, flags=re.DOTALL)
    braces = re.search(r"\{.*\}", reply, flags=re.DOTALL)
    for candidate in (reply, block[1] if block else "", braces[0] if braces else ""):
        try:
            return json.loads(candidate, strict=False)
        except ValueError:  # noqa: PERF203 - three candidates
            continue
    return None


def _texts(reply: object) -> list[str]:
    memories = reply.get("memory") if isinstance(reply, dict) else None
    if not isinstance(memories, list):
        return []
    return [str(row["text"]) for row in memories if isinstance(row, dict) and row.get("text")]
