"""`--audit DIR`: the same command again, as `showcase audit` runs any other, with log and page in a directory."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Function = Callable[..., Any]

OPTION = "--audit"

AUDITED = "SHOWCASE_AUDITED"
"""Tells the audited process where its log will lie."""


def audit_option(function: Function) -> Function:
    """Add `--audit DIR`, which runs the command under the witnesses instead of here.

    What may be contacted is the port of the model server, where the command has options for one.
    """

    @functools.wraps(function)
    def perhaps(*arguments: Any, audit_to: Path | None, **options: Any) -> Any:  # noqa: ANN401 - any command's
        if audit_to is None:
            return function(*arguments, **options)
        if options.get("matching") is not None:
            _refuse_told()
        return run(audit_to, options.get("ollama_host"))

    return click.option(
        OPTION,
        "audit_to",
        type=click.Path(path_type=Path, readable=False),
        metavar="DIR",
        help="Run it under every witness that works here, sealed where that can be, and leave log and page in DIR.",
    )(perhaps)


def _refuse_told() -> None:
    """Refuse to write down in a log what is to be forgotten.

    Raises:
        UsageError: Always.
    """
    from showcase.errors import UsageError  # noqa: PLC0415 - only where it is asked for

    raise UsageError(
        "the log and the page of an audit hold the command line, and with it the text of --matching",
        hint=f"forget by id, which memories search shows; or leave {OPTION} out",
    )


def run(directory: Path, ollama_host: str | None) -> int:
    """Run the command that was typed under the witnesses; return its own exit status where nothing was found."""
    from showcase.cli.audit import command as audit  # noqa: PLC0415 - only where it is asked for
    from showcase.clock import utc_now  # noqa: PLC0415 - likewise
    from showcase.documents.file_names import why_unfit  # noqa: PLC0415 - likewise
    from showcase.errors import StoreError, UsageError  # noqa: PLC0415 - likewise
    from showcase.shell import here  # noqa: PLC0415 - likewise

    why = why_unfit(directory) or ("it is a file" if directory.is_file() else None)
    if why is not None:
        raise UsageError(f"{directory} can hold no log: {why}", hint=f"name another directory: {OPTION} DIR")
    context = click.get_current_context()
    typed: Sequence[str] = (context.find_object(dict) or {}).get("arguments", ())
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{directory} cannot be made: {error.strerror or error}",
            hint=f"see why: {here().who_may(directory.parent)}",
        ) from error
    stamp = "".join(character for character in utc_now()[:19] if character.isalnum())
    log, page = (directory / f"{context.info_name}-{stamp}Z{suffix}" for suffix in (".json", ".html"))
    options = ["--pass-exit", f"--log={log}", f"--report={page}", f"--env={AUDITED}={log}"]
    options += ["--seal"] if _can_seal() else []
    options += [f"--allow={place}" for place in _allowed(ollama_host)]
    arguments = [*options, "--", *_this_program(), *without(typed, OPTION)]
    with audit.make_context("audit", arguments, parent=context.parent) as made:
        return int(audit.invoke(made))


def without(arguments: Sequence[str], option: str) -> list[str]:
    """Return a command line without an option and its value."""
    kept: list[str] = []
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word == "--":
            return [*kept, word, *left]
        if word == option:
            left = left[1:]
        elif not word.startswith(f"{option}="):
            kept.append(word)
    return kept


def _allowed(ollama_host: str | None) -> list[str]:
    """Return where the model server listens, nothing for where it usually does: the audit's own default."""
    from showcase.settings.ollama_host import find  # noqa: PLC0415 - only where it is asked for

    if ollama_host is None and "OLLAMA_HOST" not in os.environ:
        return []
    return [str(find(ollama_host, os.environ).endpoint)]


def _can_seal() -> bool:
    from showcase.witnesses.seal.witness import SealWitness  # noqa: PLC0415 - only where it is asked for
    from showcase.witnesses.syscalls.witness import SyscallsWitness  # noqa: PLC0415 - likewise

    return sys.platform == "linux" and SealWitness(SyscallsWitness()).unavailable() is None


def _this_program() -> list[str]:
    """Return how this program was started: by its script, which lies in no directory of the user's, where it was."""
    script = Path(sys.argv[0])
    named = script.is_file() and script.name != "__main__.py"
    return [sys.executable, str(script.absolute())] if named else [sys.executable, "-m", "showcase"]
