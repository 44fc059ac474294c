"""Asks a model server, by way of the product's own memory, search and prompt where a store takes part."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from showcase.bench.answers.samples import Answer, Answered, Extraction
from showcase.bench.memory.storing import store
from showcase.conversation.conversation import Conversation, Manner
from showcase.conversation.thresholds import default_for
from showcase.documents.leftovers import temporary
from showcase.documents.surrogates import without_surrogates
from showcase.engines.models.exchange import ExchangeRecorder
from showcase.errors import EngineError
from showcase.evidence import Message
from showcase.memory.backends import opening
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from typing_extensions import Self

    from showcase.bench.questions.questionnaire import Case
    from showcase.engines.everyday import Opened
    from showcase.memory.backends.interface import Backend

TOP_K = 5
TEMPERATURE = 0
SEED = 7
NUM_PREDICT = 256
"""Tokens of a reply at most: who is told to answer briefly and does not is cut."""


class Player:
    """Fulfils `interface.Answerer`; to be used in a `with`.

    Args:
        server: With a chat model.
        limit_s: How long a whole answer of the server may take.
    """

    def __init__(self, server: Opened, *, limit_s: float) -> None:
        self._server = server
        self._limit_s = limit_s
        self._places = ExitStack()
        self._planted: Backend | None = None

    def __enter__(self) -> Self:
        """Return this."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the store that was planted."""
        self._places.close()

    def warm_up(self, people: Sequence[Case]) -> None:
        """See `Answerer`."""
        self._reply((Message(role="user", content="Hello."),))
        if self._planted is not None:
            return
        backend, _ = self._places.enter_context(self._opened(infer=False))
        for case in people:
            for fact in case.facts:
                backend.add(case.who, [Message(role="user", content=fact)], source="typed")
        self._planted = backend

    def given(self, case: Case) -> Answered:
        """See `Answerer`."""
        return Answered(answers=(self._answer(case, case.messages(), case.facts),))

    def recalled(self, case: Case) -> Answered:
        """See `Answerer`."""
        if self._planted is None:
            raise EngineError("nothing was planted", hint="warm up first")
        return Answered(answers=(self._from(self._planted, case),))

    def extracted(self, cases: Sequence[Case], *, doing: Callable[[str], None]) -> Answered:
        """See `Answerer`."""
        who = cases[0].who
        with self._opened(infer=True) as (backend, heard):
            extractions = []
            for number, fact in enumerate(cases[0].facts, start=1):
                doing(f"extracting {number} of {len(cases[0].facts)}")
                extractions.append(self._extraction(backend, heard, who, fact))
            rows = sorted(backend.rows.rows(who), key=lambda row: (row.created_at or "", row.text))
            answers = []
            for number, case in enumerate(cases, start=1):
                doing(f"question {number} of {len(cases)}")
                answers.append(self._from(backend, case))
        return Answered(
            answers=tuple(answers), extractions=tuple(extractions), rows=tuple(without_surrogates(r.text) for r in rows)
        )

    def _extraction(self, backend: Backend, heard: ExchangeRecorder, who: str, fact: str) -> Extraction:
        stored = store(backend, self._server, heard, who, [Message(role="user", content=fact)])
        return Extraction(
            fact=fact,
            added=stored.added,
            store_s=stored.store_s,
            outcome=stored.outcome,
            empty=stored.empty,
            failed=stored.failed,
        )

    def _from(self, backend: Backend, case: Case) -> Answer:
        manner = Manner(
            user_id=case.who, top_k=TOP_K, threshold=default_for(self._server.embed_model.name), saves=False
        )
        # Made-up facts give no orders; a memory that a model made of them may, and is used like the others.
        prepared = Conversation(backend, self._server, manner, may_use=lambda *_: True).prepare(case.ask)
        return self._answer(case, prepared.messages, tuple(row.text for row in prepared.used))

    def _answer(self, case: Case, messages: Sequence[Message], memories: Sequence[str]) -> Answer:
        reply, done_reason, total_s = self._reply(messages)
        return Answer(
            number=case.number,
            ask=case.ask,
            prompt=tuple(without_surrogates(message.content) for message in messages),
            memories=tuple(map(without_surrogates, memories)),
            reply=without_surrogates(reply),
            done_reason=done_reason,
            total_s=round(total_s, 6),
        )

    def _reply(self, messages: Sequence[Message]) -> tuple[str, str | None, float]:
        """Return text, why it ended, and how long it took."""
        model = self._server.chat_model
        if model is None:
            raise EngineError("no chat model was chosen", hint="name one: --chat-model NAME")
        # No `num_ctx`: mem0 sends none, and a server loads the model anew for another one.
        options = {"temperature": TEMPERATURE, "seed": SEED, "num_predict": NUM_PREDICT}
        began = time.monotonic()
        reply = self._server.gate.chat(model.name, messages, on_token=lambda _: None, options=options)
        return reply.text, reply.done_reason, time.monotonic() - began

    @contextmanager
    def _opened(self, *, infer: bool) -> Iterator[tuple[Backend, ExchangeRecorder]]:
        """Open a new store of stock mem0, gone afterwards."""
        heard = ExchangeRecorder()
        with (
            temporary("showcase-bench-") as directory,
            opening.opened(
                opening.look(store_place(directory / "store")),
                self._server,
                infer=infer,
                limit_s=self._limit_s,
                heard=heard,
            ) as backend,
        ):
            yield backend, heard
