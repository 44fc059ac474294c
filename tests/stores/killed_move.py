"""Moves memories between two stores and ends itself, as by `kill -9`, at one call of one function.

Started by tests as a process of its own: SOURCE TARGET LAYOUT MODULE:NAME before|after NTH, the stores as `--store`
takes them, a secret for both in the environment.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from killed_writer import plant

from showcase.memory import raw_rows
from showcase.memory.backends.opening import Kept, look
from showcase.memory.migration import chroma_side, copying, planning, sides
from showcase.settings.store_address import parse
from showcase.settings.store_place import place_of, store_place
from showcase.stores import pgvector

if TYPE_CHECKING:
    from showcase.memory.store_record import Layout

PIECE = 4


def in_small_pieces() -> None:
    for module in (raw_rows, chroma_side):
        module.PIECE = PIECE  # type: ignore[attr-defined]
    pgvector._PIECE = PIECE


def kept(named: str, layout: Layout | None = None) -> Kept:
    address = parse(named)
    if address is None:
        return look(store_place(Path(named)), layout)
    return look(place_of(address), secret=os.environ["SECRET"])


if __name__ == "__main__":
    in_small_pieces()
    plant(sys.argv[4], sys.argv[5], int(sys.argv[6]))
    asked: Any = sys.argv[3]
    source, target = kept(sys.argv[1]), kept(sys.argv[2], asked)
    with sides.opened(source, tell=print) as one, sides.opened(target, tell=print) as other:
        made = planning.plan(one, other, user_id=None, embed_model=None, replaces=False, progress=lambda *_: None)
        copying.copy(one, other, made, begun=lambda _: lambda *_: None)
