"""`showcase audit`: any command under the witnesses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showcase.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from showcase.evidence import Run, Sealing

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
    help="What it may contact: name, address, network or *; port or * (repeatable).  [default: the local Ollama port]",
)
@click.option(
    "--seal",
    "sealing",
    is_flag=False,
    flag_value="namespace",
    default="none",
    type=click.Choice(["none", "namespace", "sink"]),
    help="Let nothing leave: run it in a namespace that leads nowhere. With =sink, names lead to a listener of ours.",
)
@click.option("--reveal", is_flag=True, help="With --seal=sink: show requests that would have left, without keys.")
@click.option("--no-bridge", is_flag=True, help="In the seal: leave allowed loopback ports to the command itself.")
@click.option("--for", "duration", metavar="DURATION", help="End it after 8s, 2m, 500ms: politely, then not.")
@click.option("--cwd", type=click.Path(path_type=Path), help="Where it runs.")
@click.option("--env", "variables", multiple=True, metavar="NAME=VALUE", help="Add to its environment (repeatable).")
@click.option("--stdin", type=click.Path(path_type=Path), help="A file for its standard input.")
@click.option("--log", type=click.Path(path_type=Path), help="Write the run log here; `showcase verify` reads it.")
@click.option("--report", type=click.Path(path_type=Path), help="Write an HTML page here.")
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

    if reveal and sealing != "sink":
        raise UsageError("there is nothing to reveal without a sink", hint="--seal=sink --reveal")
    _check_places(log, report, stdin)
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
    return _tell(audit(request), log=log, report=report, as_json=as_json, pass_exit=pass_exit)


def _environment(variables: tuple[str, ...]) -> dict[str, str]:
    import os  # noqa: PLC0415 - only here

    environment = dict(os.environ)
    for variable in variables:
        name, equals, value = variable.partition("=")
        if not equals or not name:
            raise UsageError(f"{variable!r} sets no variable", hint="--env NAME=VALUE")
        environment[name] = value
    return environment


def _check_places(log: Path | None, report: Path | None, stdin: Path | None) -> None:
    """Refuse, before anything runs, what could not be written or read after it."""
    for option, path in (("--log", log), ("--report", report)):
        if path is not None and not path.absolute().parent.is_dir():
            raise UsageError(f"{path.parent} is no directory", hint=f"give a file in one that is there: {option} FILE")
    if stdin is not None and not stdin.is_file():
        raise UsageError(f"{stdin} is no file", hint="--stdin FILE")


def _tell(run: Run, *, log: Path | None, report: Path | None, as_json: bool, pass_exit: bool) -> int:
    from showcase import claims, runlog  # noqa: PLC0415 - as above
    from showcase.audit.account import lines  # noqa: PLC0415 - as above
    from showcase.cli import printable  # noqa: PLC0415 - imports this file

    digest = None if log is None else runlog.write(run, log)
    if report is not None:
        from showcase.report import render  # noqa: PLC0415 - heavy

        runlog.write_private(report, render(run).encode())
    code = int(claims.exit_code(run.claims))
    if pass_exit and code == ExitCode.UPHELD:
        code = _status(run)
    if as_json:
        click.echo(json.dumps(_document(run, code, log, digest), indent=2))
        return code
    from showcase.cli.plain import verdict_lines  # noqa: PLC0415 - as above

    said = ["", *lines(run), "", *verdict_lines(run.claims)]
    said += [f"    limit: {limit}" for verdict in run.claims for limit in verdict.limits]
    said += [] if log is None else [f"Run log: {log}", f"SHA-256: {digest}", f"Next:    showcase verify {log}"]
    said += [] if report is None else [f"Report:  {report}"]
    for line in said:
        click.echo(printable(line), err=True)
    return code


def _status(run: Run) -> int:
    """Return the command's own exit status, as a shell has it."""
    status = run.command.exit_code if run.command else None
    if status is None:
        return int(ExitCode.ENVIRONMENT)
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
