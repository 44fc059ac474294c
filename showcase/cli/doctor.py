"""`showcase doctor`: looks at this machine, changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.settings import DEFAULT_OLLAMA_HOST, DEFAULT_OUT, OLLAMA, Settings
from showcase.settings.ollama_host import Place, find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.doctor.finding import Finding

MARKS = {"ok": "ok     ", "warning": "warning", "problem": "problem"}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--out",
    type=click.Path(path_type=Path, readable=False),
    default=DEFAULT_OUT,
    show_default=True,
    help="Where a run writes.",
)
@click.option(
    "--ollama-host",
    metavar="URL",
    help=f"Where Ollama listens, loopback only.  [default: $OLLAMA_HOST, else {DEFAULT_OLLAMA_HOST}]",
)
@click.option("--embed-model", metavar="NAME", help="Embedding model that a run would use.")
@click.option("--chat-model", metavar="NAME", help="Chat model that a run would use.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    out: Path, ollama_host: str | None, embed_model: str | None, chat_model: str | None, *, as_json: bool
) -> int:
    """Look at this machine and say what would go wrong, and how to fix it.

    Changes nothing and loads no model. Exit status 4 where there is a problem, 0 where there are warnings only.
    """
    from showcase.doctor.examination import examine  # noqa: PLC0415 - `--help` must not wait
    from showcase.doctor.finding import Circumstances  # noqa: PLC0415 - likewise
    from showcase.errors import ExitCode, UsageError  # noqa: PLC0415 - likewise

    refused, place = None, Place(endpoint=OLLAMA)
    try:
        place = find(ollama_host, os.environ)
    except UsageError as error:
        if ollama_host is not None:
            raise
        refused = error
    settings = Settings(
        out=out, ollama=place.endpoint, ollama_refused=refused, embed_model=embed_model, chat_model=chat_model
    )
    findings = tuple(examine(Circumstances(settings=settings, environ=os.environ, place=place)))
    click.echo(_document(findings) if as_json else "\n".join(_lines(findings)))
    troubled = any(finding.level == "problem" for finding in findings)
    return int(ExitCode.ENVIRONMENT if troubled else ExitCode.UPHELD)


def _lines(findings: Sequence[Finding]) -> list[str]:
    from showcase.cli.words import as_typed, fitted, printable  # noqa: PLC0415 - imports this file

    lines = []
    for finding in findings:
        lines.append(fitted(f"{MARKS[finding.level]}  {finding.check:<11} {printable(finding.message)}"))
        if finding.fix:
            lines.append(f"{'':<9}{'':<11} fix: {printable(as_typed(finding.fix))}")
    counts = {level: sum(finding.level == level for finding in findings) for level in MARKS}
    words = [f"{number} {word if number == 1 or word == 'ok' else word + 's'}" for word, number in counts.items()]
    return [*lines, "", ", ".join(words)]


def _document(findings: Sequence[Finding]) -> str:
    from dataclasses import asdict  # noqa: PLC0415 - only here

    return json.dumps([asdict(finding) for finding in findings], indent=2)
