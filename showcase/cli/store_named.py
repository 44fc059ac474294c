"""`--store` as it is typed: a directory or a URL; and `--allow-store`, without which no URL leads off this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showcase.errors import UsageError
from showcase.settings.store_address import ALLOW, COLLECTION, StoreAddress, parse
from showcase.shell.advice import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.settings.store_place import StoreNamed

    Function = Callable[..., Any]


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


class UrlType(click.ParamType):  # type: ignore[type-arg]  # likewise
    """The URL of a store."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> StoreAddress:  # noqa: ANN401, ARG002 - click's signature
        """Return its address.

        Raises:
            UsageError: It is none.
        """
        found = value if isinstance(value, StoreAddress) else parse(value)
        if found is None:
            raise UsageError(
                f"{printable(str(value))[:200]} is no URL of a store", hint="--store postgresql://USER@HOST/DATABASE"
            )
        return found


def check_allowed(address: StoreAddress) -> None:
    """Refuse a store that is not on this machine, unless it was allowed by `--allow-store`.

    Raises:
        UsageError: It was not.
    """
    context = click.get_current_context(silent=True)
    if address.is_here or (context is not None and context.meta.get(ALLOW)):
        return
    how = "over TLS" if address.tls else "NOT encrypted on the way"
    raise UsageError(
        f"the store {address} is not on this machine: memories would go to {address.where}, {how}",
        hint=f"where that is meant: the same command with {ALLOW}",
    )


def allow_option(function: Function) -> Function:
    """Add `--allow-store`, which `check_allowed` asks for."""
    return click.option(
        ALLOW,
        is_flag=True,
        expose_value=False,
        callback=_allow,
        help="Let memories go to a store that is not on this machine.",
    )(function)


def server_option(function: Function) -> Function:
    """Add `--store` where it names a server, or an engine that is embedded: parameter `store`, an address or None."""
    return click.option(
        "--store",
        type=UrlType(),
        metavar="URL",
        help="The store's engine, such as postgresql://USER@HOST/DATABASE.  [default: an embedded Chroma]",
    )(function)


def _allow(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[ALLOW] = value or context.meta.get(ALLOW, False)
