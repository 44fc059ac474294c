"""Lists of numbers as an option."""

from __future__ import annotations

from typing import Any

import click


class Counts(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on, and not before
    """Numbers, of rows or of users, with commas between them."""

    name = "N,N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:  # noqa: ANN401 - click's signature
        """Return the numbers."""
        if isinstance(value, tuple):
            return value
        try:
            counts = tuple(int(part.replace("_", "")) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of numbers such as 1000,100000", param, ctx)
        if not all(0 <= count <= 1_000_000 for count in counts):  # noqa: PLR2004 - what a laptop's disk holds in minutes
            self.fail("give 0 to 1,000,000", param, ctx)
        return counts
