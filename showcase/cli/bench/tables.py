"""A result on a terminal: every table of it, and what has to be known about it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

import click

from showcase.bench.results.result import SKIPPED
from showcase.bench.results.wording import count, count_of, facts_lines, formatted, head, interval, standing
from showcase.cli.words import fitted, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.results.result import Column, Result, Row, Table

_WIDTH = 100
_GAP = "  "
_COUNT = "n"
_MARK = "! "
_BULLET = "- "
CANNOT_TELL = "What these figures cannot tell"


def print_result(result: Result) -> None:
    """Print the tables; where a line does not fit into the terminal, a row is shown as a list."""
    width = shutil.get_terminal_size((_WIDTH, 24)).columns if sys.stdout.isatty() else None
    for line in _lines(result, width):
        click.echo(fitted(one_line(line)).rstrip())


def _lines(result: Result, width: int | None) -> list[str]:
    lines = _wrapped(result.question, width)
    lines += [standing(result), *(f"{label}: {value}" for label, value in facts_lines(result))]
    for text in result.temperature:
        lines += _wrapped(text, width)
    lines += ["", "Arms"]
    for arm, what in result.arms.items():
        lines += _wrapped(f"{arm}: {what}", width, _BULLET)
    lines += ["", CANNOT_TELL]
    for text in result.cannot_tell:
        lines += _wrapped(text, width, _BULLET)
    for section in result.sections:
        lines += ["", section.title, "=" * len(section.title)]
        for paragraph in section.text:
            lines += _wrapped(paragraph, width)
        for table in section.tables:
            lines += ["", *_table(table, width)]
    return lines


def _wrapped(text: str, width: int | None, mark: str = "") -> list[str]:
    return textwrap.wrap(text, min(width or _WIDTH, _WIDTH), initial_indent=mark, subsequent_indent=" " * len(mark))


def _table(table: Table, width: int | None) -> list[str]:
    """Return a table with its groups; figures are right-aligned, words left."""
    named = f" (in brackets: {table.interval})" if table.interval else ""
    lines = _wrapped(f"{table.title}{named}", width)
    counted = any(count_of(row) is not None for row in table.rows)
    heads = ["", *([_COUNT] if counted else []), *(head(column) for column in table.columns)]
    cells = [_cells(row, table.columns, counted=counted) for row in table.rows]
    words = {number for number, column in enumerate(table.columns, start=len(heads) - len(table.columns))
             if _is_words(table.rows, column)} | {0}  # fmt: skip
    widths = [max(len(line[number]) for line in (heads, *cells)) for number in range(len(heads))]
    if width is not None and sum(widths) + len(_GAP) * len(widths) > width:
        return [*lines, *_listed(table, heads, cells)]
    lines.append(_aligned(heads, widths, words))
    said: set[str] = set()
    for group, some in groupby(zip(table.rows, cells, strict=True), key=lambda pair: pair[0].group):
        lines += [f"-- {group}"] if group else []
        for row, line in some:
            lines.append(_aligned(line, widths, words))
            lines += _noted(row, table.columns, said)
    return [*lines, *(noted for note in table.notes for noted in _wrapped(note, width, _MARK))]


def _cells(row: Row, columns: Sequence[Column], *, counted: bool) -> list[str]:
    shown = [row.arm]
    if counted:
        of = count_of(row)
        shown.append("" if of is None else f"{of:,}")
    return [*shown, *(figure(row, column) for column in columns)]


def figure(row: Row, column: Column) -> str:
    """Return a figure, in brackets its interval and, where that differs within its row, from how many samples it is."""
    cell = row.cells.get(column.key)
    if cell is None:
        return ""
    many = count(cell) if cell.of and count_of(row) is None else ""
    beside = ", ".join(part for part in (interval(cell, column), many) if part)
    return formatted(cell, column) + (f" ({beside})" if beside else "")


def _listed(table: Table, heads: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    lines = []
    said: set[str] = set()
    for row, line in zip(table.rows, cells, strict=True):
        lines.append(f"{row.group}: {row.arm}" if row.group else row.arm)
        lines += [f"{_GAP}{title}: {shown}" for title, shown in zip(heads[1:], line[1:], strict=True) if shown]
        lines += _noted(row, table.columns, said)
    return [*lines, *(f"{_MARK}{note}" for note in table.notes)]


def notes_of(row: Row, columns: Sequence[Column], said: set[str]) -> list[str]:
    """Return what has to be known about single figures of a row, each under the head of its column.

    Why something was skipped is true of all that was: it is told once in a table, without a head.

    Args:
        row: The row.
        columns: Those of its table.
        said: Why something was skipped, as far as it was told in this table; what is told here is added.
    """
    by_key = {column.key: column.title for column in columns}
    notes = []
    for key, cell in row.cells.items():
        if cell.value != SKIPPED:
            notes += [f"{by_key.get(key, key)}: {cell.note}"] if cell.note else []
        elif cell.note and cell.note not in said:
            said.add(cell.note)
            notes.append(cell.note)
    return notes


def _noted(row: Row, columns: Sequence[Column], said: set[str]) -> list[str]:
    return [f"{_GAP}{_MARK}{note}" for note in notes_of(row, columns, said)]


def _aligned(line: Sequence[str], widths: Sequence[int], words: set[int]) -> str:
    padded = (
        shown.ljust(width) if number in words else shown.rjust(width)
        for number, (shown, width) in enumerate(zip(line, widths, strict=True))
    )
    return _GAP.join(padded)


def _is_words(rows: Sequence[Row], column: Column) -> bool:
    return all(isinstance(row.cells[column.key].value, str) for row in rows if column.key in row.cells)
