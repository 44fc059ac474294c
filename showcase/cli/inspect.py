"""`showcase inspect`: what lies in a store; changes nothing, and opens none with Chroma."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.destinations import destinations
from showcase.cli.store_named import StoreType, allow_option
from showcase.documents.descriptors import DASH

if TYPE_CHECKING:
    from showcase.settings.store_place import StoreNamed

EPILOG = """\b
Examples:
  showcase inspect
  showcase inspect showcase-output
  showcase inspect showcase-output/mem0_chroma --json
  showcase inspect backup/chroma.sqlite3 --html store.html
  showcase inspect showcase-output --residue "I live in Turin"
  showcase inspect --residue -          reads the text from standard input
  showcase inspect postgresql://me@127.0.0.1/memories
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("store", required=False, type=StoreType(), metavar="[DIR|URL]")
@click.option("--store", "named_so", type=StoreType(), metavar="DIR|URL", help="The same, as other commands take it.")
@allow_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path, readable=False),
    help="Write one HTML page that fetches nothing; - is standard output.",
)
@click.option(
    "--copy",
    "any_length",
    is_flag=True,
    help="Where a database can only be read in a copy, make one, however large. [default: up to 256 MiB]",
)
@click.option("--residue", metavar="TEXT", help="Look for TEXT in every byte instead; - reads it from standard input.")
@click.option(
    "--also",
    metavar="PATH",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="With --residue: look there too, such as an export.",
)
def command(
    *,
    store: StoreNamed | None,
    named_so: StoreNamed | None,
    as_json: bool,
    html: Path | None,
    any_length: bool,
    residue: str | None,
    also: tuple[Path, ...],
) -> int:
    """Say what lies in a store, without changing it and without Chroma.

    It is the directory of a run or of a chat, Chroma's own directory, or its chroma.sqlite3; without it the store of
    every day: $SHOWCASE_STORE, else the one in your place for data. Of a URL its engine is asked.

    Of a directory, shown are files, modes, collections, dimensions, rows of each user, the embedding model, unfinished
    writes, the queue, the history and folders of no collection; of a URL, engine, rows of each user, model, and who
    may read them. No text of a memory is read: showcase memories list shows them.

    With --residue every byte is looked through for a text in all forms that it may be written in, also for what was
    deleted. Status 0 then means that nothing of it is there, 1 that something is, 3 that it could not be seen.

    \b
    Exit status: 0 all was looked at, 2 there is no store of a kind known here,
    3 a part could not be looked at and is named, 4 the directory is closed.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    from showcase.errors import ExitCode, UsageError  # noqa: PLC0415 - `--help` must not wait
    from showcase.inspection.look import inspect, place_of  # noqa: PLC0415 - likewise
    from showcase.inspection.opening import bound_heap  # noqa: PLC0415 - likewise
    from showcase.settings.store_place import DATABASE, default_store, store_place  # noqa: PLC0415 - likewise

    if as_json and html == DASH:
        raise UsageError("--json and --html - would both go to standard output", hint="name a file: --html FILE")
    if store is not None and named_so is not None:
        raise UsageError("the store is named twice", hint="leave --store out")
    named = store or named_so or default_store()
    if not isinstance(named, Path):
        from showcase.cli.inspect_server import inspect_server  # noqa: PLC0415 - `--help` must not wait

        given = {"--html": html is not None, "--copy": any_length, "--residue": residue is not None, "--also": also}
        return inspect_server(named, [name for name, value in given.items() if value], as_json=as_json)
    if residue is not None:
        from showcase.cli.residue import look, text_of  # noqa: PLC0415 - `--help` must not wait

        if html is not None:
            raise UsageError("a look for residues makes no page", hint="leave --html out; --json has everything")
        return look(place_of(named), text_of(residue), also, as_json=as_json)
    if also:
        raise UsageError("--also names where to look for a text, and none is given", hint='--residue "TEXT"')
    bound_heap()
    inputs = {"the store": named, "the database": store_place(named).chroma / DATABASE}
    with destinations({"--html": html}, inputs=inputs) as places:
        found = inspect(place_of(named), any_length=any_length)
        page = places.get("--html")
        if page is not None:
            from showcase.report import render_inspection  # noqa: PLC0415 - heavy

            page.write(render_inspection(found).encode("utf-8"))
    if as_json:
        import json  # noqa: PLC0415 - only here
        from dataclasses import asdict  # noqa: PLC0415 - likewise

        click.echo(json.dumps(asdict(found), indent=2))
    elif html != DASH:
        from showcase.cli.inspect_view import lines  # noqa: PLC0415 - imports what inspects

        click.echo("\n".join(lines(found, page=html)))
    return int(ExitCode.INCONCLUSIVE if found.unseen else ExitCode.UPHELD)
