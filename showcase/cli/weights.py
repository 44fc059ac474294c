"""`--weight PART=NUMBER`: how much each part of a ranking counts."""

from __future__ import annotations

import click

from showcase.cli.finite import Finite
from showcase.cli.nearest import suggestion

PARTS = ("relevance", "recency", "importance")
"""What `--weight` names; see `memory.ranking.Weights`."""


def weights(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    """Return each part that was given a weight; see `memory.ranking.Weights`."""
    found: dict[str, float] = {}
    for value in values:
        name, equals, number = value.partition("=")
        if not equals or name not in PARTS:
            near = suggestion(name, PARTS)
            raise click.BadParameter(f"{value!r} is no PART=NUMBER, PART one of {', '.join(PARTS)}.{near}", ctx, param)
        if name in found:
            raise click.BadParameter(f"{name} is there twice", ctx, param)
        found[name] = Finite(0, 1_000_000).convert(number, param, ctx)
    return found
