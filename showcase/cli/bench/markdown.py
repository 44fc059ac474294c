"""A result as Markdown, to paste where people discuss figures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.bench.results.wording import count_of, facts_lines, head, standing
from showcase.cli.bench.tables import CANNOT_TELL, figure, notes_of

if TYPE_CHECKING:
    from showcase.bench.results.result import Result, Table

_MARKUP = re.compile(r"([\\|`*_<>\[\]])")


def lines_of(result: Result) -> list[str]:
    """Return the tables of a result and what has to be known about them; every text in it is text."""
    lines = [
        f"## {_text(result.question)}",
        "",
        f"Benchmark {_code(result.bench)}, {_text(standing(result))}",
        "",
    ]
    lines += [f"- {_text(label)}: {_text(value)}" for label, value in facts_lines(result)]
    lines += [f"- {_text(text)}" for text in result.temperature]
    lines += ["", "### Arms", "", *(f"- {_code(arm)}: {_text(what)}" for arm, what in result.arms.items())]
    lines += ["", f"### {CANNOT_TELL}", "", *(f"- {_text(text)}" for text in result.cannot_tell)]
    for section in result.sections:
        lines += ["", f"### {_text(section.title)}"]
        for paragraph in section.text:
            lines += ["", _text(paragraph)]
        for table in section.tables:
            lines += ["", *_table(table)]
    return lines


def _table(table: Table) -> list[str]:
    """Return a table, each group a row of its own, and intervals in brackets."""
    named = f" (in brackets: {table.interval})" if table.interval else ""
    grouped = any(row.group for row in table.rows)
    counted = any(count_of(row) is not None for row in table.rows)
    heads = [*(["measured on"] if grouped else []), "arm", *(["n"] if counted else [])]
    heads += [_text(head(column)) for column in table.columns]
    lines = [f"{_text(table.title + named)}:", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    notes = [*table.notes]
    said: set[str] = set()
    for row in table.rows:
        cells = [*([_text(row.group)] if grouped else []), _code(row.arm)]
        if counted:
            cells.append(f"{of:,}" if (of := count_of(row)) is not None else "")
        cells += [_text(figure(row, column)) for column in table.columns]
        notes += [f"{row.arm}, {line}" for line in notes_of(row, table.columns, said)]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, *([""] if notes else []), *(f"- {_text(note)}" for note in notes)]


def _code(name: str) -> str:
    """Return a name as code; in a table a bar ends its cell even there."""
    plain = " ".join(name.split()).replace("`", "").replace("|", r"\|")
    return f"`{plain}`"


def _text(words: str) -> str:
    """Return words of which no character is markup, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(words.split()))
