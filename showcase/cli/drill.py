"""`showcase drill`: planted leaks, and which witness catches which."""

from __future__ import annotations

import json

import click

from showcase.errors import ExitCode


@click.command()
@click.option(
    "--leak", "leaks", multiple=True, metavar="ID", help="Plant this leak alone (repeatable).  [default: all]"
)
@click.option("--witness", "witnesses", multiple=True, metavar="NAME", help="Ask this witness alone (repeatable).")
@click.option("--short", is_flag=True, help="The five leaks that a run plants as its control.")
@click.option("--json", "as_json", is_flag=True, help="The matrix as JSON.")
def command(leaks: tuple[str, ...], witnesses: tuple[str, ...], *, short: bool, as_json: bool) -> int:
    """Plant leaks in children of our own and show which witness catches which.

    Everything happens in a namespace with nothing but loopback, where this system allows one: nothing real is
    contacted. Exit status 1 where a result is worse than documented.

    \b
    Examples:
      showcase drill
      showcase drill --leak io-uring --leak flipped-address
      showcase drill --witness hook --json
    """  # noqa: D301 - click reads the backspace
    from showcase.witnesses.drill.catalogue import SHORT  # noqa: PLC0415 - `--help` plants nothing
    from showcase.witnesses.drill.matrix import drill  # noqa: PLC0415 - likewise

    matrix = drill(SHORT if short else leaks or None, witnesses or None)
    if as_json:
        click.echo(json.dumps(matrix.document(), indent=2))
    else:
        _print(matrix)
    return int(ExitCode.BROKEN if matrix.worse else ExitCode.UPHELD)


def _print(matrix: object) -> None:
    from showcase.witnesses.drill.matrix import Matrix  # noqa: PLC0415 - as above

    assert isinstance(matrix, Matrix), "drill() returns one"  # noqa: S101 - for the type
    names = list(matrix.rows[0].results) if matrix.rows else []
    width = max((len(row.leak.id) for row in matrix.rows), default=0)
    click.echo(f"{'leak':{width}}  " + "  ".join(f"{name:11}" for name in names))
    for row in matrix.rows:
        cells = "  ".join(f"{_cell(row.results[name], name in row.worse):11}" for name in names)
        note = f"  ({row.obstacle or 'it did not get where it should'})" if row.obstacle or row.broken else ""
        click.echo(f"{row.leak.id:{width}}  {cells}{note}".rstrip())
    for name, reason in matrix.unavailable.items():
        click.echo(f"{name} is unavailable: {reason}")
    if not matrix.enclosed:
        click.echo("held on this machine's loopback: no namespace can be made here")
    if matrix.worse:
        click.echo(f"worse than documented: {', '.join(matrix.worse)}")


def _cell(result: str, worse: bool) -> str:
    return f"{result} !" if worse else result
