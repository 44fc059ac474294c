"""What a scene has at hand: its task, the memory under test, and a way to say what happened."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from showcase.evidence import Message
from showcase.evidence.fact import Fact
from showcase.memory.mem0_store import COLLECTION, EVERYTHING, configuration, memory_rows, open_memory, recalls
from showcase.memory.own_parts import http_clients
from showcase.memory.switches import in_force
from showcase.processes.protocol.events import (
    Asked,
    Event,
    Holding,
    Opened,
    Replied,
    Searched,
    Streamed,
    Switched,
    Waiting,
)
from showcase.processes.protocol.orders import GoOn, MemoryTask, Order
from showcase.scenes.prompts import LateServer, PatientObserver, prompted
from showcase.scenes.readings import Readings
from showcase.settings import ASSISTANT, FACTS_FOLLOW, NOTHING_KNOWN, store_secret
from showcase.settings.store_address import parse
from showcase.settings.store_place import StorePlace
from showcase.stores.engines import table
from showcase.stores.provider import LISTED, vector_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.engines.ollama import OllamaGate
    from showcase.evidence import Endpoint, MemoryRow, Recall, Token
    from showcase.stores.interface import Table

T_co = TypeVar("T_co", bound=Fact, covariant=True)
M_co = TypeVar("M_co", bound=MemoryTask, covariant=True)


def _go_on() -> Order | None:
    """Wait for nobody: a scene that is played without an orchestrator."""
    return GoOn(ask=True)


@dataclass(frozen=True, slots=True)
class Stage(Generic[T_co]):
    """Where a scene plays.

    Attributes:
        task: What the orchestrator ordered.
        emit: Writes an event.
        wait: Returns the next order when it comes, None where none will.
    """

    task: T_co
    emit: Callable[[Event], None]
    wait: Callable[[], Order | None] = _go_on

    def say_switches(self) -> None:
        """Say how the libraries loaded by now read their telemetry switches."""
        self.emit(Switched(switches=in_force()))


@dataclass(frozen=True, slots=True)
class MemoryStage(Stage[M_co]):
    """Where a scene plays that opens the memory under test."""

    @property
    def user_id(self) -> str:
        """As whom this process acts."""
        return self.task.user_id

    @property
    def store(self) -> Path:
        """The store's directory."""
        return Path(self.task.store)

    @property
    def place(self) -> StorePlace:
        """Where the parts of the store are."""
        return place_of_task(self.task.store, self.task.address, home=Path(self.task.home))

    @property
    def endpoint(self) -> Endpoint:
        """Where the model server listens."""
        return self.task.endpoint

    def table(self, collection: str | None = None) -> Table:
        """Return the rows of a store that has a URL, without mem0: those of its collection, or of another one."""
        return table(self.place, store_secret.find(os.environ), collection=collection)

    def open_memory(self) -> Any:  # noqa: ANN401 - mem0's own class, which ships no types
        """Return stock mem0 on this task's store, and say which telemetry switches are in force."""
        place = self.place
        collection = place.address.collection if place.address else COLLECTION
        memory = open_memory(
            configuration(
                store=self.store,
                home=place.home,
                endpoint=self.endpoint,
                chat_model=self.task.chat_model,
                embed_model=self.task.embed_model,
                dimensions=self.task.dimensions,
                vector_store=vector_store(
                    place, store_secret.find(os.environ), collection=collection, dimensions=self.task.dimensions
                ),
            ),
            limit_s=self.task.limit_s,
            address=place.address,
        )
        Readings(self.emit).attach(*http_clients(memory))
        self.emit(Opened())
        self.say_switches()
        return memory

    def search(self, memory: Any, question: str, filters: dict[str, str], top_k: int) -> tuple[Recall, ...]:  # noqa: ANN401 - as above
        """Return what mem0 recalls for a question.

        mem0 leaves out what scores below 0.1. No row of Chroma does, whose score is 1/(1 + distance), 0.2 at least. Of
        other engines the score is the cosine, which may well be lower: there nothing is left out that mem0 can be told
        to keep, which is what has a cosine of 0 and more.
        """
        address = self.place.address
        by_cosine = address is not None and address.kind != "chroma"
        threshold = {"threshold": 0.0} if by_cosine else {}
        found = memory.search(question, filters=filters, top_k=top_k, explain=True, **threshold)
        return recalls(found, by_cosine=by_cosine)

    def listed(self, memory: Any) -> tuple[MemoryRow, ...]:  # noqa: ANN401 - as above
        """Return all rows of the task's user, as mem0 lists them."""
        address = self.place.address
        most = EVERYTHING if address is None else LISTED.get(address.kind, EVERYTHING)
        return memory_rows(memory.get_all(filters={"user_id": self.user_id}, top_k=most))

    def server(self, gate: OllamaGate | None = None) -> LateServer:
        """Return the model server as those who count ask it, by a gate that is there or one of its own."""
        return LateServer(
            self.endpoint,
            limit_s=self.task.limit_s,
            readings=Readings(self.emit),
            gate=gate,
            exact=self.task.counts_exactly,
        )

    def hold(self) -> None:
        """Stay as this process is, store open, where somebody wants to look at it."""
        if self.task.hold:
            self.emit(Holding())
            self.wait()

    def may_ask(self) -> bool:
        """Wait until the model server is free for this process; return whether it is to be asked at all."""
        self.emit(Waiting())
        order = self.wait()
        return isinstance(order, GoOn) and order.ask is True

    def say_searched(self, rows: Sequence[Recall]) -> None:
        """Say what the task's question recalled."""
        self.emit(Searched(question=self.task.question, rows=tuple(rows)))

    def ask(self, facts: Sequence[str]) -> None:
        """Ask the task's question with `facts` in the system prompt, and say the reply as it streams.

        Then say how much of the prompt was read.
        """
        from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - imported by the scenes that ask

        question = self.task.question
        messages = (
            Message(role="system", content=system_prompt(facts)),
            Message(role="user", content=question),
        )
        self.emit(Asked(question=question, messages=messages))

        def on_token(token: Token) -> None:
            self.emit(Streamed(**asdict(token)))

        gate = OllamaGate(self.endpoint, whole_s=self.task.limit_s)
        readings = Readings(self.emit)
        readings.begin("chat", messages)
        reply = gate.chat(self.task.chat_model, messages, on_token=on_token)
        readings.end_of(reply)
        self.emit(Replied(reply=replace(reply, tokens=())))
        server = self.server(gate)
        seen = PatientObserver(server).observe(self.task.chat_model, messages, reply.prompt_tokens)
        self.emit(prompted("chat", seen))
        server.close()


def place_of_task(store: str, address: str, *, home: Path) -> StorePlace:
    """Return where the parts of a task's store are."""
    return StorePlace(
        root=Path(store).parent, chroma=Path(store), home=home, address=parse(address) if address else None
    )


def system_prompt(facts: Sequence[str]) -> str:
    """Return the system prompt that carries what was recalled, one fact a line."""
    known = [FACTS_FOLLOW, *(f"- {fact}" for fact in facts)] if facts else [NOTHING_KNOWN]
    return "\n".join([ASSISTANT, *known])
