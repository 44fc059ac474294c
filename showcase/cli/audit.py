"""`showcase audit`: any command under the witnesses."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showcase.cli.destinations import destinations
from showcase.cli.nearest import Nearest
from showcase.errors import ExitCode, ShowcaseError, StoreError, UsageError
from showcase.shell import here
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from showcase.documents.destination import Destination
    from showcase.evidence import Run, Sealing

_MOST_SIGNED = (1 << 31) - 1

EPILOG = """\b
Examples:
  showcase audit -- python my_agent.py
  showcase audit --seal --for 8s -- ollama serve
  showcase audit --allow example.org:443 -- curl -s https://example.org
  showcase audit --seal --log audit.json --report audit.html -- ./agent
"""


@click.command(
    epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "allow_interspersed_args": False}
)
@click.argument("command_line", nargs=-1, required=True, metavar="-- COMMAND...", type=click.UNPROCESSED)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="HOST[:PORT]",
    help=(
        "What it may contact: name, address, network or *; port or *; or unix:PATH, a Unix socket (repeatable).  "
        "[default: the local Ollama port]"
    ),
)
@click.option(
    "--seal",
    "sealing",
    is_flag=False,
    flag_value="namespace",
    default="none",
    type=Nearest(["none", "namespace", "sink"]),
    help="Let nothing leave: run it in a namespace that leads nowhere. With =sink, names lead to a listener of ours.",
)
@click.option("--reveal", is_flag=True, help="With --seal=sink: show requests that would have left, without keys.")
@click.option("--no-bridge", is_flag=True, help="In the seal: leave allowed loopback ports to the command itself.")
@click.option("--for", "duration", metavar="DURATION", help="End it after 8s, 2m, 500ms: politely, then not.")
@click.option("--cwd", type=click.Path(path_type=Path, readable=False), help="Where it runs.")
@click.option("--env", "variables", multiple=True, metavar="NAME=VALUE", help="Add to its environment (repeatable).")
@click.option("--stdin", type=click.Path(path_type=Path, readable=False), help="A file for its standard input.")
@click.option(
    "--log", type=click.Path(path_type=Path, readable=False), help="Write the run log here; `showcase verify` reads it."
)
@click.option("--report", type=click.Path(path_type=Path, readable=False), help="Write an HTML page here.")
@click.option("--json", "as_json", is_flag=True, help="Facts and verdicts on stdout; the command's output on stderr.")
@click.option("--pass-exit", is_flag=True, help="Exit as the command did where nothing was found.")
def command(
    *,
    command_line: tuple[str, ...],
    allowed: tuple[str, ...],
    sealing: Sealing,
    reveal: bool,
    no_bridge: bool,
    duration: str | None,
    cwd: Path | None,
    variables: tuple[str, ...],
    stdin: Path | None,
    log: Path | None,
    report: Path | None,
    as_json: bool,
    pass_exit: bool,
) -> int:
    """Run a command under every witness that works here, and say what it tried to contact.

    Without --seal the command does what it always does; it keeps its terminal, its environment and its files.

    \b
    Exit status: 0 nothing outside what is allowed, 1 anything outside, 2 usage, 3 could not tell, 4 environment.
    """  # noqa: D301 - click reads the backspace
    from showcase.audit import Request, audit, rules  # noqa: PLC0415 - `--help` must not wait for psutil
    from showcase.audit.request import duration_s  # noqa: PLC0415 - likewise
    from showcase.processes import open_files  # noqa: PLC0415 - likewise

    if reveal and sealing != "sink":
        raise UsageError("there is nothing to reveal without a sink", hint="--seal=sink --reveal")
    _check_stdin(stdin)
    request = Request(
        command=command_line,
        environment=_environment(variables),
        rules=tuple(rules.parse(text) for text in allowed) or rules.DEFAULT,
        cwd=cwd,
        stdin=stdin,
        stdout_to_stderr=as_json,
        sealing=sealing,
        bridges=not no_bridge,
        reveal=reveal,
        limit_s=None if duration is None else duration_s(duration),
    )
    open_files.check(
        {"none": open_files.OF_A_WATCH, "namespace": open_files.OF_A_SEAL, "sink": open_files.OF_A_SINK}[sealing]
    )
    with _same_options():
        request.check()
    inputs = {"the program": request.program} | ({} if stdin is None else {"--stdin": stdin})
    with destinations({"--log": log, "--report": report}, inputs=inputs) as places:
        with _same_options():
            _import_ahead()
            run = audit(request, page=report is not None)
        return _tell(run, places, as_json=as_json, pass_exit=pass_exit)


def _import_ahead() -> None:
    """Import what tells the end: the command may rewrite this program's files while it runs."""
    import showcase.audit.account  # noqa: PLC0415 - `--help` must not wait
    import showcase.cli.again  # noqa: PLC0415 - likewise
    import showcase.cli.plain  # noqa: F401, PLC0415 - likewise


@contextmanager
def _same_options() -> Iterator[None]:
    """Let a hint that names another command keep the options that were given: without --seal it would be let out."""
    from showcase.cli.again import options  # noqa: PLC0415 - `--help` must not wait

    try:
        yield
    except ShowcaseError as error:
        error.hint = error.hint.replace("showcase audit --", " ".join(["showcase audit", *options(), "--"]))
        raise


def _environment(variables: tuple[str, ...]) -> dict[str, str]:
    environment = dict(os.environ)
    for variable in variables:
        name, equals, value = variable.partition("=")
        if not equals or not name:
            raise UsageError(f"{variable!r} sets no variable", hint="--env NAME=VALUE")
        environment[name.upper() if sys.platform == "win32" else name] = value  # there case makes no other variable
    return environment


def _check_stdin(stdin: Path | None) -> None:
    """Refuse, before anything runs, what could not be read."""
    if stdin is not None and not stdin.is_file():
        raise UsageError(f"{stdin} is no file", hint="--stdin FILE")
    if stdin is not None and not os.access(stdin, os.R_OK):
        raise UsageError(f"{stdin} may not be read", hint=f"see why: {here().who_may(stdin)}")


def _tell(run: Run, places: Mapping[str, Destination], *, as_json: bool, pass_exit: bool) -> int:
    from showcase import claims  # noqa: PLC0415 - as above
    from showcase.audit.account import lines  # noqa: PLC0415 - as above
    from showcase.cli import printable, say_error  # noqa: PLC0415 - imports this file
    from showcase.cli.words import fitted, this_program  # noqa: PLC0415 - as above

    log, report = places.get("--log"), places.get("--report")
    digest, trouble = _written(run, log, report)
    code = int(claims.exit_code(run.claims))
    if pass_exit and code == ExitCode.UPHELD:
        code = _status(run)
    if trouble is not None:
        code = code if code == ExitCode.BROKEN else int(trouble.exit_code)
        say_error(trouble)  # and what was seen is told all the same
    if as_json:
        click.echo(json.dumps(_document(run, code, log.path if log and digest else None, digest), indent=2))
        return code
    from showcase.cli.plain import limit_lines, verdict_lines  # noqa: PLC0415 - as above

    written = log.path if log is not None and digest is not None and not log.is_stream else None
    said = ["", *lines(run), "", *verdict_lines(run.claims), *limit_lines(run.claims, written)]
    if log is not None and digest is not None:
        said += [f"Run log: {log.path}", f"SHA-256: {digest}"]
        said += [] if log.is_stream else [f"Next:    {this_program()} verify {quoted(log.path)}"]
    said += [] if report is None or trouble else [f"Report:  {report.path}"]
    for line in said:
        click.echo(fitted(printable(line), err=True), err=True)
    return code


def _written(run: Run, log: Destination | None, report: Destination | None) -> tuple[str | None, ShowcaseError | None]:
    """Write log and page; return the log's digest, and what went wrong: the verdicts are not lost with a full disk."""
    from hashlib import sha256  # noqa: PLC0415 - only here

    from showcase import runlog  # noqa: PLC0415 - as above
    from showcase.documents.destination import UnwritableError  # noqa: PLC0415 - as above

    digest = None
    try:
        if log is not None:
            data = runlog.dump(run)
            log.write(data)
            digest = sha256(data).hexdigest()
        if report is not None:
            from showcase.report import render  # noqa: PLC0415 - heavy

            report.write(render(run).encode())
    except UnwritableError as error:
        return digest, StoreError(error.message, hint=error.hint)
    return digest, None


def _status(run: Run) -> int:
    """Return the command's own exit status, as a shell has it."""
    status = run.command.exit_code if run.command else None
    if status is None:
        return int(ExitCode.ENVIRONMENT)
    if status > _MOST_SIGNED:  # Windows has 32 bits without a sign, and Python leaves with one
        return status - (1 << 32)
    return 128 - status if status < 0 else status


def _document(run: Run, code: int, log: Path | None, digest: str | None) -> dict[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415 - only here

    return {
        "exit_code": code,
        "command": asdict(run.command) if run.command else None,
        "policy": asdict(run.policy),
        "witnesses": [asdict(witness) for witness in run.witnesses],
        "connections": [asdict(row) for row in run.connections],
        "daemons": [asdict(daemon) for daemon in run.daemons],
        "requests": [asdict(request) for request in run.requests],
        "claims": [asdict(verdict) for verdict in run.claims],
        "run_log": None if log is None else str(log),
        "sha256": digest,
    }
