"""Writes to a store in a process of its own, or reads from it: ROOT NAME COUNT [half | read]."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from kept_stores import row, vector

from showcase.memory.backends.opening import look
from showcase.memory.collections import Collections
from showcase.memory.operations import chain
from showcase.memory.stored import to_metadata
from showcase.settings.store_place import store_place


def half_a_line(descriptor: int, data: Any) -> int:
    """Write what a process wrote that is ended in the middle of a line."""
    os.write(descriptor, bytes(data)[: len(data) // 2])
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def main(root: str, name: str, count: int, *how: str) -> None:
    kept = look(store_place(Path(root)))
    with Collections(kept.place, kept.layout) as rows:
        for number in range(count):
            if how == ("read",):
                rows.same.reading("LIST", name, count=number)
                continue
            if how and number == count - 1:
                chain.os = type("Os", (), {**vars(os), "write": staticmethod(half_a_line)})  # type: ignore[assignment]
            each = row(f"{name} {number}", name)
            rows.put(name, {each.memory_id: (to_metadata(each), vector(each.text))})
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
