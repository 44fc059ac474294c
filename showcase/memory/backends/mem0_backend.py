"""Stock mem0: its own calls, and what it answers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from showcase.errors import ShowcaseError
from showcase.memory.backends.interface import BackendName, Calls
from showcase.memory.chroma_client import nothing_half_made
from showcase.memory.layouts import collection_name
from showcase.memory.mem0_store import configuration, import_mem0, open_memory, recalls
from showcase.memory.own_parts import close_store, http_clients, renew_connections
from showcase.memory.questions import only_asks
from showcase.memory.stored import KIND, QUESTION, Change, Found, own_metadata
from showcase.memory.vendor_errors import in_words
from showcase.stores.provider import vector_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx

    from showcase.engines.models.exchange import ExchangeRecorder
    from showcase.evidence import Endpoint, Message
    from showcase.memory.stored import Event, Source
    from showcase.stores.interface import Rows

_MORE = 2
"""Times as many rows as are wanted are asked of an engine whose filter cannot leave out those that only ask: Milvus
takes no comparison but equality, and to pgvector a row without the name is none of any."""

_EVENTS: tuple[Event, ...] = ("ADD", "UPDATE", "DELETE", "NONE")


class Mem0Backend:
    """mem0's `add`, `search`, `update` and `delete` on a store, opened again where another process wrote to it.

    Args:
        rows: The store; mem0 opens it by the same client.
        secret: Password or key of its server, None where there is none.
        endpoint: Where the model server listens.
        chat_model: Name of the model that extracts.
        embed_model: Name of the store's embedding model.
        dimensions: Numbers of its vectors.
        infer: Whether mem0 extracts memories by the chat model, instead of storing what was said as it is.
        limit_s: How long a whole answer of the model server may take.
        heard: Records what mem0 asks the model server and is answered; nothing is kept without.
    """

    name: BackendName = "mem0"

    def __init__(
        self,
        rows: Rows,
        *,
        secret: str | None = None,
        endpoint: Endpoint,
        chat_model: str,
        embed_model: str,
        dimensions: int,
        infer: bool,
        limit_s: float,
        heard: ExchangeRecorder | None = None,
    ) -> None:
        import_mem0()
        self.rows = rows
        self._secret = secret
        self._infer = infer
        self._endpoint = endpoint
        self._models = (chat_model, embed_model, dimensions)
        self._limit_s = limit_s
        self._heard = heard
        self._memory: Any = None
        self._collection = ""
        self._chats = self._embeds = 0

    def search(self, user_id: str, text: str, *, at_most: int) -> tuple[Found, ...]:
        """See `Backend`."""
        self.rows.same.check()
        if self.rows.changed():
            self.close()
        if not self.rows.holds(user_id):  # who only looks makes nothing
            return ()
        answer = self.rows.in_peace(lambda: self._searched(user_id, text, at_most), close=self.close)
        by_cosine = self.rows.place.address is not None and self.rows.place.address.kind != "chroma"
        found = {row.memory_id: row.cosine for row in recalls(answer, by_cosine=by_cosine)}
        # What mem0 hands out leaves away what lies beside a row; its id leads to it.
        there = {row.memory_id: row for row in self.rows.get(user_id, list(found)) if not row.question}
        kept = tuple(Found(row=there[each], cosine=cosine) for each, cosine in found.items() if each in there)
        self.rows.same.reading("SEARCH", user_id, count=len(kept[:at_most]))
        return kept[:at_most]

    def _searched(self, user_id: str, text: str, at_most: int) -> Any:  # noqa: ANN401 - whatever mem0 answers
        if self.rows.changed():
            self.close()
        with self._translated():
            filters: dict[str, Any] = {"user_id": user_id}
            if self.rows.place.address is not None:
                return self._opened(user_id).search(text, filters=filters, top_k=_MORE * at_most, explain=True)
            filters[KIND] = {"ne": QUESTION}
            return self._opened(user_id).search(text, filters=filters, top_k=at_most, explain=True)

    def add(self, user_id: str, messages: Sequence[Message], *, source: Source) -> tuple[Change, ...]:
        """See `Backend`. Without extraction the user's words alone are stored: a reply is no fact about its user."""
        said = messages if self._infer else [message for message in messages if message.role == "user"]
        asks = not self._infer and all(only_asks(message.content) for message in said)
        with self.rows.same.writing("ADD", user_id) as became, self._translated():
            answer = self._opened(user_id).add(
                [{"role": message.role, "content": message.content} for message in said],
                user_id=user_id,
                metadata=own_metadata(source="extracted" if self._infer else source, question=asks),
                infer=self._infer,
            )
            changes = tuple(
                Change(event=event, memory_id=str(row["id"]), text=str(row.get("memory", "")), by="mem0")
                for row in answer.get("results", ())
                if (event := row.get("event")) in _EVENTS
            )
            became.changes((change.event, change.memory_id) for change in changes)
        return changes

    def update(self, user_id: str, memory_id: str, text: str) -> Change:
        """See `Backend`."""
        before = self._text(user_id, memory_id)
        with self.rows.same.writing("UPDATE", user_id, [memory_id]), self._translated():
            self._opened(user_id).update(memory_id, text=text)
        self.rows.note(user_id, {memory_id: {KIND: QUESTION if only_asks(text) else None}})
        return Change(event="UPDATE", memory_id=memory_id, text=text, old_text=before, by="mem0")

    def delete(self, user_id: str, memory_id: str) -> Change:
        """See `Backend`."""
        before = self._text(user_id, memory_id)
        with self.rows.same.writing("DELETE", user_id, [memory_id]), self._translated():
            self._opened(user_id).delete(memory_id)
        return Change(event="DELETE", memory_id=memory_id, text=before, by="mem0")

    def calls(self) -> Calls:
        """See `Backend`."""
        return Calls(chat=self._chats, embed=self._embeds)

    def close(self) -> None:
        """See `Backend`."""
        if self._memory is not None:
            for client in http_clients(self._memory):  # mem0's own `close` leaves them open
                client.close()
            close_store(self._memory.vector_store)
            self._memory.close()
            self._memory = None
        self.rows.close()

    def _opened(self, user_id: str) -> Any:  # noqa: ANN401 - mem0's own class, which ships no types
        place = self.rows.place
        name = place.address.collection if place.address else collection_name(self.rows.layout, user_id)
        if self._memory is not None and place.address is not None:
            renew_connections(self._memory.vector_store)
        if self._memory is None or name != self._collection:
            self.close()
            self.rows.claim(user_id)  # first: a write that comes between is then a change
            chat_model, embed_model, dimensions = self._models
            with nothing_half_made():
                self._memory = open_memory(
                    configuration(
                        store=place.chroma,
                        home=place.home,
                        endpoint=self._endpoint,
                        chat_model=chat_model,
                        embed_model=embed_model,
                        dimensions=dimensions,
                        vector_store=vector_store(place, self._secret, collection=name, dimensions=dimensions),
                    ),
                    limit_s=self._limit_s,
                    address=place.address,
                )
            for client in http_clients(self._memory):
                client.event_hooks["request"].append(self._count)
                if self._heard is not None:
                    self._heard.attach(client)
            self._collection = name
        return self._memory

    def _text(self, user_id: str, memory_id: str) -> str:
        return self.rows.row(user_id, memory_id).text

    def _count(self, request: httpx.Request) -> None:
        self._chats += request.url.path == "/api/chat"
        self._embeds += request.url.path in ("/api/embed", "/api/embeddings")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what mem0 raises, from its store or its client of the model server, into what a user is told.

        A server's mem0 is let go of then: the next call connects anew, and finds a server that was away meanwhile.
        """
        place = self.rows.place
        _, embed_model, _ = self._models
        words = in_words(
            store=place.chroma,
            home=place.home,
            url=f"http://{self._endpoint}",
            model=embed_model,
            address=place.address,
        )
        try:
            with words:
                yield
        except ShowcaseError:
            if place.address is not None and place.address.path is None:
                self.close()
            raise
