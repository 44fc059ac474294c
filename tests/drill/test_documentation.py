"""The table in the documentation is the catalogue."""

from __future__ import annotations

from pathlib import Path

from showcase.witnesses.drill.catalogue import LEAKS, WITNESSES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "witnesses.md"


def test_the_table_of_leaks_is_the_catalogue() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `") and ": " in line]
    documented = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    expected = [
        [f"`{leak.id}`: {leak.description}", *(leak.expected[name] for name in WITNESSES), leak.why] for leak in LEAKS
    ]
    assert documented == expected
