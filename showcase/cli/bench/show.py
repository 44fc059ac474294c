"""`showcase bench show`: a result again, from its document alone."""

from __future__ import annotations

from pathlib import Path

import click

from showcase.cli.destinations import destinations
from showcase.errors import UsageError


@click.command(
    short_help="A result again, from its document.", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.argument("result", type=click.Path(path_type=Path, allow_dash=True, readable=False))
@click.option(
    "--page",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Write the page of it there; - is standard output, and prints no tables.",
)
@click.option("--markdown", is_flag=True, help="Print the tables as Markdown.")
def show(result: Path, page: Path | None, *, markdown: bool) -> None:
    """Print the tables of a RESULT, or write its page again: of a result.json, or the directory it lies in.

    Nothing is measured: all is in the document.

    \b
    Examples:
      showcase bench show bench-prompt
      showcase bench show result.json --page result.html
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.results.document import place_of, read  # noqa: PLC0415 - `--help` must not wait
    from showcase.cli.bench.markdown import lines_of  # noqa: PLC0415 - likewise
    from showcase.cli.bench.tables import print_result  # noqa: PLC0415 - likewise
    from showcase.cli.words import fitted, printable  # noqa: PLC0415 - likewise
    from showcase.documents.descriptors import DASH  # noqa: PLC0415 - likewise
    from showcase.report.bench_page import render_result  # noqa: PLC0415 - likewise

    if markdown and page == DASH:
        raise UsageError("--markdown and --page - would both go to standard output", hint="name a file: --page FILE")
    with destinations({"--page": page}, inputs={"the result": place_of(result)}) as places:
        found = read(result)
        if page is not None:
            places["--page"].write(render_result(found).encode())
    if markdown:
        for line in lines_of(found):
            click.echo(fitted(printable(line)))
    elif page != DASH:
        print_result(found)
