"""`lab list`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.lab.options import HELP, aligned, dir_option, labs_option, nothing_happens, paragraph

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence.lab import LabProgress

_SIGNS = {"verified": "✓", "started": "·", "not started": " "}


@click.command(name="list", context_settings=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@dir_option
@labs_option
def list_(*, as_json: bool, root: Path, own: Path | None) -> None:
    """List the labs, and where you are."""
    from showcase.cli.words import printable, this_program  # noqa: PLC0415 - `--help` must not wait
    from showcase.labs import catalogue, needs, notebook, record  # noqa: PLC0415 - likewise
    from showcase.labs.spoken import wording  # noqa: PLC0415 - likewise

    there = catalogue.labs(own)
    book = notebook.read(root)
    told = record.record_of(book, there)
    lacking = {lab.number: why for lab in there if (why := needs.missing(lab)) is not None}
    if as_json:
        rows = [
            asdict(each)
            | {
                "minutes": lab.frame.minutes,
                "question": lab.text(book.language).question,
                "lacks": lacking.get(lab.number),
            }
            for each, lab in zip(told.labs, there, strict=True)
        ]
        click.echo(
            json.dumps({"labs": rows, "languages": sorted({each for lab in there for each in lab.texts})}, indent=2)
        )
        return
    said = wording(book.language)
    for each, lab in zip(told.labs, there, strict=True):
        minutes = said.minutes.format(minutes=lab.frame.minutes)
        line = _line(each, minutes, recorded=lab.number in lacking)
        first = f"{_SIGNS[each.status]} {each.number:2}  "
        click.echo(printable(paragraph(line, first=first)))
    for why in sorted(set(lacking.values())):
        click.echo(printable(paragraph(f"recorded run: {why}, so a run that was recorded takes its place", first="  ")))
    following = next((each.number for each in told.labs if each.status != "verified"), None)
    if following is not None:
        if not book.pages:
            click.echo(printable("\n".join(("", *nothing_happens(book.language), ""))))
        click.echo(f"{aligned(said.next)[0]}{this_program()} lab start {following}")


def _line(progress: LabProgress, minutes: str, *, recorded: bool) -> str:
    how = [minutes]
    how += [f"{progress.met} of {progress.checks} met"] if progress.status == "started" and progress.met else []
    how += [progress.status] if progress.status != "not started" else []
    how += ["recorded run"] if recorded else []
    return f"{progress.title} ({', '.join(how)})"
