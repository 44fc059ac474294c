"""The command line: parse, call, print. Each command is a file; none is imported before it is asked for."""

from __future__ import annotations

import difflib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from showcase import __version__
from showcase.errors import ExitCode, ShowcaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "run": "Run the three sessions, watch them, judge the claims, write log and page.",
    "verify": "Judge a run log again, offline, and compare with what it says.",
    "report": "Render a run log as an HTML page.",
    "engine": "Start the rehearsal engine alone, or measure it.",
    "models": "Plan, create and check the chat models that fit this machine.",
    "doctor": "Look at this machine and say what would go wrong, and how to fix it.",
    "drill": "Plant leaks and show which witness catches which.",
    "bench": "Measure what watching costs and what it catches.",
}
"""Name to one line of help. A new command is a new file `showcase/cli/NAME.py` and a line here."""

ABOUT = """\
Evidence for local LLM memory: memories planted in one process, recalled in another,
hidden from a second user, every connection watched, one HTML page at the end.
"""


class Commands(click.Group):
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where there is none of that name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if near:
                error.message += f" Did you mean {near[0]!r}?"
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the table of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, help=ABOUT, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="showcase")
@click.option("--verbose", is_flag=True, help="Show the traceback of an error too.")
@click.pass_context
def cli(ctx: click.Context, *, verbose: bool) -> None:
    """Hold what all commands share."""
    ctx.obj = {"verbose": verbose}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and exit; the one place where errors become messages and exit statuses."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    try:
        status = cli.main(args=arguments, prog_name="showcase", standalone_mode=False)
        sys.stdout.flush()
    except ShowcaseError as error:
        if "--verbose" in arguments:
            raise
        return say_error(error)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return int(ExitCode.INCONCLUSIVE)
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`). What else Python would flush at exit has no reader either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.ENVIRONMENT)
    return status if isinstance(status, int) else int(ExitCode.UPHELD)


def say_error(error: ShowcaseError) -> int:
    """Print message and hint to stderr; return the exit status."""
    click.echo(f"error: {printable(error.message)}", err=True)
    if error.hint:
        click.echo(f"  fix: {printable(error.hint)}", err=True)
    return int(error.exit_code)


def printable(text: str) -> str:
    """Return `text` with control, format and bidi characters shown as escapes, so that none reaches a terminal."""
    return "".join(
        character if character.isprintable() or character == "\n" else ascii(character)[1:-1] for character in text
    )
