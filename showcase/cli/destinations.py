"""Options that name a file to write: refused before anything runs where it could not be written after."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from showcase.documents.destination import Destination


@contextmanager
def destinations(
    options: Mapping[str, Path | None],
    *,
    inputs: Mapping[str, Path] | None = None,
    refusal: type[ShowcaseError] = UsageError,
) -> Iterator[dict[str, Destination]]:
    """Hold what options name until it is written; those that were not given are left out.

    Args:
        options: What each option names.
        inputs: What is read, by what to call it: nothing may be written over it.
        refusal: What is raised where one cannot be written.

    Raises:
        UsageError: One cannot be written, two are one file, or one is an input.
        StoreError: Writing failed, inside.
    """
    from showcase.documents.destination import Destination, UnwritableError, check_apart  # noqa: PLC0415 - not for help

    with ExitStack() as held:
        found = {}
        try:
            for option, path in options.items():
                if path is not None:
                    found[option] = Destination(path, hint=f"name another file: {option} FILE")
                    held.callback(found[option].close)
        except UnwritableError as error:
            raise refusal(error.message, hint=error.hint) from error
        try:
            check_apart(list(found.values()), inputs or {})
        except UnwritableError as error:
            raise UsageError(error.message, hint=error.hint) from error
        try:
            yield found
        except UnwritableError as error:
            raise StoreError(error.message, hint=error.hint) from error
