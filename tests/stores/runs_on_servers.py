"""What tests of runs on real servers have in common: the store's URL, its password, and its rows without mem0."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from program import Finished, run

from showcase.settings.store_address import StoreAddress, parse
from showcase.settings.store_place import StorePlace
from showcase.stores.engines import table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.bench.stores.servers import Server
    from showcase.stores.interface import Table


def url(server: Server, collection: str) -> str:
    """Return what stands behind `--store`: a user's name where there are users, and never a password."""
    scheme, _, rest = server.url.partition("://")
    place = rest.partition("@")[2] or rest
    user = f"{server.user}@" if server.kind == "postgresql" else ""
    scheme = "chroma" if server.kind == "chroma" else scheme
    return f"{scheme}://{user}{place.rstrip('/')}?collection={collection}"


def secret(server: Server) -> dict[str, str]:
    """Return what the environment holds for its client."""
    return {} if server.secret is None else {"SHOWCASE_STORE_SECRET": server.secret}


def run_on(server: Server, collection: str, out: Path, *arguments: str, **variables: str) -> Finished:
    """Run the three sessions, or a part of them, on a server's collection."""
    more = {**secret(server), **variables}
    return run(out, "--no-drill", "--store", url(server, collection), *arguments, **more)


@contextmanager
def rows_of(server: Server, collection: str) -> Iterator[Table]:
    """Yield the rows of a collection by the engine's own client."""
    address = parse(url(server, collection))
    assert isinstance(address, StoreAddress)
    nowhere = address.path  # a server has none
    assert nowhere is None
    place = StorePlace(root=server.data, chroma=server.data, home=server.data, address=address)
    found = table(place, server.secret)
    try:
        yield found
    finally:
        found.close()
