"""The command line: parse, call, print. Each command is a file; none is imported before it is asked for."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from showcase import __version__
from showcase.cli import pace, signs, streams, words
from showcase.cli.nearest import NearestGroup
from showcase.cli.table import COMMANDS
from showcase.cli.words import as_typed, one_line, printable
from showcase.documents import broken_pipe, resources, umask
from showcase.errors import ExitCode, ShowcaseError, nowhere
from showcase.settings import DEFAULT_OUT, RUN_LOG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

__all__ = ["COMMANDS", "cli", "main", "printable", "say_error"]

ABOUT = """\
Evidence for local LLM memory: memories planted in one process, recalled in another,
hidden from a second user, every connection watched, one HTML page at the end.
"""

EPILOG = f"""\b
Examples:
  showcase run                     the whole showcase, no model server needed
  showcase run --step              the same, waiting for you at each session
  showcase run --phase 1           one session at a time, by hand
  showcase verify {DEFAULT_OUT / RUN_LOG}
  showcase glossary                what upheld, witness, seal and others mean
  showcase COMMAND --help          every option, with examples
"""

WELCOME = """\
Shows with evidence what an LLM's memory on your own machine does: one process
plants memories, a second recalls them, a second user sees none of them, and every
connection is watched. It uses Ollama where that runs, and needs no model server.
Type first:  showcase run       {then}
Then:        showcase --help    all commands; showcase doctor if that failed
"""


class Commands(NearestGroup):
    """Imports a command when it is asked for, so that `--help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"showcase.cli.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete from the table, so that a Tab imports no command."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only for a Tab

        named = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return named + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the table of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    help=ABOUT,
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="showcase")
@click.option("--verbose", is_flag=True, help="Show the traceback of an error too; anywhere on the line.")
@click.pass_context
def cli(ctx: click.Context, *, verbose: bool) -> None:
    """Hold what all commands share."""
    ctx.obj = {**(ctx.obj or {}), "verbose": verbose}
    makes_nothing = ctx.invoked_subcommand in (None, "doctor", "glossary", "completion")
    if not makes_nothing and (refused := umask.obstacle()) is not None:
        raise refused
    if ctx.invoked_subcommand is None:
        took_s = pace.of_last_run()
        then = "log and page go to showcase-output" if took_s is None else f"{pace.about(took_s)}, into showcase-output"
        click.echo(WELCOME.format(then=then), nl=False)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and exit; the one place where errors become messages and exit statuses."""
    streams.stand_in()
    streams.outlive_readers()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        signs.settle(stream)
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    verbose = "--verbose" in own
    if verbose:
        arguments.remove("--verbose")
    status = _run(arguments, verbose=verbose)
    leave_no_output()
    if sys.flags.inspect:  # PYTHONINSPECT: Python would go on with questions, and end with 1, which means broken
        os._exit(status)
    sys.exit(status)


def _run(arguments: list[str], *, verbose: bool) -> int:
    try:
        typed = {"arguments": tuple(arguments)}
        status = cli.main(args=arguments, prog_name="showcase", standalone_mode=False, obj=typed)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        return _say_usage(error)
    except (click.Abort, KeyboardInterrupt):
        with suppress(OSError):
            click.echo("interrupted", err=True)
        return int(ExitCode.INCONCLUSIVE)
    except Exception as error:
        if isinstance(error, OSError) and broken_pipe.is_one(error):
            return int(ExitCode.ENVIRONMENT)  # whoever read our output has gone: `| head`
        if verbose:
            raise
        if isinstance(error, ShowcaseError):
            return say_error(error, arguments)
        if isinstance(error, FileNotFoundError) and resources.working_directory() is None:
            return say_error(nowhere(), arguments)
        if isinstance(error, OSError):
            return _say(
                f"the system refused: {error}", "see where: the same command with --verbose", ExitCode.ENVIRONMENT
            )
        return _say(
            f"this is a fault of the program itself: {type(error).__name__}: {error}",
            "report it, with what the same command says with --verbose",
            ExitCode.ENVIRONMENT,
        )
    return status if isinstance(status, int) else int(ExitCode.UPHELD)


def leave_no_output() -> None:
    """Drop what could not be written: Python would try again at exit, complain, and change the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if not _flushed(stream):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _flushed(stream: TextIO) -> bool:
    try:
        stream.flush()
    except OSError:
        return False
    return True


def say_error(error: ShowcaseError, arguments: Sequence[str] = ()) -> int:
    """Print message and hint to stderr; return the exit status.

    Args:
        error: What went wrong.
        arguments: What was typed, for a hint that says to type it again with another limit.
    """
    return _say(error.message, words.with_option(error.hint, arguments), error.exit_code)


def _say_usage(error: click.ClickException) -> int:
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):  # since 8.2: `showcase lab` alone
        click.echo(error.format_message(), err=True)
        return int(ExitCode.USAGE)
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "showcase"
    return _say(error.format_message(), f"{path} --help", ExitCode.USAGE)


def _say(message: str, fix: str, status: int) -> int:
    with suppress(OSError):
        click.echo(f"error: {one_line(message)}", err=True)
        if fix:
            click.echo(f"  fix: {one_line(as_typed(fix))}", err=True)
    return int(status)
