"""Stores of this process, with faults: what the probes of `bench stores` have to see."""

from __future__ import annotations

import queue
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from showcase.bench.stores.program import RefusedError
from showcase.bench.stores.readers import Seen
from showcase.bench.stores.worker import Worker, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from showcase.bench.stores.told import Told


@dataclass
class Held:
    """A store that does what it should; those who plant replace one of its methods."""

    rows: dict[str, Seen] = field(default_factory=dict)

    def add(self, user_id: str, text: str) -> str:
        if not user_id.strip():
            raise ValueError("an id has characters")
        memory_id = str(uuid.uuid4())
        self.rows[memory_id] = Seen(memory_id=memory_id, user_id=user_id, text=text)
        return memory_id

    def search(self, user_id: str, text: str, at_most: int) -> list[Seen]:
        found = self.listed(user_id)
        return sorted(found, key=lambda row: row.text != text)[:at_most]

    def listed(self, user_id: str) -> list[Seen]:
        if not user_id.strip():
            raise ValueError("an id has characters")
        return [row for row in list(self.rows.values()) if row.user_id == user_id]

    def owner(self, memory_id: str) -> str | None:
        return self.rows[memory_id].user_id if memory_id in self.rows else None

    def delete(self, memory_id: str) -> None:
        self.rows.pop(memory_id, None)

    def delete_all(self, user_id: str) -> None:
        for row in self.listed(user_id):
            self.delete(row.memory_id)

    def insert(self, rows: Sequence[Told]) -> None:
        for row in rows:
            self.rows[row.memory_id] = Seen(
                memory_id=row.memory_id, user_id=row.payload["user_id"], text=row.payload["data"]
            )

    def close(self) -> None:
        pass


class Here:
    """A program of this process: each order is a thread's, and gets its answer as from another one."""

    opened_s = imported_s = 0.0

    def __init__(self, using: Held) -> None:
        self._orders: queue.Queue[dict[str, Any]] = queue.Queue()
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._worker = Worker(using, self._orders, lambda **_: None)

    def greet(self) -> None:
        pass

    def ask(self, do: str, *, within_s: float = 60.0, **order: object) -> dict[str, Any]:
        self.send(do, **order)
        return self.receive(within_s)

    def send(self, do: str, **order: object) -> None:
        if do == "stop":
            self._orders.put({"do": do})
            return
        threading.Thread(target=self._answer, args=({"do": do, **order},), daemon=True).start()

    def receive(self, within_s: float = 60.0) -> dict[str, Any]:
        answer = self._answers.get(timeout=within_s)
        if "error" in answer:
            raise RefusedError(answer["error"])
        return answer

    def _answer(self, order: dict[str, Any]) -> None:
        try:
            self._answers.put(self._worker.answer(order))
        except Exception as error:  # noqa: BLE001 - as in the worker
            self._answers.put({"error": said(error)})


class Stage:
    """What the probes have of a stage: each program gets what `open_one` returns for its number, or is refused."""

    def __init__(self, open_one: Callable[[int], Held]) -> None:
        self._open_one = open_one
        self._number = 0

    @contextmanager
    def opened(self, *, waits: bool = True) -> Iterator[Here]:  # noqa: ARG002 - the stage's own signature
        self._number += 1
        yield Here(self._open_one(self._number))

    def pause(self, _: float) -> None:
        pass

    def doing(self, _: str) -> None:
        pass
