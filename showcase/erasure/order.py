"""What is to be forgotten, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from showcase.documents.overwriting import Cleared
from showcase.erasure.gathering import Gone
from showcase.memory.backends.opening import Kept

Part = Literal["gather", "controls", "scan", "copy", "overwrite", "verify"]
"""Of the work, in its order. `controls` and `scan` come twice, before and after; `copy` is of the rows that stay,
`overwrite` of the history, with the switch and zeros down to the disk; `verify` is all that the other process does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be forgotten.

    Attributes:
        kept: The store.
        user_id: Whose memories.
        ids: Which.
        everything: Whether they are all of them, and everything else that the store keeps of the user goes too.
        traces: Whether what is left of memories goes of which no row is there any more, whoever took them out.
        gone: Rows that were taken out before, and are to go from the files as well.
        records: Whether logs, pages and event files of runs go in which they are found.
        also: Files and directories elsewhere that are looked through.
        key: Of the pseudonym under which the user stands in the certificate.
        progress: Is told what is being done, and how much of how much.
        begins: Is told of each part of the work when it begins.
        held_too: Is told which rows that stay hold one of the texts as well: users and ids. They are left as they are.
    """

    kept: Kept
    user_id: str
    ids: tuple[str, ...]
    everything: bool
    key: bytes = field(repr=False)
    traces: bool = False
    gone: tuple[Gone, ...] = field(default=(), repr=False)
    records: bool = False
    also: tuple[Path, ...] = ()
    progress: Callable[[str, int, int], None] = lambda _doing, _done, _total: None
    begins: Callable[[Part], None] = lambda _: None
    held_too: Callable[[Sequence[tuple[str, str]]], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What became of rows, history, lines and files."""

    rows: int
    events: int = 0
    messages: int = 0
    lines: int = 0
    cleared: Cleared = field(default_factory=Cleared)
    stays: str = ""
    history: str = ""
