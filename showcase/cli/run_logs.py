"""Run logs that were named: a file, or the directory of a run, in which the log is meant."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SHOWN = 8
"""Entries of a directory that a message names."""


def log_at(path: Path, command: str) -> Path:
    """Return the run log that a path means: itself, or the one in the directory that it is.

    Args:
        path: What was named.
        command: The command that it was named to, for the hint.

    Raises:
        RunLogError: It is a directory without one; the message says what is there.
    """
    from showcase.errors import RunLogError  # noqa: PLC0415 - likewise
    from showcase.settings import RUN_LOG  # noqa: PLC0415 - likewise
    from showcase.shell import here  # noqa: PLC0415 - likewise
    from showcase.shell.advice import quoted  # noqa: PLC0415 - `--help` must not wait

    if not path.is_dir():
        return path
    log = path / RUN_LOG
    if log.exists():
        return log
    try:
        names = sorted(f"{entry.name}{os.sep}" if entry.is_dir() else entry.name for entry in path.iterdir())
    except OSError as error:
        hint = f"see who may look: {here().who_may(path)}"
        raise RunLogError(f"cannot look into {path}: {error.strerror}", hint=hint) from error
    near = [name for name in names if name.endswith(".json") and "run-log" in name]
    below = [f"{name}{RUN_LOG}" for name in names if name.endswith(os.sep) and (path / name / RUN_LOG).is_file()]
    hint = f"give the {RUN_LOG} that a run wrote, or the directory that a run made"
    if near or below:
        hint = f"give one that is there: {command} {quoted(path / (near or below)[0])}"
    raise RunLogError(f"{path} is a directory without a {RUN_LOG}; {_told(names)}", hint=hint)


def _told(names: Sequence[str]) -> str:
    if not names:
        return "it is empty"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"there are {', '.join(names[:SHOWN])}{more}" if len(names) > 1 else f"there is {names[0]} alone"


def log_of_page(data: bytes, name: str) -> bytes:
    """Return a document as it was read, or the run log inside where it is a page of this program's.

    Raises:
        RunLogError: It is a page without a log, or with a damaged one.
    """
    if not data.lstrip()[:15].lower().startswith(b"<!doctype html"):
        return data
    from showcase.errors import RunLogError  # noqa: PLC0415 - `--help` must not wait
    from showcase.report.embed import embedded  # noqa: PLC0415 - likewise
    from showcase.settings import RUN_LOG  # noqa: PLC0415 - likewise

    hint = f"give the {RUN_LOG} that a run wrote, or the page of one run"
    try:
        log = embedded(data)
    except ValueError as error:
        raise RunLogError(f"{name}: {error}", hint=hint) from error
    if log is None:
        raise RunLogError(f"{name} is a page without a run log", hint=hint)
    return log
