"""Converts a store and ends itself, as by `kill -9`, at one call of one function: before it, or right after.

Started by tests as a process of its own: KILL ROOT WHAT MODULE.NAME before|after NTH
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from kept_stores import vector

from showcase.evidence import Model
from showcase.memory import moving, reembedding
from showcase.memory.backends.opening import look
from showcase.settings.store_place import store_place

NEW_MODEL = Model(name="b-model:latest", digest=None, dimensions=16, remote=False)


def embed(texts: Any) -> list[list[float]]:
    return [vector(text, 16) for text in texts]


def plant(where: str, when: str, nth: int) -> None:
    module, _, rest = where.partition(":")
    owner: Any = import_module(module)
    *path, name = rest.split(".")
    for part in path:
        owner = getattr(owner, part)
    real, calls = getattr(owner, name), 0

    def mortal(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments, **options)
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, mortal)


def convert(root: Path, what: str) -> None:
    kept = look(store_place(root))
    if what == "reembed":
        reembedding.BATCH = 2
        reembedding.reembed(kept, NEW_MODEL, embed, progress=lambda *_: None)
    else:
        layout: Any = what
        moving.move(kept, layout, embed_model=None, progress=lambda *_: None)


if __name__ == "__main__":
    plant(sys.argv[3], sys.argv[4], int(sys.argv[5]))
    convert(Path(sys.argv[1]), sys.argv[2])
