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

    from showcase.settings.store_address import StoreAddress
    from showcase.settings.store_place import StoreNamed

    Function = Callable[..., Any]

OPTION = "--audit"

AUDITED = "SHOWCASE_AUDITED"
"""Tells the audited process where its log will lie."""


def audit_option(function: Function) -> Function:
    """Add `--audit DIR`, which runs the command under the witnesses instead of here.

    What may be contacted is the port of the model server, where the command has options for one, and the server of
    the store, where it has a URL: exactly that address and port.
    """

    @functools.wraps(function)
    def perhaps(*arguments: Any, audit_to: Path | None, **options: Any) -> Any:  # noqa: ANN401 - any command's
        if audit_to is None:
            return function(*arguments, **options)
        if options.get("matching") is not None:
            _refuse_told()
        return run(audit_to, options.get("ollama_host"), options.get("store"))

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


def run(directory: Path, ollama_host: str | None, store: StoreNamed | None) -> int:
    """Run the command that was typed under the witnesses; return its own exit status where nothing was found."""
    from showcase.cli.audit import command as audit  # noqa: PLC0415 - only where it is asked for
    from showcase.clock import utc_now  # noqa: PLC0415 - likewise
    from showcase.documents.file_names import why_unfit  # noqa: PLC0415 - likewise
    from showcase.errors import StoreError, UsageError  # noqa: PLC0415 - likewise
    from showcase.shell import here  # noqa: PLC0415 - likewise

    why = why_unfit(directory) or ("it is a file" if directory.is_file() else None)
    if why is not None:
        raise UsageError(f"{directory} can hold no log: {why}", hint=f"name another directory: {OPTION} DIR")
    address = _address(store)
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
    options += ["--seal"] if _can_seal() and (address is None or address.is_here) else []
    options += [f"--allow={place}" for place in _allowed(ollama_host, address)]
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


def _address(store: StoreNamed | None) -> StoreAddress | None:
    """Return the URL of the store that the command opens, None where it is on a path.

    Raises:
        UsageError: It is not on this machine, and that was not allowed.
    """
    from showcase.cli.store_named import check_allowed  # noqa: PLC0415 - imports this file
    from showcase.settings.store_place import default_store  # noqa: PLC0415 - only where it is asked for

    named = default_store() if store is None else store
    if isinstance(named, Path) or named.path is not None:
        return None
    check_allowed(named)
    return named


def _allowed(ollama_host: str | None, address: StoreAddress | None) -> list[str]:
    """Return where the model server listens, and the store's.

    Nothing where there is no store's and the model server listens where it usually does: the audit's own default, which
    a store's would take the place of.
    """
    from showcase.audit.rules import DEFAULT  # noqa: PLC0415 - only where it is asked for
    from showcase.settings.ollama_host import find  # noqa: PLC0415 - likewise

    models: list[str] = []
    if ollama_host is not None or "OLLAMA_HOST" in os.environ:
        models = [str(find(ollama_host, os.environ).endpoint)]
    if address is None:
        return models
    return [*(models or [f"[{rule.host}]:{rule.port}" for rule in DEFAULT]), address.where]


def _can_seal() -> bool:
    from showcase.witnesses.seal.witness import SealWitness  # noqa: PLC0415 - only where it is asked for
    from showcase.witnesses.syscalls.witness import SyscallsWitness  # noqa: PLC0415 - likewise

    return sys.platform == "linux" and SealWitness(SyscallsWitness()).unavailable() is None


def _this_program() -> list[str]:
    """Return how this program was started: by its script, which lies in no directory of the user's, where it was."""
    script = Path(sys.argv[0])
    named = script.is_file() and script.name != "__main__.py"
    return [sys.executable, str(script.absolute())] if named else [sys.executable, "-m", "showcase"]
