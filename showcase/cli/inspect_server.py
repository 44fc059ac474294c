"""`showcase inspect URL`: what the engine of a store tells of it; nothing is changed, no text of a memory is read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from showcase.cli.store_named import check_allowed
from showcase.cli.words import fitted, one_line
from showcase.errors import ExitCode, UsageError
from showcase.settings import store_secret
from showcase.settings.store_place import place_of
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.settings.store_address import StoreAddress
    from showcase.stores.view import StoreView

_LABEL = 13
_LISTED = 20


def inspect_server(address: StoreAddress, given: Sequence[str], *, as_json: bool) -> int:
    """Print what is there; return the exit status.

    Args:
        address: The store.
        given: Options that were given and need its files.
        as_json: Whether to print JSON.

    Raises:
        UsageError: One was given, the store is not on this machine and was not allowed, or there is none.
        StoreError: It does not answer, or lets nobody in.
    """
    from showcase.processes.environment import adopt  # noqa: PLC0415 - `--help` must not wait
    from showcase.stores.view import view  # noqa: PLC0415 - likewise

    if given:
        what = "makes its page of" if given[0] == "--html" else "looks at"
        raise UsageError(
            f"{given[0]} {what} the files of a store, and those of {address} are its engine's",
            hint=f"leave it out; everything that the engine tells: showcase inspect {quoted(address)} --json",
        )
    check_allowed(address)
    secret = store_secret.find(os.environ)
    place = place_of(address)
    if address.path is not None and not place.chroma.exists():
        raise UsageError(
            f"{place.chroma} is not there: no store of {address.kind}",
            hint=f"begin it: showcase memories add --store {quoted(address)} --user-id USER TEXT",
        )
    before = adopt(mem0_home=place.home)
    try:
        found = view(place, secret)
    finally:
        os.environ.clear()
        os.environ.update(before)
    if as_json:
        import json  # noqa: PLC0415 - only here
        from dataclasses import asdict  # noqa: PLC0415 - likewise

        click.echo(json.dumps(asdict(found), indent=2))
    else:
        click.echo("\n".join(_lines(found)))
    if not found.exists:
        return int(ExitCode.USAGE)
    return int(ExitCode.INCONCLUSIVE if found.unseen else ExitCode.UPHELD)


def _lines(found: StoreView) -> list[str]:
    shown: list[str] = []
    for label, items in _blocks(found):
        for number, item in enumerate(items):
            head = f"{label:<{_LABEL}}" if not number else " " * _LABEL
            shown.append(fitted(f"{head}{one_line(item)}".rstrip(), hanging=_LABEL + 2))
    return shown


def _blocks(found: StoreView) -> Iterator[tuple[str, Sequence[str]]]:
    yield "store", [found.store]
    yield "engine", [found.engine]
    yield "on the way", [found.transport]
    total = sum(each.rows for each in found.users)
    there = f"{total:,} rows, counted there" if found.users or not found.unseen else "there; its rows were not counted"
    there = there if found.exists else "not there: nothing was remembered in it"
    yield "collection", [f"{found.collection}: {there}"]
    if found.exists:
        users = [f"{each.rows:,}  {each.user_id or '(names nobody)'}" for each in found.users[:_LISTED]]
        more = len(found.users) - _LISTED
        yield "users", [*(users or ["none"]), *([f"and {more:,} more; --json has all"] if more > 0 else [])]
        made = (
            "a model that nothing names" if found.embed_model is None else f"{found.embed_model}, noted {found.marked}"
        )
        yield "model", [f"vectors of {found.dimensions or '?'} numbers, of {made}"]
    if found.around.others is None:
        yield "beside it", ["not looked at: this engine was not asked for its other collections"]
    else:
        names = found.around.others
        more_names = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
        yield "beside it", [f"{', '.join(names[:_LISTED]) or 'no other collection or table'}{more_names}"]
    yield "rights", found.around.rights
    yield "told", found.around.remarks
    yield "deleted", [f"stays in {each}" for each in found.stays]
    yield "on disk", [found.at_rest]
    yield "here", [f"mem0's history and the record of the model: {found.beside}" if found.beside else "nothing of it"]
    yield "not seen", found.unseen
