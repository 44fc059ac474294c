"""One turn as a memory stores it, with what it asked of the chat model meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from showcase.engines.model_names import same
from showcase.engines.models.emptiness import why_empty
from showcase.engines.models.exchange import Exchange
from showcase.engines.models.truncation import PromptCount, judge
from showcase.errors import EngineError, ShowcaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.engines.everyday import Opened
    from showcase.engines.models.exchange import ExchangeRecorder
    from showcase.evidence import Message
    from showcase.memory.backends.interface import Backend


@dataclass(frozen=True, slots=True, kw_only=True)
class Storing:
    """What became of a turn.

    Attributes:
        chats: What was asked of the chat model, oldest first.
        added: Rows that were added.
        store_s: How long it took.
        outcome: Whether the last prompt was read whole; None where none was sent.
        context: Tokens in force for it.
        empty: Why nothing was stored, where it was not; see `engines.models.emptiness`.
        failed: What the memory raised over a model's reply; empty where it did not.
    """

    chats: tuple[Exchange, ...]
    added: int
    store_s: float
    outcome: Literal["whole", "cut", "unknown"] | None
    context: int | None
    empty: str
    failed: str


def store(
    backend: Backend, server: Opened, heard: ExchangeRecorder, user_id: str, messages: Sequence[Message]
) -> Storing:
    """Have a turn stored.

    Args:
        backend: The memory.
        server: Its model server.
        heard: Records what the memory asks; what it holds already is dropped.
        user_id: Whose turn it is.
        messages: What was said.

    Raises:
        ShowcaseError: Server or store cannot be used.
    """
    there = {row.text for row in backend.rows.rows(user_id)}
    heard.take()
    failed, added = "", 0
    began = time.monotonic()
    try:
        added = sum(each.event == "ADD" for each in backend.add(user_id, messages, source="typed"))
    except ShowcaseError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever mem0 raises over JSON of another shape than it expects
        failed = type(error).__name__
    store_s = time.monotonic() - began
    exchanges = heard.take()
    chats = tuple(each for each in exchanges if each.path == "/api/chat")
    if failed and not (chats and chats[-1].answered):
        raise EngineError(f"the memory failed over a turn: {failed}", hint="look whether the model server answers")
    context = _context(server) if chats else None
    outcome = _outcome(chats, context)
    empty = ""
    if chats and not added and not failed:
        empty = why_empty(exchanges, prompt=outcome or "unknown", stored=there).cause
    return Storing(
        chats=chats,
        added=added,
        store_s=round(store_s, 6),
        outcome=outcome,
        context=context,
        empty=empty,
        failed=failed,
    )


def total(chats: Sequence[Exchange], key: str) -> int | None:
    """Return the sum of a count over all answers; None where one does not have it, since less would look cheaper."""
    sum_of_all = 0
    for each in chats:
        count = each.answer.get(key)
        if type(count) is not int or count < 0:
            return None
        sum_of_all += count
    return sum_of_all


def _context(server: Opened) -> int | None:
    name = "" if server.chat_model is None else server.chat_model.name
    row = next((row for row in server.gate.loaded() if same(row.name, name)), None)
    return row.context_length if row else None


def _outcome(chats: Sequence[Exchange], context: int | None) -> Literal["whole", "cut", "unknown"] | None:
    if not chats:
        return None
    read = total(chats[-1:], "prompt_eval_count")
    return judge(PromptCount(own_tokens=chats[-1].prompt_tokens, evaluated_tokens=read, context_length=context))
