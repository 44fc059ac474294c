"""What the commands of a lab share: where the participant's work lies, which labs there are, which one is meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.errors import UsageError

if TYPE_CHECKING:
    from showcase.labs.lab import Lab
    from showcase.labs.notebook import Notebook, Page

HELP = {"help_option_names": ["-h", "--help"]}
WIDTH = 80

NOTHING_HAPPENS = """\
When nothing seems to happen:
  A command that works says so within 10 seconds.
  One that waits for you ends in a colon, or has said what it waits for.
  Ctrl-C ends any of them, and nothing is lost: type the same one again.
  What would go wrong on this machine, and how to fix it: showcase doctor"""
"""What a class asks first."""

dir_option = click.option(
    "--dir",
    "root",
    type=click.Path(path_type=Path, readable=False),
    default=Path("showcase-labs"),
    show_default=True,
    help="Where your work lies.",
)
labs_option = click.option(
    "--labs",
    "own",
    envvar="SHOWCASE_LABS",
    type=click.Path(path_type=Path, readable=False),
    help="A teacher's own labs in place of these: a directory with a folder for each. [default: $SHOWCASE_LABS]",
)
number_argument = click.argument("number", required=False, type=click.IntRange(1), metavar="[N]")
"""The lab that was started last, where none is given."""


def paragraph(text: str, *, first: str = "", then: str | None = None) -> str:
    """Return a paragraph in 80 columns; texts of languages without spaces are broken anywhere."""
    from rich.cells import cell_len, chop_cells  # noqa: PLC0415 - heavy

    hanging = " " * len(first) if then is None else then
    lines, line, width = [], first, WIDTH
    for word in text.split():
        pieces = chop_cells(word, width - len(hanging)) if cell_len(word) > width - len(hanging) else [word]
        for piece in pieces:
            gap = " " if line.strip() and line not in (first, hanging) else ""
            if cell_len(line + gap + piece) > width and line not in (first, hanging):
                lines.append(line)
                line, gap = hanging, ""
            line += gap + piece
    return "\n".join((*lines, line))


def paragraphs(text: str, *, indent: str = "") -> list[str]:
    """Return a text of several paragraphs, which empty lines part; what is set in by four stays as it is."""
    found: list[str] = []
    for part in text.strip("\n").split("\n\n"):
        if part.startswith("    "):
            found += [indent + line for line in part.splitlines()]
        else:
            found.append(paragraph(part, first=indent))
        found.append("")
    return found[:-1]


def meant(book: Notebook, number: int | None) -> int:
    """Return the number of the lab that is meant.

    Raises:
        UsageError: None is given, and none was started.
    """
    if number is not None:
        return number
    if book.current is None:
        raise UsageError("no lab was started here yet", hint="showcase lab start 1; or where you started: --dir DIR")
    return book.current


def page_of(book: Notebook, lab: Lab) -> Page:
    """Return the page of a lab.

    Raises:
        UsageError: It was not started.
    """
    page = book.page(lab.number)
    if page is None:
        raise UsageError(
            f"lab {lab.number} was not started here",
            hint=f"showcase lab start {lab.number}; or where you started: --dir DIR",
        )
    return page
