"""A class is conducted: its processes started, told to plant together, to ask together, and looked after at the end."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING, Any

from showcase.bench.classroom.sample import Participant, Taught
from showcase.bench.classroom.told import memory, user_id
from showcase.errors import ShowcaseError
from showcase.evidence import MemoryRow
from showcase.memory.chroma_store import every_row
from showcase.processes.environment import build
from showcase.settings.store_secret import SECRET
from showcase.stores.engines import table
from showcase.stores.size import size_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from typing_extensions import Self

    from showcase.engines.everyday import Opened
    from showcase.settings.store_place import StorePlace

ENTRY: tuple[str, ...] = ("-m", "showcase.bench.classroom.participant")
"""What Python runs for a participant; tests plant violations by a script of their own."""

PATIENCE_S = 900.0
"""Of a whole class: twenty processes that import mem0 on two cores are ready after half a minute."""


class Class:
    """One class on one store.

    Args:
        place: The store; its collection is the class's own, and is thrown away by whoever made it.
        secret: Password or key of its server.
        server: The model server.
        memories: How many each participant plants.
        searches: How many each asks.
    """

    def __init__(self, place: StorePlace, secret: str | None, server: Opened, *, memories: int, searches: int) -> None:
        self._place = place
        self._secret = secret
        self._server = server
        self._memories = memories
        self._searches = searches

    def teach(self, size: int, homes: Path, doing: Callable[[str], None]) -> Taught:
        """Let so many processes plant and ask.

        Args:
            size: How many.
            homes: A directory for what mem0 keeps beside each.
            doing: Is told what goes on.

        Raises:
            ShowcaseError: Nobody got so far as to plant, or the store cannot be read.
        """
        self._begin()
        before = self._size()
        with ExitStack() as children:
            started = []
            for number in range(size):
                doing(f"starting, {number} of {size} processes")
                started.append(children.enter_context(_Child(self._order(number), homes / str(number), self._secret)))
            doing("waiting until all have opened the store")
            deadline = time.monotonic() + PATIENCE_S
            ready = [child for child in started if child.heard("ready", deadline)]
            if not ready:
                raise ShowcaseError(
                    f"no participant could open the store: {started[0].fault or 'no reason given'}",
                    hint="try with one: showcase bench class --users 1",
                )
            doing(f"{len(ready)} plant")
            planting_s = _together(ready, "plant", "planted", deadline)
            doing(f"{len(ready)} ask")
            asking_s = _together(ready, "ask", "", deadline)
            participants = tuple(child.participant(number) for number, child in enumerate(started))
        after = self._size()
        whole, lost, strange = judge(self._rows(), [len(each.add_ms) for each in participants])
        return Taught(
            size=size,
            memories=self._memories,
            searches=self._searches,
            participants=participants,
            at_once=len(ready),
            planting_s=planting_s,
            asking_s=asking_s,
            whole=whole,
            lost=lost,
            strange=strange,
            size_before=before,
            size_after=after,
        )

    def _order(self, number: int) -> dict[str, Any]:
        endpoint, model = self._server.endpoint, self._server.embed_model
        return {
            "number": number,
            "address": "" if self._place.address is None else str(self._place.address),
            "data": str(self._place.chroma),
            "engine": [endpoint.address, endpoint.port],
            "embed_model": model.name,
            "dimensions": model.dimensions or 0,
            "memories": self._memories,
            "searches": self._searches,
        }

    def _begin(self) -> None:
        """Make an empty collection: of twenty that open a store at once, all would make it, and some engines mind."""
        if self._place.address is None:
            return
        with closing(table(self._place, self._secret)) as rows:
            rows.drop()
            rows.make(self._server.embed_model.dimensions or 0)

    def end(self) -> None:
        """Take the class's own collection away."""
        if self._place.address is not None:
            with closing(table(self._place, self._secret)) as rows:
                rows.drop()

    def _size(self) -> int | None:
        if self._place.address is None:
            return size_bytes(self._place, None)
        with closing(table(self._place, self._secret)) as rows:
            return size_bytes(self._place, rows)

    def _rows(self) -> tuple[MemoryRow, ...]:
        """Return every row that is there, read without mem0 and without a filter."""
        if self._place.address is None:
            return every_row(self._place.chroma)
        with closing(table(self._place, self._secret)) as rows:
            return tuple(
                MemoryRow(
                    memory_id=each.memory_id, text=str(each.beside.get("data")), user_id=each.beside.get("user_id")
                )
                for page in rows.pages(None)
                for each in page
            )


def judge(rows: Sequence[MemoryRow], planted: Sequence[int]) -> tuple[int, int, int]:
    """Return how many planted rows are there as they were planted, how many are lost, and how many rows are strange.

    Args:
        rows: All that are there.
        planted: Of how many memories each participant was told that they are stored. The next one may be there as well:
            a participant may have ended before it was told.
    """
    wanted = {(user_id(number), memory(number, at)) for number, count in enumerate(planted) for at in range(count)}
    begun = {(user_id(number), memory(number, count)) for number, count in enumerate(planted)}
    seen = Counter((row.user_id, row.text) for row in rows)
    whole = len(wanted & seen.keys())
    return whole, len(wanted) - whole, len(rows) - whole - len(begun & seen.keys())


class _Child:
    """A participant's process, heard by a thread of its own."""

    def __init__(self, order: dict[str, Any], home: Path, secret: str | None) -> None:
        home.mkdir(parents=True)
        environment, _ = build(mem0_home=home)
        self._errors = (home / "errors").open("w+", encoding="utf-8", errors="replace")
        self._process = subprocess.Popen(
            [sys.executable, *ENTRY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            env={**environment, **({} if secret is None else {SECRET: secret})},
            cwd=home,
        )
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.result: dict[str, Any] | None = None
        self.tell(json.dumps(order))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    @property
    def fault(self) -> str:
        """What ended it early, empty where nothing did."""
        if self.result is None:
            self._errors.seek(0)
            last = self._errors.read().strip().splitlines()[-1:]
            return last[0] if last else "its process ended without a word"
        return str(self.result.get("fault", ""))

    def tell(self, line: str) -> None:
        """Write it a line; one that has gone hears nothing."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()

    def heard(self, state: str, deadline: float) -> bool:
        """Wait until it says that it is so far, or its result; return whether it is."""
        while True:
            try:
                said = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return False
            if said is None:
                return False
            if "result" in said:
                self.result = said["result"]
                return not state and not self.fault
            if said.get("state") == state:
                return True

    def participant(self, number: int) -> Participant:
        """Return what it did."""
        did = self.result or {}
        return Participant(
            number=number,
            pid=self._process.pid,
            opened_s=did.get("opened_s", 0.0),
            add_ms=tuple(did.get("add_ms", ())),
            search_ms=tuple(did.get("search_ms", ())),
            embed_ms=tuple(did.get("embed_ms", ())),
            found=did.get("found", 0),
            own=did.get("own", 0),
            foreign=did.get("foreign", 0),
            memory_bytes=did.get("memory_bytes", 0),
            fault=self.fault,
        )

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(json.loads(line))
        self._lines.put(None)


def _together(children: Sequence[_Child], says: str, until: str, deadline: float) -> float:
    """Tell all to go on, and return the seconds until the last one was so far."""
    began = time.perf_counter()
    for child in children:
        child.tell(says)
    for child in children:
        child.heard(until, deadline)
    return time.perf_counter() - began
