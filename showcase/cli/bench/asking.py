"""How a benchmark opens a model server: as the everyday commands do, beside a store that is none of the user's."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.cli.everyday_options import EngineAsked
    from showcase.engines.everyday import Opened

PLUMBING = "The rehearsal engine is no language model: these figures measure the plumbing."


@contextmanager
def server(asked: EngineAsked, *, chats: bool) -> Iterator[Opened]:
    """Find or start the model server that was asked for.

    Raises:
        ShowcaseError: See `engines.everyday.opened`.
    """
    from showcase.cli import everyday  # noqa: PLC0415 - `--help` measures nothing
    from showcase.documents.leftovers import temporary  # noqa: PLC0415 - likewise

    with (
        temporary("showcase-bench-") as directory,
        everyday.surroundings(directory / "store") as around,
        everyday.server(around, asked, chats=chats) as opened,
    ):
        yield opened


class Counter:
    """Shows how far a measurement is, on one line of standard error where that is a terminal."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = False

    def show(self, text: str) -> None:
        """Show how far it is."""
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{self._what}: {text}")
            sys.stderr.flush()
            self._shown = True

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
