"""`showcase report`: renders a run log again."""

from __future__ import annotations

from pathlib import Path

import click

PAGE = "mem0-cross-session-showcase.html"


@click.command()
@click.argument("run_log", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"File to write.  [default: {PAGE} beside the log]",
)
def command(run_log: Path, output: Path | None) -> None:
    """Render RUN_LOG as one HTML page that fetches nothing."""
    from showcase import runlog  # noqa: PLC0415 - `--help` must not wait for pydantic
    from showcase.report import render  # noqa: PLC0415 - nor for Jinja

    run = runlog.read(run_log)
    path = output or run_log.with_name(PAGE)
    runlog.write_private(path, render(run).encode("utf-8"))
    click.echo(str(path))
