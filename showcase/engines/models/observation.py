"""What a process notes of each `add` and each chat: how much of the prompt was read, and why nothing was stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from showcase.engines.model_names import same
from showcase.engines.models.emptiness import Emptiness, why_empty
from showcase.engines.models.exchange import Exchange, ExchangeRecorder
from showcase.engines.models.truncation import Outcome, PromptCount, in_doubt, judge
from showcase.evidence import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import httpx

    from showcase.engines.models.context import TokenCounter
    from showcase.evidence import LoadedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptObservation:
    """The counts of one prompt, and what follows from them."""

    count: PromptCount
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class AddObservation:
    """One `add`. `prompt` is None where no model was asked, `empty` where something was stored."""

    prompt: PromptObservation | None
    empty: Emptiness | None


class PromptObserver:
    """Tells whether prompts were cut. Asks the server for a prompt's own count where there is doubt.

    Args:
        counter: Counts tokens.
        loaded: Reads `/api/ps`.
        always: Whether it is asked for every prompt. Of one with earlier turns a server drops whole messages, and what
            is left may be far below the context: no other count tells that.
        exact: Whether the counter makes tokens of a prompt without reading it. Then it is always asked.
    """

    def __init__(
        self,
        counter: TokenCounter,
        loaded: Callable[[], Sequence[LoadedModel]],
        *,
        always: bool = False,
        exact: bool = False,
    ) -> None:
        self._counter = counter
        self._loaded = loaded
        self._always = always or exact
        self._exact = exact

    def observe(self, model: str, messages: Sequence[Message], evaluated_tokens: int | None) -> PromptObservation:
        """Return what is known of a prompt that was just sent.

        Args:
            model: Who read it.
            messages: The prompt.
            evaluated_tokens: `prompt_eval_count` of the answer.

        Raises:
            EngineError: The server does not answer any more.
        """
        row = next((row for row in self._loaded() if same(row.name, model)), None)
        count = PromptCount(evaluated_tokens=evaluated_tokens, context_length=row.context_length if row else None)
        # Tokenizers split at white space first (Sennrich 2016; SentencePiece's `split_by_whitespace`), so that a prompt
        # has no fewer tokens than words; half of that leaves room for one that does not.
        fewest = sum(len(message.content.split()) for message in messages) // 2
        too_few = evaluated_tokens is not None and evaluated_tokens < fewest
        if self._always or too_few or in_doubt(count):
            own = self._counter.count(model, messages)
            count = replace(count, own_tokens=own, refused=own is None, exact=self._exact)
        outcome = judge(count)
        return PromptObservation(count=count, outcome="unknown" if too_few and outcome == "whole" else outcome)


class AddObserver:
    """Notes what a memory's own HTTP clients send and get during an `add`.

    Use::

        observer = AddObserver(PromptObserver(server, gate.loaded))
        observer.attach(memory.llm.client._client, memory.embedding_model.client._client)
        observer.begin()
        results = memory.add(...)
        observation = observer.end(stored_rows=len(results), stored=texts_before)
    """

    def __init__(self, prompts: PromptObserver) -> None:
        self._prompts = prompts
        self._recorder = ExchangeRecorder()

    def attach(self, *clients: httpx.Client) -> None:
        """Note what these clients do from now on."""
        for client in clients:
            self._recorder.attach(client)

    def begin(self) -> None:
        """Forget what was before."""
        self._recorder.take()

    def end(self, *, stored_rows: int, stored: Collection[str] = ()) -> AddObservation:
        """Return what happened since `begin`; call it also where the `add` raised.

        Args:
            stored_rows: How many rows the `add` returned.
            stored: Texts that the user had in the store before; tells duplicates.

        Raises:
            EngineError: The server does not answer any more.
        """
        exchanges = self._recorder.take()
        chat = next((item for item in reversed(exchanges) if item.path == "/api/chat" and item.answered), None)
        prompt = self._observe(chat) if chat is not None else None
        if stored_rows:
            return AddObservation(prompt=prompt, empty=None)
        outcome: Outcome = prompt.outcome if prompt is not None else "unknown"
        return AddObservation(prompt=prompt, empty=why_empty(exchanges, prompt=outcome, stored=stored))

    def _observe(self, chat: Exchange) -> PromptObservation:
        evaluated = chat.answer.get("prompt_eval_count")
        return self._prompts.observe(
            str(chat.request.get("model", "")),
            _messages(chat.request),
            evaluated if isinstance(evaluated, int) and not isinstance(evaluated, bool) else None,
        )


def _messages(request: dict[str, Any]) -> tuple[Message, ...]:
    return tuple(
        Message(role=str(message.get("role", "")), content=str(message.get("content", "")))
        for message in request.get("messages") or ()
        if isinstance(message, dict)
    )
