"""A session of chat: one user at a time, turns played and shown, and what commands need of them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.cli.echo import no_echo
from showcase.cli.repl import incognito
from showcase.cli.repl.played import OfUser, Played
from showcase.cli.repl.resolving import resolved
from showcase.conversation import account
from showcase.conversation.conversation import Conversation, Manner
from showcase.conversation.recent import Recent
from showcase.conversation.turn import NotStoredError
from showcase.engines.rehearsal_embedding import typed_note
from showcase.memory.backends import opening
from showcase.memory.store_errors import check_databases
from showcase.memory.user_ids import check_user_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.cli.everyday import Surroundings
    from showcase.cli.repl.contacts import OwnContacts
    from showcase.cli.repl.played import Asked
    from showcase.cli.repl.shown import Screen
    from showcase.conversation.turn import Turn
    from showcase.engines.everyday import Opened
    from showcase.erasure.gathering import Gone
    from showcase.memory.backends.interface import Backend
    from showcase.memory.stored import Stored
    from showcase.settings.store_place import StorePlace


class Session:
    """One chat, until it is over.

    Args:
        around: Where the store lies, and the user's own environment.
        server: The model server.
        asked: See `Asked`.
        user_id: Who speaks first.
        screen: Where things are shown.
        confirm: Asks a person yes or no.
        contacts: What this process tried to contact, where it is audited.
    """

    def __init__(
        self,
        around: Surroundings,
        server: Opened,
        asked: Asked,
        *,
        user_id: str,
        screen: Screen,
        confirm: Callable[[str], bool],
        contacts: OwnContacts | None = None,
    ) -> None:
        self.around = around
        self.server = server
        self.asked = asked
        self.screen = screen
        self.confirm = confirm
        self.of = OfUser(user_id=user_id)
        self.over = False
        self.contacts = contacts
        self.copy: incognito.Copy | None = None
        self.forgotten: dict[str, list[Gone]] = {}  # by `/forget`, for `erasing.erase_forgotten`
        self._backend: Backend | None = None
        self._places = ExitStack()
        self._told_of_language = False
        self._earlier: Recent | None = None
        self.conversation = self._conversation(Recent(asked.recent))

    @property
    def user_id(self) -> str:
        """Who speaks."""
        return self.of.user_id

    @property
    def place(self) -> StorePlace:
        """Where the store lies, whatever copy of it is open."""
        return self.around.kept.place

    @property
    def backend(self) -> Backend:
        """The memory: the store, or incognito a copy of it."""
        return self.conversation.backend

    @property
    def is_incognito(self) -> bool:
        """Whether turns write nothing."""
        return self.copy is not None

    def close(self) -> None:
        """Let go of the store, and remove a copy of it."""
        self._places.close()
        if self.copy is not None:
            self.copy.close()

    def users(self) -> dict[str, int]:
        """Return who has how many memories."""
        return {user: count for user, count in self.backend.rows.users().items() if user is not None}

    def become(self, user_id: str) -> int:
        """Let another user speak: nothing that was said before is in their prompts; return how many memories they have.

        Raises:
            UsageError: The id is no id, or cannot be told from one that is there.
        """
        there = self.users()
        check_user_id(user_id, others=[each for each in there if each != user_id])
        if user_id != self.user_id:
            self.of = OfUser(user_id=user_id)
            self._earlier = None if self._earlier is None else Recent(self.asked.recent)
            self.conversation = self._conversation(Recent(self.asked.recent), keep=True)
        return there.get(user_id, 0)

    def use(self, server: Opened) -> None:
        """Go on with another chat model, on the same store."""
        self.server = server
        self.conversation = self._conversation(self.conversation.recent)

    def hide(self) -> str:
        """Begin to write nothing; return the digest of the store.

        Raises:
            StoreError: The store cannot be read or copied.
            UsageError: It has a URL.
        """
        incognito.check_copyable(self.place)
        self._places.close()
        try:
            self.copy = incognito.Copy(self.place)
        finally:
            if self.copy is None:
                self.conversation = self._conversation(self.conversation.recent)
        self._earlier = self.conversation.recent
        self.conversation = self._conversation(self._earlier.copy())
        return self.copy.taken.whole

    def show(self) -> str:
        """Write again, with nothing of the turns meanwhile in later prompts; return what became of the store."""
        assert self.copy is not None  # noqa: S101 - the command looks before
        try:
            return incognito.compared(self.place, self.copy.taken)[1]
        finally:
            self._places.close()
            self.copy.close()
            self.copy = None
            self.of.turns = [played for played in self.of.turns if not played.incognito]
            self.conversation = self._conversation(self._earlier or Recent(self.asked.recent))
            self._earlier = None

    def _tell_language(self, words: str) -> None:
        """Say once that what was typed is in a language that the embedding does not know."""
        said = None if self._told_of_language else typed_note(self.server.embed_model.name, words)
        if said is not None:
            self._told_of_language = True
            self.screen.line(said, dim=True)

    def say(self, words: str) -> None:
        """Play a turn, and show it.

        Raises:
            ShowcaseError: The server or the store cannot be used.
            KeyboardInterrupt: It was stopped before the model was asked.
        """
        if self.copy is None:
            if self.place.address is None:
                check_databases(self.place.chroma, self.place.home)  # Chroma would wait for minutes, and say nothing
        elif incognito.digest(self.place).whole != self.copy.taken.whole:
            self.screen.line("Another process wrote to the store; the copy is taken anew.", dim=True)
            self._places.close()
            self.copy.take()
            self.conversation = self._conversation(self.conversation.recent)
        if self.contacts is not None:
            self.contacts.begin()
        self._tell_language(words)
        prepared = self.conversation.prepare(words)
        if prepared.selection is not None and not prepared.used:
            self.screen.line(account.nothing(prepared, prepared.selection), dim=True)
        if prepared.left_out:
            self.screen.line(account.left_out(prepared.left_out, self.conversation.recent.budget), dim=True)
        fault: NotStoredError | None = None
        self.screen.begin_reply()
        try:
            with no_echo():
                turn = self.conversation.play(prepared, self.screen.token)
        except NotStoredError as error:
            turn, fault = error.turn, error
        finally:
            self.screen.end_reply()
        self._keep(turn)
        self._after(turn)
        if fault is not None:
            raise fault
        if self.asked.resolve and turn.changes:
            self._resolve(turn)

    def _keep(self, turn: Turn) -> None:
        played = Played(turn=turn, incognito=self.is_incognito)
        self.of.turns.append(played)
        self.of.said.append(played)
        if turn.changes:
            self.of.shown = 0

    def _after(self, turn: Turn) -> None:
        """Show what became of a turn beside its reply."""
        if turn.stopped:
            self.screen.line("(stopped)", dim=True)
        elif turn.reply.done_reason is None:
            self.screen.fault("the server broke off before the reply was whole")
        elif not turn.reply.text.strip():
            self.screen.line("(the model said nothing)", dim=True)
        if turn.read is not None and turn.read.outcome == "cut":
            self.screen.fault(
                f"the server CUT the prompt: it read {turn.read.evaluated_tokens} tokens of it",
                "a model with a longer context: showcase models plan; or fewer earlier turns: --recent TOKENS",
            )
        if self.copy is not None:
            unchanged, said = incognito.compared(self.place, self.copy.taken)
            self.screen.line(f"Incognito: nothing was stored. {said}" if unchanged else said, dim=unchanged)
        elif turn.saved:
            for line in account.changes(turn.changes):
                self.screen.line(line, dim=True)

    def _resolve(self, turn: Turn) -> None:
        made, removed = resolved(self, turn)
        if made:
            last = Played(turn=replace(turn, changes=(*turn.changes, *made)), incognito=False, removed=removed)
            self.of.turns[-1] = self.of.said[-1] = last

    def _conversation(self, recent: Recent, *, keep: bool = False) -> Conversation:
        """Return a conversation of the user who speaks, on the store or its copy.

        Args:
            recent: The earlier turns.
            keep: Whether what is open stays so.
        """
        backend = self._backend if keep and self._backend is not None else self._opened()
        self._backend = backend
        ranking = self.asked.ranking
        manner = Manner(
            user_id=self.user_id,
            top_k=ranking.top_k,
            threshold=ranking.threshold_for(self.server.embed_model.name),
            weights=ranking.weights,
            saves=self.copy is None,
        )
        return Conversation(backend, self.server, manner, may_use=self._may_use, recent=recent)

    def _opened(self) -> Backend:
        self._places.close()
        place = self.place if self.copy is None else self.copy.place
        there = (
            self.around.kept
            if self.copy is None and self._backend is None
            else opening.look(place, secret=self.around.kept.secret)
        )
        return self._places.enter_context(
            opening.opened(
                there,
                self.server,
                name=self.asked.backend.name,
                infer=self.asked.backend.infer,
                limit_s=self.asked.limit_s,
                writes=self.copy is None,
                tell=self.screen.line,
            )
        )

    def _may_use(self, row: Stored, order: str) -> bool:
        self.screen.line(f"A memory reads like an order (“{order}”): {account.origin(row)}:")
        self.screen.line(f"  {row.text}")
        return self.confirm("Put it into prompts of this chat?")
