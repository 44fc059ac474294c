"""What stands behind `--store`: a directory, or the URL of a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showcase.settings.store_address import COLLECTION, StoreAddress, parse

if TYPE_CHECKING:
    from showcase.settings.store_place import StoreNamed


class StoreType(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on, and not before
    """A directory, or the URL of a store; `collection` is that which is meant where a URL names none."""

    name = "store"

    def __init__(self, *, collection: str = COLLECTION) -> None:
        self._collection = collection

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> StoreNamed:  # noqa: ANN401, ARG002 - click's signature
        """Return it; what is no URL is a path."""
        if isinstance(value, (Path, StoreAddress)):
            return value
        return parse(value, collection=self._collection) or Path(value)
