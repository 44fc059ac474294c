"""One process that uses a store: `python -m showcase.bench.stores.worker OPENING`.

Orders come as lines of JSON on standard input, and each gets one line back on what was standard output; libraries that
print do so to standard error. Moments are of the monotonic clock, which the processes of a machine share.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from showcase.bench.stores import told
from showcase.settings import store_secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.bench.stores.readers import Using

PERIOD_S = 0.01
"""Between two looks of a reader that waits for something."""

_CLOSE = "close"


class Worker:
    """Answers orders on an open store."""

    def __init__(self, using: Using, orders: queue.Queue[dict[str, Any]], write: Callable[..., None]) -> None:
        self._using = using
        self._orders = orders
        self._write = write

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what is ordered; `do` names the method."""
        name = order.pop("do")
        answer: dict[str, Any] = getattr(self, f"do_{name}")(**order)
        return answer | {"at": time.monotonic()}

    def do_add(self, user: str, text: str) -> dict[str, Any]:
        """Store a text; say under which id, and whose it is then."""
        memory_id = self._using.add(user, text)
        return {"id": memory_id, "owner": self._using.owner(memory_id)}

    def do_adds(self, user: str, texts: list[str]) -> dict[str, Any]:
        """Store texts one by one; say how long each took, and which failed."""
        ids, took, failed = [], [], []
        for text in texts:
            began = time.perf_counter()
            try:
                ids.append(self._using.add(user, text))
            except Exception as error:  # noqa: BLE001 - whatever the adapter raises is what is looked at
                failed.append(said(error))
            else:
                took.append((time.perf_counter() - began) * 1000)
        return {"ids": ids, "ms": took, "failed": failed}

    def do_search(self, user: str, text: str, at_most: int) -> dict[str, Any]:
        """Search once."""
        return {"rows": [asdict(each) for each in self._using.search(user, text, at_most)]}

    def do_searches(self, user: str, texts: list[str], at_most: int) -> dict[str, Any]:
        """Search for each text; say how long each took, and what came back."""
        rows, took = [], []
        for text in texts:
            began = time.perf_counter()
            found = self._using.search(user, text, at_most)
            took.append((time.perf_counter() - began) * 1000)
            rows.append([asdict(each) for each in found])
        return {"rows": rows, "ms": took}

    def do_whole(self, user: str, text: str, count: int, limit_s: float) -> dict[str, Any]:
        """Search until as many rows come as there are; say how long the first search took, and all of them."""
        began = time.monotonic()
        found, took = len(self._using.search(user, text, count)), time.monotonic() - began
        while found < count and time.monotonic() - began < limit_s:
            time.sleep(PERIOD_S)
            found = len(self._using.search(user, text, count))
        return {"ms": took * 1000, "whole_s": time.monotonic() - began if found >= count else None}

    def do_list(self, user: str) -> dict[str, Any]:
        """List a user's rows."""
        return {"rows": [asdict(each) for each in self._using.listed(user)]}

    def do_delete(self, memory_id: str) -> dict[str, Any]:
        """Take a row out."""
        self._using.delete(memory_id)
        return {}

    def do_delete_all(self, user: str) -> dict[str, Any]:
        """Take a user's rows out."""
        self._using.delete_all(user)
        return {}

    def do_insert(self, count: int, at_once: int, limit_s: float) -> dict[str, Any]:
        """Store rows of other users in bulk, for as long as there is time."""
        took, stored = 0.0, 0
        for some in told.foreign(count, at_once):
            began = time.perf_counter()
            self._using.insert(some)
            took += time.perf_counter() - began
            stored += len(some)
            self._write(doing=f"storing, {stored:,} of {count:,} rows of others")
            if took > limit_s:
                break
        return {"stored": stored, "seconds": took}

    def do_await(self, user: str, text: str, wanted: str, there: bool, limit_s: float) -> dict[str, Any]:
        """Search again and again until a row is there, or is not; say when it was, None where that never came.

        `wanted` is the row's id or its text: of one that is yet to be stored nobody knows the id.
        """
        until, errors = time.monotonic() + limit_s, []
        while time.monotonic() < until:
            try:
                found = self._using.search(user, text, told.OWN + 5)
            except Exception as error:  # noqa: BLE001 - as above
                errors.append(said(error))
            else:
                if (wanted in {name for each in found for name in (each.memory_id, each.text)}) is there:
                    return {"seen_at": time.monotonic(), "errors": list(dict.fromkeys(errors))}
            time.sleep(PERIOD_S)
        listed = {name for each in self._using.listed(user) for name in (each.memory_id, each.text)}
        return {"seen_at": None, "listed": wanted in listed, "errors": list(dict.fromkeys(errors))}

    def do_watch(self, user: str, text: str, at_most: int) -> dict[str, Any]:
        """Search again and again until the next order comes; say how many rows came each time and when."""
        looks = []
        while self._orders.empty():
            began = time.monotonic()
            try:
                count, error = len(self._using.search(user, text, at_most)), ""
            except Exception as raised:  # noqa: BLE001 - as above
                count, error = 0, said(raised)
            looks.append([began, time.monotonic(), count, error])
            time.sleep(PERIOD_S)
        return {"looks": looks}


def said(error: BaseException) -> str:
    """Return an error on one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:400]


def main() -> None:
    """Open the store, and answer until the input ends."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1) as told_to:
        os.dup2(2, 1)

        def write(**line: Any) -> None:  # noqa: ANN401 - JSON
            told_to.write(json.dumps(line) + "\n")

        try:
            _serve(json.loads(sys.argv[1]), write)
        except BrokenPipeError:
            os._exit(1)


def _serve(opening: dict[str, Any], write: Callable[..., None]) -> None:
    from showcase.bench.stores import readers  # noqa: PLC0415 - what it imports is told apart from what it opens
    from showcase.memory.mem0_store import import_mem0  # noqa: PLC0415 - likewise

    opening["endpoint"] = tuple(opening["endpoint"])
    wanted = readers.Opening(**opening)
    began = time.monotonic()
    if wanted.reader == "mem0":
        import_mem0()
    imported = time.monotonic()
    try:
        using = readers.opened(wanted, store_secret.find(os.environ))
    except Exception as error:  # noqa: BLE001 - that it cannot be opened, and why, is a finding
        write(error=said(error))
        return
    write(opened_s=time.monotonic() - imported, imported_s=imported - began, at=time.monotonic())
    orders: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read, args=(orders,), daemon=True).start()
    worker = Worker(using, orders, write)
    while (order := orders.get())["do"] != _CLOSE:
        if order["do"] == "stop":  # it ended a watch
            continue
        try:
            write(**worker.answer(order))
        except Exception as error:  # noqa: BLE001 - as above
            write(error=said(error), at=time.monotonic())
    using.close()
    write(closed=True)


def _read(orders: queue.Queue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        orders.put(json.loads(line))
    orders.put({"do": _CLOSE})


if __name__ == "__main__":
    main()
