"""`lab check-in`."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from showcase.cli.lab.options import HELP, dir_option
from showcase.cli.nearest import Nearest
from showcase.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_NAME = 60


@click.command(name="check-in", context_settings=HELP)
@click.option("--name", metavar="NAME", help="What you are called in class; it is kept in your notebook.")
@click.option(
    "--engine",
    type=Nearest(["auto", "ollama", "rehearsal"]),
    default="auto",
    show_default=True,
    help="As of `showcase run`: with `rehearsal` nobody waits for a model.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@dir_option
def check_in(*, name: str | None, engine: str, as_json: bool, root: Path) -> int:
    """Run once, and print one line to read aloud.

    Versions, memory, engine and the first verdict of the three sessions. It takes about ten seconds with the
    rehearsal engine, which answers where no Ollama runs.

    \b
    Exit status: as that of `showcase run`.
    """  # noqa: D301 - click reads the backspace
    from showcase.cli.words import one_line  # noqa: PLC0415 - `--help` must not wait
    from showcase.labs import checking_in, notebook  # noqa: PLC0415 - likewise

    name = None if name is None else name.strip()
    if name is not None and not (0 < len(name) <= _LONGEST_NAME and name.isprintable()):
        raise UsageError(
            f"a name has 1 to {_LONGEST_NAME} characters that can be seen", hint="showcase lab check-in --name Anna"
        )
    with notebook.opened(root, begins=True) as writer:
        book = writer.book if name is None else replace(writer.book, name=name)
        click.echo("Running the three sessions once …", err=True)
        found = checking_in.check_in(root, engine=engine)
        line = found.line(book.name)
        writer.write(replace(book, checked_in=line))
    click.echo(json.dumps(asdict(found) | {"name": book.name, "line": line}, indent=2) if as_json else one_line(line))
    return found.exit_code
