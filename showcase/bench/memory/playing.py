"""Plays the whole conversation with one arm, in a store of its own, and asks the planted questions at its end."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from showcase.bench.memory.judging import kept, rank
from showcase.bench.memory.samples import Asked, Played, PlayedTurn, Read
from showcase.bench.memory.storing import store, total
from showcase.conversation import prompt
from showcase.documents.leftovers import temporary
from showcase.engines.models.exchange import ExchangeRecorder
from showcase.errors import EngineError
from showcase.evidence import Message
from showcase.memory.backends import opening
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.memory.arms import Arm
    from showcase.bench.memory.told import Planted, Told, ToldTurn
    from showcase.engines.everyday import Opened
    from showcase.engines.models.exchange import Exchange
    from showcase.memory.backends.interface import Backend
    from showcase.memory.stored import Stored

TOP_K = 5
_USER = "teller"
_NANO = 1e-9


class Player:
    """Plays arms on a server.

    Args:
        server: The model server, with a chat model.
        told: What is told and asked.
        limit_s: How long a whole answer of the server may take.
    """

    def __init__(self, server: Opened, told: Told, *, limit_s: float) -> None:
        self._server = server
        self._told = told
        self._limit_s = limit_s

    def play(self, arm: Arm, doing: Callable[[str], None]) -> Played:
        """Play all turns.

        Args:
            arm: Which.
            doing: Told each turn and each question.

        Raises:
            ShowcaseError: Server or store cannot be used.
        """
        if arm == "naive":
            return self._naive(doing)
        heard = ExchangeRecorder()
        with ExitStack() as places:
            directory = places.enter_context(temporary("showcase-bench-"))
            backend = places.enter_context(
                opening.opened(
                    opening.look(store_place(directory / "store")),
                    self._server,
                    name="chroma" if arm == "chroma" else "mem0",
                    infer=arm == "mem0-infer",
                    limit_s=self._limit_s,
                    heard=heard,
                )
            )
            turns = []
            for number, turn in enumerate(self._told.turns, start=1):
                doing(f"turn {number} of {len(self._told.turns)}")
                turns.append(self._turn(backend, heard, turn))
            questions = []
            for number, planted in enumerate(self._told.questions, start=1):
                doing(f"question {number} of {len(self._told.questions)}")
                questions.append(self._asked(backend, planted))
            rows = tuple(
                row.text for row in sorted(backend.rows.rows(_USER), key=lambda row: (row.created_at or "", row.text))
            )
        return Played(turns=tuple(turns), questions=tuple(questions), rows=rows, kept=kept(self._told, rows))

    def warm(self) -> None:
        """Have both models loaded."""
        self._read((), (), "Hello.")
        self._server.gate.embed(self._server.embed_model.name, "Hello.")

    def _naive(self, doing: Callable[[str], None]) -> Played:
        """Store nothing: every prompt has all that was said before."""
        turns = []
        history: list[Message] = []
        for number, turn in enumerate(self._told.turns, start=1):
            doing(f"turn {number} of {len(self._told.turns)}")
            read = self._read((), history, turn.said)
            turns.append(
                PlayedTurn(
                    chat_calls=0,
                    embed_calls=0,
                    read_tokens=0,
                    written_tokens=0,
                    read_s=0.0,
                    search_s=None,
                    store_s=None,
                    prompt=read,
                )
            )
            history += _messages(turn)
        return Played(turns=tuple(turns))

    def _turn(self, backend: Backend, heard: ExchangeRecorder, turn: ToldTurn) -> PlayedTurn:
        before = backend.calls()
        rows, search_s = _searched(backend, turn.said)
        read = self._read(rows, (), turn.said)
        stored = store(backend, self._server, heard, _USER, _messages(turn))
        after = backend.calls()
        return PlayedTurn(
            chat_calls=after.chat - before.chat,
            embed_calls=after.embed - before.embed,
            read_tokens=total(stored.chats, "prompt_eval_count"),
            written_tokens=total(stored.chats, "eval_count"),
            read_s=_seconds(stored.chats),
            search_s=round(search_s, 6),
            store_s=stored.store_s,
            prompt=read,
            tells=bool(turn.facts),
            prompt_outcome=stored.outcome,
            context=stored.context,
            added=stored.added,
            empty=stored.empty,
            failed=stored.failed,
        )

    def _asked(self, backend: Backend, planted: Planted) -> Asked:
        rows, search_s = _searched(backend, planted.asked)
        return Asked(
            id=planted.id,
            rank=rank(self._told, planted.answers, [row.text for row in rows]),
            search_s=round(search_s, 6),
            prompt=self._read(rows, (), planted.asked),
        )

    def _read(self, rows: Sequence[Stored], history: Sequence[Message], words: str) -> Read:
        """Have the server read a prompt, whose reply is one token."""
        from showcase.engines.ollama_models import OllamaModels  # noqa: PLC0415 - heavy

        took: list[float] = []
        models = OllamaModels(self._server.endpoint, limit_s=self._limit_s)
        try:
            tokens = models.count(
                self._model,
                prompt.messages(rows, history, words),
                on_answer=lambda answer: took.extend(_duration(answer)),
            )
        finally:
            models.close()
        return Read(tokens=tokens, read_s=took[0] if took else None)

    @property
    def _model(self) -> str:
        model = self._server.chat_model
        if model is None:
            raise EngineError("no chat model was chosen", hint="name one: --chat-model NAME")
        return model.name


def _searched(backend: Backend, words: str) -> tuple[tuple[Stored, ...], float]:
    began = time.monotonic()
    found = backend.search(_USER, words, at_most=TOP_K)
    took = time.monotonic() - began
    return tuple(each.row for each in found if not each.row.question)[:TOP_K], took


def _messages(turn: ToldTurn) -> list[Message]:
    return [Message(role="user", content=turn.said), Message(role="assistant", content=turn.reply)]


def _seconds(chats: Sequence[Exchange]) -> float | None:
    took = [_duration(each.answer) for each in chats]
    return round(sum((each[0] for each in took), 0.0), 6) if all(took) else None


def _duration(answer: Mapping[str, Any]) -> tuple[float, ...]:
    nanoseconds = answer.get("prompt_eval_duration")
    return (round(nanoseconds * _NANO, 6),) if type(nanoseconds) is int and nanoseconds >= 0 else ()
