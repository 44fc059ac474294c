"""`showcase completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from showcase.cli.nearest import Nearest

SHELLS = ("bash", "zsh", "fish")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("shell", type=Nearest(SHELLS))
def command(*, shell: str) -> None:
    """Print what makes SHELL complete the commands and options of this program.

    \b
    Examples:
      eval "$(showcase completion bash)"                          now, in this shell
      showcase completion zsh >> ~/.zshrc                         always
      showcase completion fish > ~/.config/fish/completions/showcase.fish
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    from showcase.cli import cli  # noqa: PLC0415 - imports this file

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    # The template as it stands: `source()` would first start a bash to ask for its version.
    complete = found(cli, {}, "showcase", "_SHOWCASE_COMPLETE")
    click.echo(complete.source_template % complete.source_vars())
