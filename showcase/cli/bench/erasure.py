"""`showcase bench erasure`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.bench.counts import Counts
from showcase.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.erasure.left import Left, What
    from showcase.bench.erasure.scaling import Scale

_ROWS = (50, 2000)
_FEWEST = 10
_MEBIBYTE = 1024 * 1024
_WIDTH = 52


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--rows",
    multiple=True,
    type=click.IntRange(_FEWEST, 100_000),
    help="Rows of a store, half of them the user's who is forgotten; may be given several times.  [default: 50, 2000]",
)
@click.option(
    "--scaling",
    type=Counts(),
    metavar="ROWS,ROWS",
    help="How long each part of our erasing takes in stores of so many rows, of which a tenth goes; with --rows both.",
)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def erasure(*, rows: tuple[int, ...], scaling: tuple[int, ...] | None, as_json: bool) -> None:
    """What stays in which files after each way of deleting: mem0's, Chroma's, its vacuum, and ours.

    The stores are made here, of two users, with texts, ids and vectors by a seed; each way works on a copy of its own,
    and one scanner looks through every byte afterwards. Where it does not find what is planted for it, or did not find
    what was there before, it says inconclusive. Vectors come into Chroma's index from 1,000 rows on.

    \b
    Examples:
      showcase bench erasure
      showcase bench erasure --rows 50 --json
      showcase bench erasure --scaling 100,1000,10000
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.erasure import left as ways  # noqa: PLC0415 - `--help` measures nothing
    from showcase.bench.erasure import scaling as growth  # noqa: PLC0415 - likewise
    from showcase.cli.bench.asking import Counter, server  # noqa: PLC0415 - likewise
    from showcase.cli.everyday_options import EngineAsked  # noqa: PLC0415 - likewise
    from showcase.documents.leftovers import temporary  # noqa: PLC0415 - likewise
    from showcase.settings import SESSION_TIMEOUT_S  # noqa: PLC0415 - likewise

    if scaling is not None and min(scaling) < _FEWEST:
        raise UsageError(f"of fewer than {_FEWEST} rows there is no tenth", hint="--scaling 100,1000,10000")
    if len(set(rows)) != len(rows) or len(set(scaling or ())) != len(scaling or ()):
        raise UsageError("a number of rows is there twice", hint="--rows 50 --rows 2000")
    asked = EngineAsked(engine="rehearsal", ollama_host=None, embed_model=None, session_timeout_s=SESSION_TIMEOUT_S)
    counter = Counter("measuring")
    found: Sequence[Left] = ()
    grown: Sequence[Scale] = ()
    with server(asked, chats=False) as opened, temporary("showcase-bench-") as directory:
        if rows or scaling is None:
            place = directory / "ways"
            place.mkdir()
            found = ways.measure(
                place, rows or _ROWS, opened, on_progress=lambda doing, of: counter.show(f"{of:,} rows: {doing}")
            )
        if scaling is not None:
            place = directory / "scaling"
            place.mkdir()
            grown = growth.measure(
                place,
                scaling,
                opened.embed_model,
                on_progress=lambda doing, of: counter.show(f"{of:,} rows: {doing}"),
            )
    counter.end()
    if as_json:
        document = {"left": [asdict(each) for each in found], "scaling": [asdict(each) for each in grown]}
        click.echo(json.dumps(document, indent=2))
        return
    _print_left(found)
    _print_scaling(grown)


def _print_left(found: Sequence[Left]) -> None:
    for count in dict.fromkeys(each.rows for each in found):
        some = [each for each in found if each.rows == count]
        click.echo(f"A store of {count:,} rows: of what was forgotten, how much is in its files as a whole")
        click.echo(f"{'':{_WIDTH}}{'rows':>6}{'texts':>7}{'vectors':>9}{'ids':>7}{'time':>11}{'store':>12}")
        for each in some:
            counts = "".join(f"{each.whole[what]:>{width},}" for what, width in _COLUMNS)
            size = f"{each.store_bytes / _MEBIBYTE:.1f} MiB"
            click.echo(f"{each.way:{_WIDTH}}{each.forgotten:>6,}{counts}{each.seconds:>9.2f} s{size:>12}")
            for line in _lines(each):
                click.echo(f"  {line}")
        _print_tools(some)
        click.echo()


_COLUMNS: tuple[tuple[What, int], ...] = (("text", 7), ("vector", 9), ("id", 7))


def _lines(each: Left) -> list[str]:
    if each.outcome == "inconclusive":
        return [f"inconclusive: {each.why}"]
    if each.outcome == "nothing found":
        return ["nothing of it found, in any form"]
    by_path: dict[str, list[str]] = {}
    for some in each.found:
        by_path.setdefault(some.path, []).append(f"{some.what} ({some.through[0]})")
    return [f"{path}: {', '.join(told)}" for path, told in by_path.items()]


def _print_tools(some: Sequence[Left]) -> None:
    looked = [each for each in some if each.by_tools is not None]
    for each in looked:
        told = [f"{name} {number}" for name, number in (each.by_tools or {}).items()]
        click.echo(f"texts that other programs find, {each.way}: {', '.join(told)} of {each.forgotten:,}")


def _print_scaling(grown: Sequence[Scale]) -> None:
    if not grown:
        return
    parts = list(grown[0].seconds)
    click.echo("Seconds of each part of our erasing of a tenth of the rows; in brackets: times the one above")
    click.echo(f"{'rows':>8}{'gone':>7}{'patterns':>10}{'store':>12}" + "".join(f"{part:>17}" for part in parts))
    before: Scale | None = None
    for each in grown:
        size = f"{each.store_bytes / _MEBIBYTE:.1f} MiB"
        told = "".join(
            f"{f'{each.seconds[part]:.2f}' + _times(each.seconds[part], before.seconds[part] if before else None):>17}"
            for part in parts
        )
        click.echo(f"{each.rows:>8,}{each.forgotten:>7,}{each.patterns:>10,}{size:>12}{told}")
        if each.left:
            click.echo(f"  ! {each.left} residues were found afterwards")
        before = each


def _times(now: float, then: float | None) -> str:
    return f" ({now / then:.1f})" if then else ""
