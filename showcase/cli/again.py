"""The options that a command was given, spelled to be given again."""

from __future__ import annotations

from pathlib import Path

import click

from showcase.shell.advice import quoted


def options() -> list[str]:
    """Return the options that stand on this command line, each as one word or two; without the arguments."""
    context = click.get_current_context()
    given: list[str] = []
    for parameter in context.command.params:
        name = parameter.name or ""
        source = context.get_parameter_source(name)
        if not isinstance(parameter, click.Option) or source is not click.core.ParameterSource.COMMANDLINE:
            continue
        value = context.params[name]
        long = parameter.opts[-1]
        if parameter.is_flag:
            given.append(long if value else parameter.secondary_opts[-1])
            continue
        for one in value if parameter.multiple else [value]:
            # With the equals sign: a value that begins like an option, or may be left out, stays the option's own.
            word = quoted(one if isinstance(one, Path) else str(one))
            given.append(f"{long}={word}")
    return given
