"""`showcase report`: pages from run logs."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.destinations import destinations
from showcase.documents.descriptors import DASH, shown

if TYPE_CHECKING:
    from showcase.evidence import Run

PAGE = "mem0-cross-session-showcase.html"
REDACTED = "mem0-cross-session-showcase-redacted.html"
COMPARISON = "comparison.html"
CLASS = "class.html"

EPILOG = """\b
Examples:
  showcase report showcase-output/run-log.json
  showcase report showcase-output/run-log.json --redact -o for-others.html
  showcase report rehearsal/run-log.json ollama/run-log.json
  showcase report --class handed-in/
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("run_logs", nargs=-1, metavar="[RUN_LOG]...", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help=f"File to write. [default: beside the first log: {PAGE}, {REDACTED}, {COMPARISON}; in DIR: {CLASS}]",
)
@click.option("--redact", is_flag=True, help="Replace what people said by numbered pseudonyms, page and log alike.")
@click.option("--presenter", is_flag=True, help="Let the page open in its view for a projector; the key p leaves it.")
@click.option(
    "--class",
    "class_directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="One page over every run-log.json below DIR.",
)
def command(
    *, run_logs: tuple[Path, ...], output: Path | None, redact: bool, presenter: bool, class_directory: Path | None
) -> None:
    """Render run logs as one HTML page that fetches nothing.

    One RUN_LOG gives its report, two or more are compared. Stored verdicts are shown as they are; where the log
    does not give them, the page says so. `-` is standard input, and standard output with -o.
    """
    from showcase.errors import StoreError, UsageError  # noqa: PLC0415 - `--help` waits for nobody

    if bool(run_logs) == (class_directory is not None):
        raise UsageError(
            "give run logs or --class DIR, and not both", hint="showcase report showcase-output/run-log.json"
        )
    if presenter and len(run_logs) != 1:
        raise UsageError(
            "--presenter is a view of the page of one run", hint=f"showcase report --presenter {_one_of(run_logs)}"
        )
    if class_directory is not None:
        logs, beside = _logs_below(class_directory), class_directory / CLASS
    else:
        logs, beside = run_logs, _beside(run_logs, redacted=redact, needed=output is None)
    path = output or beside
    inputs = {f"the run log {shown(log)}": log for log in logs}
    with destinations({"-o": path}, inputs=inputs, refusal=StoreError) as places:
        if class_directory is not None:
            page = _class_page(class_directory, logs, redacted=redact)
        else:
            page = _page(run_logs, redacted=redact, presenter=presenter)
        places["-o"].write(page.encode("utf-8"))
        click.echo(str(path), err=places["-o"].is_stream)


def _beside(run_logs: tuple[Path, ...], *, redacted: bool, needed: bool) -> Path:
    """Return where the page of these logs goes where no option says it."""
    from showcase.errors import UsageError  # noqa: PLC0415 - as above

    first = run_logs[0]
    if needed and (first == DASH or (first.exists() and not first.is_file())):
        raise UsageError(f"{shown(first)} is no file beside which a page could lie", hint="name the page: -o FILE")
    if len(run_logs) > 1:
        return first.with_name(COMPARISON)
    return first.with_name(REDACTED if redacted else PAGE)


def _one_of(run_logs: tuple[Path, ...]) -> str:
    return shlex.quote(str(run_logs[0]) if run_logs else "showcase-output/run-log.json")


def _page(run_logs: tuple[Path, ...], *, redacted: bool, presenter: bool) -> str:
    from showcase import report, runlog  # noqa: PLC0415 - heavy

    runs = [_redacted(runlog.read(path)) if redacted else runlog.read(path) for path in run_logs]
    if len(runs) == 1:
        return report.render(runs[0], redacted=redacted, presenter=presenter)
    paths = [path.absolute() for path in run_logs]
    shared = len(os.path.commonpath([path.parent for path in paths]).rstrip(os.sep)) + 1
    names = [f"run {n}" if redacted else str(path)[shared:] for n, path in enumerate(paths, start=1)]
    return report.render_comparison(list(zip(names, runs, strict=True)), redacted=redacted)


def _logs_below(directory: Path) -> tuple[Path, ...]:
    from showcase.errors import UsageError  # noqa: PLC0415 - as above

    earlier = set(directory.rglob("run-log.*.json"))  # what a second run into the same directory kept
    paths = sorted(set(directory.rglob("*run-log*.json")) - earlier)
    if not paths:
        raise UsageError(f"no run-log.json below {directory}", hint="gather the logs, one folder a participant")
    return tuple(paths)


def _class_page(directory: Path, paths: tuple[Path, ...], *, redacted: bool) -> str:
    from showcase import report, runlog  # noqa: PLC0415 - heavy
    from showcase.errors import RunLogError  # noqa: PLC0415 - as above

    runs, unreadable = [], []
    for number, path in enumerate(paths, start=1):
        name = f"participant {number}" if redacted else _participant(path.relative_to(directory))
        try:
            run = runlog.read(path, files_only=True)  # nobody waits for what thirty people handed in
        except RunLogError as error:
            unreadable.append((name, "withheld" if redacted else error.message))
        else:
            runs.append((name, _redacted(run) if redacted else run))
    return report.render_class(runs, unreadable=unreadable, redacted=redacted)


def _participant(path: Path) -> str:
    """Return the folder where it says more than the name of the file."""
    return (path.parent if path.name == "run-log.json" and path.parent.name else path).as_posix()


def _redacted(run: Run) -> Run:
    from showcase import report  # noqa: PLC0415 - heavy

    return report.redact(run)
