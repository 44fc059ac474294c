"""`showcase report`: pages from run logs."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from showcase.cli.destinations import destinations
from showcase.cli.run_logs import log_at
from showcase.documents.descriptors import DASH, shown
from showcase.settings import DEFAULT_OUT, RUN_LOG
from showcase.shell import here
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from showcase.errors import RunLogError
    from showcase.evidence import Run

PAGE = "mem0-cross-session-showcase.html"
REDACTED = "mem0-cross-session-showcase-redacted.html"
COMPARISON = "comparison.html"
CLASS = "class.html"
PATTERN = "*run-log*.json"
"""Names of the files that `--class` reads."""

EARLIER = "run-log.*.json"
"""What a second run into the same directory kept of the first."""

WITHHELD = "the reason is withheld here, as it may quote the file; whoever made this page was told it"

EPILOG = f"""\b
Examples:
  showcase report {DEFAULT_OUT / RUN_LOG}
  showcase report {DEFAULT_OUT / RUN_LOG} --redact -o for-others.html
  showcase report {Path("rehearsal", RUN_LOG)} {Path("ollama", RUN_LOG)}
  showcase report --class handed-in
"""


_NAMED = 5
"""Files left out that are named; of others it is said how many there are."""


class _Below(NamedTuple):
    """What lies below the directory of a class: logs, and other .json files, in their order."""

    logs: tuple[Path, ...]
    others: tuple[Path, ...]


class _Unreadable(NamedTuple):
    """A log, or a folder, that the page of a class can only name."""

    path: Path
    error: RunLogError


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
    help=f"One page over every {PATTERN} below DIR; it says which other .json files it left out.",
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
    unreadable: list[_Unreadable] = []
    others: tuple[Path, ...] = ()
    if class_directory is not None:
        (logs, others), beside = _below(class_directory, unreadable), class_directory / CLASS
    else:
        logs, beside = run_logs, _beside(run_logs, redacted=redact, needed=output is None)
    path = output or beside
    inputs = {f"the run log {shown(log)}": log for log in logs}
    with destinations({"-o": path}, inputs=inputs, refusal=StoreError) as places:
        if class_directory is not None:
            left_out = _left_out(class_directory, others, redacted=redact)
            page = _class_page(class_directory, logs, unreadable, left_out=left_out, redacted=redact)
        else:
            page = _page(run_logs, redacted=redact, presenter=presenter)
        places["-o"].write(page.encode("utf-8"))
        click.echo(str(path), err=places["-o"].is_stream)
    if class_directory is not None and others:
        click.echo(f"note: {_left_out(class_directory, others)}", err=True)
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
    runs = [_redacted(run) for run in runs] if redacted else runs
    if len(runs) == 1:
        return report.render(runs[0], redacted=redacted, presenter=presenter, sha256=sha256(documents[0]).hexdigest())
    paths = [path.absolute() for path in run_logs]
    shared = len(os.path.commonpath([path.parent for path in paths]).rstrip(os.sep)) + 1
    names = [f"run {n}" if redacted else escaped(str(path)[shared:]) for n, path in enumerate(paths, start=1)]
    return report.render_comparison(list(zip(names, runs, strict=True)), redacted=redacted)


def _below(directory: Path, unreadable: list[_Unreadable]) -> _Below:
    """Return what lies below a directory; folders that nobody may look into are added to `unreadable`."""
    from showcase.errors import UsageError  # noqa: PLC0415 - as above

    closed: list[OSError] = []
    paths, others = [], []
    for folder, folders, files in os.walk(directory, onerror=closed.append):
        named = [name for name in (*folders, *files) if fnmatchcase(name, PATTERN)]
        paths += [Path(folder, name) for name in named if not fnmatchcase(name, EARLIER)]
        others += [Path(folder, name) for name in files if name.lower().endswith(".json") and name not in named]
    if directory.is_dir():
        unreadable += [_Unreadable(Path(error.filename), _closed(error)) for error in closed]
    if not paths and not unreadable:
        raise UsageError(
            f"no {PATTERN} below {directory}" + (f"; {_left_out(directory, tuple(sorted(others)))}" if others else ""),
            hint=f"gather the logs there, one folder a participant; see what there is: {here().below(directory)}",
        )
    return _Below(tuple(sorted(paths)), tuple(sorted(others)))


def _left_out(directory: Path, others: tuple[Path, ...], *, redacted: bool = False) -> str:
    """Return which files were not read for their names, and how to name them; their names only where not redacted."""
    if not others:
        return ""
    names = [shown(path.relative_to(directory)) for path in others[:_NAMED]]
    names += [f"{len(others) - _NAMED} more"] if len(others) > _NAMED else []
    which = "" if redacted else f": {', '.join(names)}"
    one = len(others) == 1
    was = (
        f"1 other .json file was not read{which}; name it"
        if one
        else (f"{len(others)} other .json files were not read{which}; name them")
    )
    return f"{was} …run-log.json"


def _closed(error: OSError) -> RunLogError:
    from showcase.errors import RunLogError  # noqa: PLC0415 - as above

    return RunLogError(
        f"cannot look into {shown(Path(error.filename))}: {error.strerror}", hint="let yourself read the folder"
    )


def _class_page(
    directory: Path, paths: tuple[Path, ...], unreadable: list[_Unreadable], *, left_out: str, redacted: bool
) -> str:
    """Return the page of a class; logs that cannot be read are added to `unreadable`."""
    from showcase import report  # noqa: PLC0415 - heavy
    from showcase.documents.surrogates import escaped  # noqa: PLC0415 - with it

    read = {path: _read(path) for path in paths}
    unreadable += [_Unreadable(path, found) for path, found in read.items() if isinstance(found, Exception)]
    runs = {path: found for path, found in read.items() if not isinstance(found, Exception)}
    everybody = sorted((*runs, *(found.path for found in unreadable)))
    names = {
        path: f"participant {number}" if redacted else _participant(path.relative_to(directory))
        for number, path in enumerate(everybody, start=1)
    }
    return report.render_class(
        [(names[path], _redacted(run) if redacted else run) for path, run in runs.items()],
        unreadable=[
            (names[found.path], WITHHELD if redacted else escaped(found.error.message))
            for found in sorted(unreadable, key=lambda found: found.path)
        ],
        left_out=left_out,
        redacted=redacted,
    )


def _read(path: Path) -> Run | RunLogError:
    """Return the log, or why it cannot be read."""
    from showcase import runlog  # noqa: PLC0415 - heavy
    from showcase.errors import RunLogError  # noqa: PLC0415 - as above

    try:
        return runlog.read(path, files_only=True)  # nobody waits for what thirty people handed in
    except RunLogError as error:
        return error


def _told(unreadable: list[_Unreadable]) -> int:
    """Name on stderr what could not be read, each with its reason; return the exit status."""
    from showcase.cli import say_error  # noqa: PLC0415 - it imports this module
    from showcase.errors import ExitCode  # noqa: PLC0415 - as above

    for found in sorted(unreadable, key=lambda found: found.path):
        say_error(found.error)
    return int(ExitCode.USAGE if unreadable else ExitCode.UPHELD)


def _participant(path: Path) -> str:
    """Return the folder where it says more than the name of the file."""
    from showcase.documents.surrogates import escaped  # noqa: PLC0415 - as above

    return escaped(str(path.parent if path.name == "run-log.json" and path.parent.name else path))


def _redacted(run: Run) -> Run:
    from showcase import report  # noqa: PLC0415 - heavy

    return report.redact(run)
