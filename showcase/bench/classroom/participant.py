"""One participant's process: `python -m showcase.bench.classroom.participant`, its order on standard input.

A line of JSON orders, `plant` and `ask` let it go on; lines of JSON say `ready`, `planted`, and at last the `result`.
A password or key stands in the environment, never in the order's line of arguments.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.bench.classroom.told import memory, question, user_id
from showcase.evidence import Endpoint
from showcase.settings import store_secret
from showcase.settings.store_address import parse
from showcase.settings.store_place import StorePlace

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

NEAREST = 5

LIMIT_S = 120.0
"""Seconds that an answer of the model server may take: with twenty at once it has a queue."""


def main() -> None:
    """Do what is ordered, and say what came of it."""
    participant = _Participant(json.loads(sys.stdin.readline()))
    try:
        participant.play()
    except Exception as error:  # noqa: BLE001 - whatever it is, the class hears of it and goes on
        participant.did["fault"] = f"{type(error).__name__}: {str(error)[:300]}"
    _say(result=participant.did)


def place_of(order: dict[str, Any], home: Path) -> StorePlace:
    """Return the store that an order names; what mem0 keeps beside it lies in a directory of this process."""
    address = parse(order["address"]) if order["address"] else None
    return StorePlace(root=Path(order["data"]), chroma=Path(order["data"]), home=home, address=address)


class _Participant:
    def __init__(self, order: dict[str, Any]) -> None:
        self._order = order
        self._number = int(order["number"])
        self._embedding: list[float] = []
        self._asked_at = 0.0
        self.did: dict[str, Any] = {"add_ms": [], "search_ms": []}
        """What came of it so far: one that ends early has told of what it planted."""

    def play(self) -> None:
        """Open the store, plant, ask."""
        import psutil  # noqa: PLC0415 - after the order was read

        from showcase.memory.own_parts import close_store, http_clients  # noqa: PLC0415 - heavy

        began = time.perf_counter()
        stock = self._opened()
        self.did["opened_s"] = time.perf_counter() - began
        for client in http_clients(stock):
            client.event_hooks["request"].append(self._sent)
            client.event_hooks["response"].append(self._answered)
        mine = {"user_id": user_id(self._number)}
        self._wait("ready", "plant")
        for at in range(self._order["memories"]):
            took, _ = self._timed(stock.add, memory(self._number, at), infer=False, **mine)
            self.did["add_ms"].append(took * 1000)
        self._wait("planted", "ask")
        found, foreign = 0, 0
        for turn in range(self._order["searches"]):
            at = turn % self._order["memories"]
            asked = question(self._number, at)
            took, answer = self._timed(stock.search, asked, filters=mine, top_k=NEAREST)
            self.did["search_ms"].append(took * 1000)
            rows = answer["results"]
            found += any(row["memory"] == memory(self._number, at) for row in rows)
            foreign += sum(not self._is_mine(row) for row in rows)
        rows = stock.get_all(filters=mine, top_k=100_000)["results"]
        foreign += sum(not self._is_mine(row) for row in rows)
        wanted = {memory(self._number, at) for at in range(self._order["memories"])}
        self.did |= {
            "embed_ms": [took * 1000 for took in self._embedding],
            "found": found,
            "own": len(wanted & {row["memory"] for row in rows}),
            "foreign": foreign,
            "memory_bytes": psutil.Process().memory_info().rss,
        }
        for client in http_clients(stock):
            client.close()
        close_store(stock.vector_store)

    def _opened(self) -> Any:  # noqa: ANN401 - mem0's own class, which ships no types
        from showcase.memory.mem0_store import configuration, import_mem0, open_memory  # noqa: PLC0415 - heavy
        from showcase.stores.provider import vector_store  # noqa: PLC0415 - with it

        import_mem0()
        order, home = self._order, Path(os.environ["MEM0_DIR"])
        place = place_of(order, home)
        secret = store_secret.find(os.environ)
        collection = place.address.collection if place.address else "mem0"
        return open_memory(
            configuration(
                store=place.chroma,
                home=home,
                endpoint=Endpoint(address=order["engine"][0], port=order["engine"][1]),
                chat_model="none",
                embed_model=order["embed_model"],
                dimensions=order["dimensions"],
                vector_store=vector_store(place, secret, collection=collection, dimensions=order["dimensions"]),
            ),
            limit_s=LIMIT_S,
            address=place.address,
        )

    def _wait(self, says: str, hears: str) -> None:
        _say(state=says, at=time.monotonic())
        if sys.stdin.readline().strip() != hears:
            raise EOFError("whoever conducted the class has gone")

    def _timed(self, do: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, Any]:  # noqa: ANN401 - mem0's
        self._embedding.append(0.0)
        began = time.perf_counter()
        answer = do(*arguments, **options)
        return time.perf_counter() - began, answer

    def _sent(self, _: httpx.Request) -> None:
        self._asked_at = time.perf_counter()

    def _answered(self, response: httpx.Response) -> None:
        response.read()
        if self._embedding:
            self._embedding[-1] += time.perf_counter() - self._asked_at

    def _is_mine(self, row: dict[str, Any]) -> bool:
        return row.get("user_id") == user_id(self._number) and f" of {user_id(self._number)} " in row["memory"]


def _say(**line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
