"""`showcase init`: the examples, written out to be copied from."""

from __future__ import annotations

from pathlib import Path

import click

from showcase.cli.words import printable
from showcase.shell import here

_TEST = here().with_variables({"OLLAMA_HOST": "127.0.0.1:11434"}, "python -m pytest -rs test_privacy.py")

EPILOG = f"""\b
Examples:
  showcase init privacy
  {here().then("pip install pytest", "cd privacy", _TEST)}
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("place", metavar="DIR", type=click.Path(path_type=Path, readable=False))
def command(*, place: Path) -> None:
    """Write chat scripts whose memory stays on the machine, and a test that audits them, into DIR.

    They are yours to change, and run without this program; the test and the audit need it, and the test needs pytest.
    DIR is made, or is empty: nothing is ever written over.

    \b
    Exit status: 0 written, 2 DIR cannot be used, 4 the disk.
    """  # noqa: D301 - click reads the backspace
    from showcase.documents.example_files import write_out  # noqa: PLC0415 - `--help` needs it not

    for path in write_out(place):
        click.echo(printable(str(path)))
    click.echo(f"Next: read {printable(str(place / 'README.md'))}")
