"""The ways of deleting that are compared: each is done to a copy of a store, and timed by itself."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from showcase.bench.erasure.stores import WHO
from showcase.engines.everyday import Opened
from showcase.erasure import erasing, verdict
from showcase.erasure.order import Order
from showcase.evidence.erasure import Finding
from showcase.memory import stock_deletes
from showcase.memory.backends.opening import Kept
from showcase.memory.mem0_store import COLLECTION
from showcase.memory.stock_mem0 import mem0_opened

if TYPE_CHECKING:
    from showcase.memory.stock_deletes import SecureDelete

Scope = Literal["one", "user"]
"""What is to be gone: one memory, or all of a user's. What deletes more, such as mem0's `reset`, deletes it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """To whom a way is applied: a copy of the store, the ids that go, and the server that mem0 is opened with."""

    kept: Kept
    ids: tuple[str, ...]
    server: Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How long it took, in seconds, without opening the store where it has to be open; and what ours certifies."""

    seconds: float
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of deleting; `tools` says whether other programs look at what it leaves as well."""

    name: str
    scope: Scope
    act: Callable[[Asked], Done]
    tools: bool = False


def ways() -> tuple[Way, ...]:
    """Return all ways, in the order in which they are shown."""
    return (
        Way(name="nothing deleted", scope="user", act=lambda _: Done(seconds=0.0), tools=True),
        Way(name="mem0 delete", scope="one", act=_delete),
        Way(name="mem0 delete_all", scope="user", act=_delete_all, tools=True),
        Way(name="mem0 delete_all, chroma vacuum", scope="user", act=_then(_delete_all, _vacuum)),
        Way(
            name="mem0 delete_all, history deleted, secure_delete on",
            scope="user",
            act=_then(_delete_all, _of_history("ON")),
        ),
        Way(
            name="mem0 delete_all, history deleted, secure_delete off",
            scope="user",
            act=_then(_delete_all, _of_history("OFF")),
        ),
        Way(name="mem0 reset, secure_delete on", scope="user", act=_reset("ON")),
        Way(name="mem0 reset, secure_delete off", scope="user", act=_reset("OFF")),
        Way(name="Chroma delete", scope="user", act=_of_chroma),
        Way(name="Chroma delete, chroma vacuum", scope="user", act=_then(_of_chroma, _vacuum)),
        Way(name="Chroma delete_collection", scope="user", act=_collection),
        Way(name="Chroma delete_collection, chroma vacuum", scope="user", act=_then(_collection, _vacuum)),
        Way(name="ours, one memory", scope="one", act=_ours(everything=False)),
        Way(name="ours, all of a user", scope="user", act=_ours(everything=True), tools=True),
    )


def _timed(act: Callable[[], object]) -> Done:
    began = time.monotonic()
    act()
    return Done(seconds=time.monotonic() - began)


def _then(first: Callable[[Asked], Done], second: Callable[[Asked], Done]) -> Callable[[Asked], Done]:
    return lambda asked: Done(seconds=first(asked).seconds + second(asked).seconds)


def _delete(asked: Asked) -> Done:
    with mem0_opened(asked.kept.place, asked.server) as memory:
        return _timed(lambda: memory.delete(asked.ids[0]))


def _delete_all(asked: Asked) -> Done:
    with mem0_opened(asked.kept.place, asked.server) as memory:
        return _timed(lambda: memory.delete_all(user_id=WHO))


def _reset(secure_delete: SecureDelete) -> Callable[[Asked], Done]:
    def act(asked: Asked) -> Done:
        with mem0_opened(asked.kept.place, asked.server) as memory:
            stock_deletes.tell(memory.db.connection, secure_delete)
            return _timed(memory.reset)

    return act


def _of_history(secure_delete: SecureDelete) -> Callable[[Asked], Done]:
    return lambda asked: _timed(
        lambda: stock_deletes.delete_history(asked.kept.place, list(asked.ids), secure_delete=secure_delete)
    )


def _of_chroma(asked: Asked) -> Done:
    with stock_deletes.chroma_opened(asked.kept.place) as (_, collection):
        return _timed(lambda: collection.delete(where={"user_id": WHO}))


def _collection(asked: Asked) -> Done:
    with stock_deletes.chroma_opened(asked.kept.place) as (client, _):
        return _timed(lambda: client.delete_collection(COLLECTION))


def _vacuum(asked: Asked) -> Done:
    return _timed(lambda: stock_deletes.vacuum(asked.kept.place))


def _ours(*, everything: bool) -> Callable[[Asked], Done]:
    def act(asked: Asked) -> Done:
        order = Order(kept=asked.kept, user_id=WHO, ids=asked.ids, everything=everything, key=secrets.token_bytes(32))
        began = time.monotonic()
        erasure = erasing.erase(order)
        return Done(seconds=time.monotonic() - began, finding=verdict.judge(erasure))

    return act
