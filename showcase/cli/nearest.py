"""What was typed and is not there: the complaint names the nearest that is."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable


def suggestion(given: str, known: Iterable[str]) -> str:
    """Return " Did you mean …?", nothing where nothing is like what was given."""
    found = difflib.get_close_matches(given, list(known), n=1)
    return f" Did you mean {found[0]!r}?" if found else ""


class Nearest(click.Choice):  # type: ignore[type-arg]  # generic only in newer versions of click
    """A choice that names the nearest one in its complaint."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's signature
        """Return the choice."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = suggestion(str(value), map(str, self.choices))
            raise click.BadParameter(f"{error.message}{near}", ctx, param) from error


class NearestGroup(click.Group):
    """A group that names the nearest command where there is none of a name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was named."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known:
            raise click.UsageError(f"No such command {args[0]!r}.{suggestion(args[0], known)}", ctx)
        return super().resolve_command(ctx, args)
