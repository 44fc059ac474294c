"""`showcase report`: pages from run logs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli import class_page
from showcase.cli.class_page import CLASS, PATTERN, RECORDS
from showcase.cli.destinations import destinations
from showcase.cli.run_logs import log_at
from showcase.documents.descriptors import DASH, shown
from showcase.settings import DEFAULT_OUT, RUN_LOG
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from showcase.cli.class_page import Below, Unreadable

PAGE = "mem0-cross-session-showcase.html"
REDACTED = "mem0-cross-session-showcase-redacted.html"
COMPARISON = "comparison.html"
EPILOG = f"""\b
Examples:
  showcase report {DEFAULT_OUT / RUN_LOG}
  showcase report {DEFAULT_OUT / RUN_LOG} --redact -o for-others.html
  showcase report {Path("rehearsal", RUN_LOG)} {Path("ollama", RUN_LOG)}
  showcase report --class handed-in
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("run_logs", nargs=-1, metavar="[RUN_LOG]...", type=click.Path(path_type=Path, readable=False))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, readable=False),
    help=f"File to write. [default: beside the first log: {PAGE}, {REDACTED}, {COMPARISON}, or "
    f"of its name where it is not {RUN_LOG}; in DIR: {CLASS}]",
)
@click.option("--redact", is_flag=True, help="Replace what people said by numbered pseudonyms, page and log alike.")
@click.option("--presenter", is_flag=True, help="Let the page open in its view for a projector; the key p leaves it.")
@click.option(
    "--class",
    "class_directory",
    metavar="DIR",
    type=click.Path(path_type=Path, readable=False),
    help=f"One page over every {PATTERN} and {RECORDS} below DIR; it says which other .json files it left out.",
)
def command(
    *, run_logs: tuple[Path, ...], output: Path | None, redact: bool, presenter: bool, class_directory: Path | None
) -> int:
    """Render run logs as one HTML page that fetches nothing.

    One RUN_LOG gives its report, two or more are compared. Each may be the directory of a run.
    Stored verdicts are shown as they are; where the log does not give them, the page says so.
    `-` is standard input, and standard output with -o.

    \b
    Exit status: 0 the page is written, 2 a log could not be read: with --class it is named, and the page is written.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    from showcase.errors import StoreError, UsageError  # noqa: PLC0415 - `--help` waits for nobody

    if bool(run_logs) == (class_directory is not None):
        raise UsageError("give run logs or --class DIR, and not both", hint="showcase report showcase-output")
    run_logs = tuple(log_at(path, "showcase report") for path in run_logs)
    if presenter and len(run_logs) != 1:
        raise UsageError(
            "--presenter is a view of the page of one run", hint=f"showcase report --presenter {_one_of(run_logs)}"
        )
    unreadable: list[Unreadable] = []
    there: Below | None = None
    if class_directory is not None:
        there, beside = class_page.below(class_directory, unreadable), class_directory / CLASS
        logs = there.logs + there.records
    else:
        logs, beside = run_logs, _beside(run_logs, redacted=redact, needed=output is None)
    path = output or beside
    inputs = {f"the run log {shown(log)}": log for log in logs}
    with destinations({"-o": path}, inputs=inputs, refusal=StoreError) as places:
        if class_directory is not None and there is not None:
            page = class_page.page(class_directory, there, unreadable, redacted=redact)
        else:
            page = _page(run_logs, redacted=redact, presenter=presenter)
        places["-o"].write(page.encode("utf-8"))
        click.echo(str(path), err=places["-o"].is_stream)
    if class_directory is not None and there is not None and there.others:
        click.echo(f"note: {class_page.left_out(class_directory, there.others)}", err=True)
    return _told(unreadable)


def _beside(run_logs: tuple[Path, ...], *, redacted: bool, needed: bool) -> Path:
    """Return where the page of these logs goes where no option says it."""
    from showcase.errors import UsageError  # noqa: PLC0415 - as above

    first = run_logs[0]
    if needed and (first == DASH or (first.exists() and not first.is_file())):
        raise UsageError(f"{shown(first)} is no file beside which a page could lie", hint="name the page: -o FILE")
    if len(run_logs) > 1:
        return first.with_name(COMPARISON)
    if first.name == RUN_LOG or first == DASH:
        return first.with_name(REDACTED if redacted else PAGE)
    # A log that has a name of its own, as of an audit, has pages of that name: none replaces another's.
    return first.with_name(f"{first.stem}{'-redacted' if redacted else ''}.html")


def _one_of(run_logs: tuple[Path, ...]) -> str:
    return quoted(run_logs[0] if run_logs else "showcase-output")


def _page(run_logs: tuple[Path, ...], *, redacted: bool, presenter: bool) -> str:
    from hashlib import sha256  # noqa: PLC0415 - only here

    from showcase import report, runlog  # noqa: PLC0415 - heavy
    from showcase.documents.surrogates import escaped  # noqa: PLC0415 - with it

    documents = [runlog.read_bytes(path) for path in run_logs]
    runs = [runlog.load(data, source=shown(path)) for data, path in zip(documents, run_logs, strict=True)]
    runs = [class_page.redact(run) for run in runs] if redacted else runs
    if len(runs) == 1:
        return report.render(runs[0], redacted=redacted, presenter=presenter, sha256=sha256(documents[0]).hexdigest())
    paths = [path.absolute() for path in run_logs]
    shared = len(os.path.commonpath([path.parent for path in paths]).rstrip(os.sep)) + 1
    names = [f"run {n}" if redacted else escaped(str(path)[shared:]) for n, path in enumerate(paths, start=1)]
    return report.render_comparison(list(zip(names, runs, strict=True)), redacted=redacted)


def _told(unreadable: list[Unreadable]) -> int:
    """Name on stderr what could not be read, each with its reason; return the exit status."""
    from showcase.cli import say_error  # noqa: PLC0415 - it imports this module
    from showcase.errors import ExitCode  # noqa: PLC0415 - as above

    for found in sorted(unreadable, key=lambda found: found.path):
        say_error(found.error)
    return int(ExitCode.USAGE if unreadable else ExitCode.UPHELD)
