"""`showcase report --class`: one page over what a class handed in."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from showcase.documents.descriptors import shown
from showcase.shell import here

if TYPE_CHECKING:
    from showcase.errors import RunLogError
    from showcase.evidence import Run
    from showcase.evidence.lab import LabRecord

CLASS = "class.html"
PATTERN = "*run-log*.json"
RECORDS = "*lab-record*.json"
"""Names of the files that `--class` reads."""

EARLIER = "run-log.*.json"
"""What a second run into the same directory kept of the first."""

WITHHELD = "the reason is withheld here, as it may quote the file; whoever made this page was told it"

_NAMED = 5
"""Files left out that are named; of others it is said how many there are."""


class Below(NamedTuple):
    """What lies below the directory of a class: logs, records of labs, and other .json files, in their order."""

    logs: tuple[Path, ...]
    records: tuple[Path, ...]
    others: tuple[Path, ...]


class Unreadable(NamedTuple):
    """A log, or a folder, that the page of a class can only name."""

    path: Path
    error: RunLogError


def below(directory: Path, unreadable: list[Unreadable]) -> Below:
    """Return what lies below a directory; folders that nobody may look into are added to `unreadable`.

    Raises:
        UsageError: There is nothing for the page.
    """
    from showcase.errors import UsageError  # noqa: PLC0415 - `--help` must not wait

    closed: list[OSError] = []
    logs, records, others = [], [], []
    for folder, folders, files in os.walk(directory, onerror=closed.append):
        named = [name for name in (*folders, *files) if fnmatchcase(name, PATTERN)]
        logs += [Path(folder, name) for name in named if not fnmatchcase(name, EARLIER)]
        records += [Path(folder, name) for name in files if fnmatchcase(name, RECORDS)]
        read = {*named, *(path.name for path in records if path.parent == Path(folder))}
        others += [Path(folder, name) for name in files if name.lower().endswith(".json") and name not in read]
    if directory.is_dir():
        unreadable += [Unreadable(Path(error.filename), _closed(error)) for error in closed]
    if not logs and not records and not unreadable:
        raise UsageError(
            f"no {PATTERN} and no {RECORDS} below {directory}"
            + (f"; {left_out(directory, tuple(sorted(others)))}" if others else ""),
            hint=f"gather them there, one folder a participant; see what there is: {here().below(directory)}",
        )
    return Below(tuple(sorted(logs)), tuple(sorted(records)), tuple(sorted(others)))


def left_out(directory: Path, others: tuple[Path, ...], *, redacted: bool = False) -> str:
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
    return f"{was} …run-log.json or …lab-record.json"


def _closed(error: OSError) -> RunLogError:
    from showcase.errors import RunLogError  # noqa: PLC0415 - as above

    return RunLogError(
        f"cannot look into {shown(Path(error.filename))}: {error.strerror}", hint="let yourself read the folder"
    )


def page(directory: Path, there: Below, unreadable: list[Unreadable], *, redacted: bool) -> str:
    """Return the page of a class; what cannot be read is added to `unreadable`."""
    from showcase import report  # noqa: PLC0415 - heavy
    from showcase.documents.surrogates import escaped  # noqa: PLC0415 - with it

    read = {path: _read(path) for path in there.logs}
    handed = {path: _record(path) for path in there.records}
    for path, found in (*read.items(), *handed.items()):
        if isinstance(found, Exception):
            unreadable.append(Unreadable(path, found))
    runs = {path: found for path, found in read.items() if not isinstance(found, Exception)}
    records = {path: found for path, found in handed.items() if not isinstance(found, Exception)}
    everybody = sorted((*runs, *records, *(found.path for found in unreadable)))
    names = {
        path: f"participant {number}" if redacted else _participant(path.relative_to(directory))
        for number, path in enumerate(everybody, start=1)
    }
    return report.render_class(
        [(names[path], redact(run) if redacted else run) for path, run in runs.items()],
        records=[(names[path] if redacted else record.name or names[path], record) for path, record in records.items()],
        unreadable=[
            (names[found.path], WITHHELD if redacted else escaped(found.error.message))
            for found in sorted(unreadable, key=lambda found: found.path)
        ],
        left_out=left_out(directory, there.others, redacted=redacted),
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


def _record(path: Path) -> LabRecord | RunLogError:
    """Return the record of somebody's labs, or why it cannot be read."""
    from showcase import runlog  # noqa: PLC0415 - heavy
    from showcase.errors import RunLogError  # noqa: PLC0415 - as above
    from showcase.labs import record  # noqa: PLC0415 - likewise

    try:
        return record.load(runlog.read_bytes(path, files_only=True), source=shown(path))
    except RunLogError as error:
        return error


def _participant(path: Path) -> str:
    """Return the folder where it says more than the name of the file."""
    from showcase.documents.surrogates import escaped  # noqa: PLC0415 - as above

    return escaped(str(path.parent if path.name == "run-log.json" and path.parent.name else path))


def redact(run: Run) -> Run:
    """Return a run without what people said."""
    from showcase import report  # noqa: PLC0415 - heavy

    return report.redact(run)
