"""`lab reset`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from showcase.cli.lab.options import HELP, dir_option, labs_option, meant, number_argument
from showcase.cli.memories.there import yes_option
from showcase.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@click.command(context_settings=HELP)
@number_argument
@yes_option
@dir_option
@labs_option
def reset(*, number: int | None, agreed: bool, root: Path, own: Path | None) -> int:
    """Make a lab as new, prediction and all.

    The lab that you are at is meant, or lab N.     What lay in its directory is moved below `earlier`, and not removed.
    """
    from showcase.cli.words import printable, this_program  # noqa: PLC0415 - `--help` must not wait
    from showcase.labs import catalogue, notebook  # noqa: PLC0415 - likewise

    with notebook.opened(root) as writer:
        lab = catalogue.lab(meant(writer.book, number), own)
        if not agreed and not sys.stdin.isatty():
            raise UsageError(
                "nobody can be asked: standard input is no terminal", hint=f"showcase lab reset {lab.number} --yes"
            )
        if not agreed:
            click.confirm(f"Begin lab {lab.number} again, prediction and all?", err=True, abort=True)
        aside = notebook.put_aside(root, lab.number)
        writer.write(writer.book.without_page(lab.number))
    if aside is not None:
        click.echo(printable(f"What was there lies in {aside}."))
    click.echo(f"Next:    {this_program()} lab start {lab.number}")
    return 0
