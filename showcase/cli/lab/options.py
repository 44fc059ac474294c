"""What the commands of a lab share: where the participant's work lies, which labs there are, which one is meant."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.errors import UsageError

if TYPE_CHECKING:
    from showcase.labs.lab import Lab
    from showcase.labs.notebook import Notebook, Page

HELP = {"help_option_names": ["-h", "--help"]}
WIDTH = 80
_LABEL = 9
"""Columns of a label at least, as everywhere in this program: `Report:  `."""


def nothing_happens(language: str) -> list[str]:
    """Return what a class asks first."""
    from showcase.cli.words import this_program  # noqa: PLC0415 - `--help` must not wait
    from showcase.labs.spoken import wording  # noqa: PLC0415 - likewise

    return [line.format(doctor=f"{this_program()} doctor") for line in wording(language).nothing_happens]


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


def aligned(*labels: str) -> list[str]:
    """Return labels that stand below each other, each with the blanks behind it that what follows needs."""
    from rich.cells import cell_len  # noqa: PLC0415 - heavy

    width = max(_LABEL, *(cell_len(label) + 2 for label in labels))
    return [label + " " * (width - cell_len(label)) for label in labels]


def paragraph(text: str, *, first: str = "", then: str | None = None) -> str:
    """Return a paragraph in 80 columns; a text without spaces is broken between its characters.

    Nothing begins a line that may not in Japanese: closing brackets, full stops, small kana.

    Args:
        text: It.
        first: What its first line begins with.
        then: What the others begin with; as many spaces where None is given.
    """
    from rich.cells import cell_len  # noqa: PLC0415 - heavy

    hanging = " " * cell_len(first) if then is None else then
    lines, line, is_empty = [], first, True
    for word in text.split():
        for at, unit in enumerate(_units(word, WIDTH - cell_len(hanging))):
            gap = " " if at == 0 and not is_empty else ""
            if cell_len(line + gap + unit) > WIDTH and not is_empty:
                lines.append(line)
                line, gap = hanging, ""
            line, is_empty = line + gap + unit, False
    return "\n".join((*lines, line))


_NO_BEGIN = ("Pe", "Pf", "Po", "Lm")
"""Categories of Unicode of what begins no line: closing brackets, full stops, the mark of a long vowel."""

_SMALL_KANA = ("HIRAGANA LETTER SMALL", "KATAKANA LETTER SMALL")


def _units(word: str, width: int) -> list[str]:
    """Return what of a word is kept together: all of it, or of one with wide characters each of them.

    What begins no line stays with what is before it, and an opening bracket with what follows; see JIS X 4051.
    """
    from rich.cells import cell_len, chop_cells  # noqa: PLC0415 - as above

    parts = [word] if cell_len(word) == len(word) else []
    for character in word if not parts else "":
        last = parts[-1][-1] if parts else ""
        opens = last and unicodedata.category(last) in ("Ps", "Pi")
        stays = unicodedata.category(character) in _NO_BEGIN or unicodedata.name(character, "").startswith(_SMALL_KANA)
        if parts and (opens or stays or (last.isascii() and character.isascii())):
            parts[-1] += character
        else:
            parts.append(character)
    return [piece for part in parts for piece in (chop_cells(part, width) if cell_len(part) > width else [part])]


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
