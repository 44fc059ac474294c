"""How a benchmark opens a model server: as the everyday commands do, beside a store that is none of the user's."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.cli.everyday_options import EngineAsked
    from showcase.engines.everyday import Opened


@contextmanager
def server(asked: EngineAsked, *, chats: bool) -> Iterator[Opened]:
    """Find or start the model server that was asked for.

    Raises:
        ShowcaseError: See `engines.everyday.opened`.
    """
    from showcase.cli import everyday  # noqa: PLC0415 - `--help` measures nothing
    from showcase.documents.leftovers import temporary  # noqa: PLC0415 - likewise

    if sys.stderr is not None and sys.stderr.isatty():
        click.echo("starting: the model server, and what speaks with it", err=True)
    with (
        temporary("showcase-bench-") as directory,
        everyday.surroundings(directory / "store") as around,
        everyday.server(around, asked, chats=chats) as opened,
    ):
        yield opened
