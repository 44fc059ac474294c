"""Turns of the memory benchmark that nobody played, and their figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.bench.memory.samples import PlayedTurn, Read

if TYPE_CHECKING:
    from showcase.bench.results.result import Cell, Section

TURN = PlayedTurn(
    chat_calls=1,
    embed_calls=3,
    read_tokens=8000,
    written_tokens=50,
    read_s=4.0,
    search_s=0.1,
    store_s=5.0,
    prompt=Read(tokens=150, read_s=0.1),
    tells=True,
    prompt_outcome="whole",
    context=16384,
    added=1,
)
RAW = replace(TURN, chat_calls=0, read_tokens=0, written_tokens=0, read_s=0.0, prompt_outcome=None, store_s=0.1)
"""A turn of a memory that asks no chat model."""

HISTORY = tuple(replace(RAW, prompt=Read(tokens=100 + 30 * number, read_s=0.1)) for number in range(4))
"""Four turns without a memory: each prompt is thirty tokens longer than the one before."""


def cells(found: tuple[Section, ...], table: str, arm: str, group: str = "") -> dict[str, Cell]:
    tables = {each.key: each for section in found for each in section.tables}
    return next(row.cells for row in tables[table].rows if (row.arm, row.group) == (arm, group))


def number(cell: Cell) -> float:
    assert isinstance(cell.value, (int, float)), cell
    return cell.value
