"""Plays turns: searches, builds the prompt, streams the reply, stores what was said."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

from showcase.conversation import prompt
from showcase.conversation.instructions import looks_like_order
from showcase.conversation.recent import Recent
from showcase.conversation.turn import Lack, NotStoredError, Prepared, Turn
from showcase.conversation.uninterrupted import uninterrupted
from showcase.conversation.words import check_words
from showcase.errors import EngineError, ShowcaseError
from showcase.evidence import Message, PromptRead, Reply, Token
from showcase.memory.ranking import RELEVANCE_ALONE, Selection, Weights, select
from showcase.memory.stored import RECALLED, RECALLED_AT, Change, Stored, now

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.engines.everyday import Opened
    from showcase.memory.backends.interface import Backend

__all__ = ["Conversation", "Manner", "NotStoredError", "Prepared", "Turn"]

POOL = 60
"""Rows that are ranked at least, as many as mem0 itself looks at (`Memory._search_vector_store`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How turns are played.

    Attributes:
        user_id: Who speaks.
        top_k: Rows that go into a prompt at most.
        threshold: The cosine that a row needs to count as known.
        weights: How rows are ranked.
        remembers: Whether anything is searched; without, the same prompt knows nothing.
        saves: Whether a turn is stored.
    """

    user_id: str
    top_k: int
    threshold: float
    weights: Weights = RELEVANCE_ALONE
    remembers: bool = True
    saves: bool = True


class Conversation:
    """Turns of one user with one memory.

    Args:
        backend: The memory.
        server: The model server, with a chat model.
        manner: How turns are played; may be set anew between turns.
        may_use: Asked before a row that reads like an order goes into a prompt for the first time; its answer holds
            for as long as this conversation does.
        recent: The earlier turns.
    """

    def __init__(
        self,
        backend: Backend,
        server: Opened,
        manner: Manner,
        *,
        may_use: Callable[[Stored, str], bool],
        recent: Recent | None = None,
    ) -> None:
        self.backend = backend
        self.server = server
        self.manner = manner
        self.recent = recent or Recent()
        self._may_use = may_use
        self._decided: dict[tuple[str, str], bool] = {}

    def prepare(self, words: str) -> Prepared:
        """Search, and build the prompt; nothing is sent to the chat model.

        Raises:
            UsageError: Nothing was said, or too much.
        """
        check_words(words)
        began = time.monotonic()
        selection = self._selected(words)
        search_s = time.monotonic() - began
        used = [each.row for each in selection.used] if selection else []
        withheld = tuple(row for row in used if not self._passes(row))
        left_out = self.recent.fit()
        messages = prompt.messages([row for row in used if row not in withheld], self.recent.messages(), words)
        return Prepared(
            words=words,
            selection=selection,
            withheld=withheld,
            lack=self._lack(selection),
            messages=messages,
            left_out=left_out,
            search_s=round(search_s, 6),
        )

    def play(self, prepared: Prepared, on_token: Callable[[Token], None]) -> Turn:
        """Send the prompt, stream the reply, and store the turn.

        A reply that is stopped by Ctrl-C is kept as far as it came; what the user said is stored all the same.

        Args:
            prepared: See `prepare`.
            on_token: Gets each piece of the reply as it arrives.

        Raises:
            EngineError: The server does not answer; nothing was stored then.
            NotStoredError: The store cannot be written, or the server fails while that is done; the reply is in it.
        """
        reply, stopped = self._streamed(prepared.messages, on_token)
        read = None if stopped else self._observed(prepared.messages, reply)
        self.recent.add(prepared.words, prepared.messages, reply, read.context_length if read else None)
        turn = Turn(
            **{each.name: getattr(prepared, each.name) for each in fields(Prepared)},
            budget=self.recent.budget,
            reply=reply,
            stopped=stopped,
            read=read,
        )
        return self._stored(turn) if self.manner.saves else turn

    def undo(self, turn: Turn) -> tuple[Change, ...]:
        """Take back what a turn wrote: its rows go, and what it changed gets its old text again.

        A row that has another text by now was changed by somebody else, and stays. Its bytes stay on disk, and mem0's
        history tells of it.
        """
        user_id = self.manner.user_id
        undone = []
        for change in reversed(turn.changes):
            if not any(row.text == change.text for row in self.backend.rows.get(user_id, [change.memory_id])):
                continue
            if change.event == "ADD":
                undone.append(self.backend.delete(user_id, change.memory_id))
            elif change.event == "UPDATE" and change.old_text is not None:
                undone.append(self.backend.update(user_id, change.memory_id, change.old_text))
        if turn.saved:
            self._count_back(turn.used)
        self.recent.drop_last()
        return tuple(undone)

    def _count_back(self, used: Sequence[Stored]) -> None:
        """Let rows have been in one prompt less."""
        before = {row.memory_id: row for row in used}
        there = self.backend.rows.get(self.manner.user_id, list(before))
        beside = {}
        for row in (row for row in there if row.recalled):
            # Where nobody else used it meanwhile, it is as it was.
            at = (
                before[row.memory_id].recalled_at
                if row.recalled == before[row.memory_id].recalled + 1
                else row.recalled_at
            )
            beside[row.memory_id] = {RECALLED: row.recalled - 1 or None, RECALLED_AT: at}
        self.backend.rows.note(self.manner.user_id, beside)

    def _selected(self, words: str) -> Selection | None:
        manner = self.manner
        if not manner.remembers:
            return None
        found = self.backend.search(manner.user_id, words, at_most=max(POOL, 4 * manner.top_k))
        return select(found, top_k=manner.top_k, threshold=manner.threshold, weights=manner.weights)

    def _lack(self, selection: Selection | None) -> Lack | None:
        if selection is None or selection.nearest is not None:
            return None
        rows = tuple(self.backend.rows.rows(self.manner.user_id))
        if not rows:
            return "nothing"
        return "questions" if all(row.question for row in rows) else "beyond"

    def _passes(self, row: Stored) -> bool:
        order = looks_like_order(row.text)
        if order is None:
            return True
        key = (row.memory_id, row.text)
        if key not in self._decided:
            self._decided[key] = self._may_use(row, order)
        return self._decided[key]

    def _streamed(self, messages: Sequence[Message], on_token: Callable[[Token], None]) -> tuple[Reply, bool]:
        tokens: list[Token] = []

        def take(token: Token) -> None:
            tokens.append(token)
            on_token(token)

        try:
            return self.server.gate.chat(self._model, messages, on_token=take), False
        except KeyboardInterrupt:
            return _cut_off(tokens), True

    def _observed(self, messages: Sequence[Message], reply: Reply) -> PromptRead | None:
        """Tell whether the prompt was read whole, where the server can be asked."""
        from showcase.engines.models.context import Tokeniser  # noqa: PLC0415 - only after a reply
        from showcase.engines.models.observation import PromptObserver  # noqa: PLC0415 - only after a reply
        from showcase.engines.ollama_models import OllamaModels  # noqa: PLC0415 - with it

        if reply.prompt_tokens is None:
            return None
        models = OllamaModels(self.server.endpoint)
        try:
            # Rules and what is said now; all that lies between them are earlier turns, which a server may drop whole.
            earlier = len(messages) > 2  # noqa: PLR2004 - see above
            if self.server.counts_exactly:
                observer = PromptObserver(Tokeniser(models), self.server.gate.loaded, exact=True)
            else:
                observer = PromptObserver(models, self.server.gate.loaded, always=earlier)
            seen = observer.observe(self._model, messages, reply.prompt_tokens)
        except EngineError:
            return None
        finally:
            models.close()
        return PromptRead(purpose="chat", outcome=seen.outcome, **asdict(seen.count))

    def _stored(self, turn: Turn) -> Turn:
        user_id, rows = self.manner.user_id, self.backend.rows
        said = [Message(role="user", content=turn.words)]
        if turn.reply.text:
            said.append(Message(role="assistant", content=turn.reply.text))
        began = time.monotonic()
        try:
            with uninterrupted():
                turn = replace(turn, changes=self.backend.add(user_id, said, source="typed"), saved=True)
                at = now()
                rows.note(user_id, {row.memory_id: {RECALLED: row.recalled + 1, RECALLED_AT: at} for row in turn.used})
        except ShowcaseError as error:
            raise NotStoredError(turn, error.message, hint=error.hint) from error
        except KeyboardInterrupt as error:
            stopped = "it was stopped; what is there nevertheless, a list of the memories tells"
            raise NotStoredError(turn, stopped) from error
        return replace(turn, save_s=round(time.monotonic() - began, 6))

    @property
    def _model(self) -> str:
        model = self.server.chat_model
        if model is None:
            raise EngineError("no chat model was chosen", hint="name one: --chat-model NAME")
        return model.name


def _cut_off(tokens: Sequence[Token]) -> Reply:
    return Reply(
        text="".join(token.text for token in tokens),
        tokens=tuple(tokens),
        done_reason=None,
        prompt_tokens=None,
        reply_tokens=len(tokens) or None,
        total_s=None,
        load_s=None,
        prompt_s=None,
        reply_s=None,
    )
