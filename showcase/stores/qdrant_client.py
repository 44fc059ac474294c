"""Qdrant's own client, of a server or of a directory; one client a directory, which mem0 is handed as well.

Its local mode locks the directory for one client alone, not for one process.
"""

from __future__ import annotations

import atexit
import functools
import traceback
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.errors import StoreError
from showcase.shell.advice import quoted
from showcase.stores import private_place
from showcase.stores.errors import as_store_error, in_header
from showcase.stores.extras import imported

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.settings.store_address import StoreAddress

_ANSWER_S = 20
"""For connecting too: the client has one limit for both."""

_TRIES = 5
_LOCKED = "already accessed by another instance"


@dataclass(slots=True)
class _Held:
    client: Any
    let_go: Any
    holders: int = 0


_held: dict[str, _Held] = {}
"""By the path; each who is handed a client closes it once."""


def client(address: StoreAddress, secret: str | None, path: Path) -> Any:  # noqa: ANN401 - the library's own class
    """Return a client, to be closed by whoever asked for it.

    Args:
        address: The server, or the directory.
        secret: The key of a server, None where there is none.
        path: Where the files of a directory are.

    Raises:
        StoreError: Another process has it open, it cannot be read, or others may write to it.
        UsageError: The library is missing, or the key has characters that no header carries.
    """
    library = imported("qdrant", "qdrant_client")
    if address.path is not None:
        return _of_directory(library, address, path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a key over plain HTTP: the URL says that it is
        return library.QdrantClient(
            url=f"{'https' if address.tls else 'http'}://{address.where}",
            api_key=None if secret is None else in_header(secret),
            timeout=_ANSWER_S,
            check_compatibility=False,  # it would ask before anybody did
            trust_env=False,  # a proxy of the environment would see every row
        )


def _of_directory(library: Any, address: StoreAddress, path: Path) -> Any:  # noqa: ANN401 - as above
    real = private_place.checked(path)
    held = _held.get(str(real))
    if held is None:
        made = _opened(library, address, real)
        held = _held[str(real)] = _Held(client=made, let_go=made.close)
        made.close = functools.partial(_give_back, str(real))
        # mem0 makes indexes of a client that it did not open itself; here they would be none, with a warning each.
        made.create_payload_index = lambda **_: None
    held.holders += 1
    return held.client


def _give_back(path: str, **_: object) -> None:
    held = _held.get(path)
    if held is None:
        return
    held.holders -= 1
    if held.holders <= 0:
        del _held[path]
        held.let_go()


@atexit.register
def _let_go_of_all() -> None:
    """Close what nobody closed, before the interpreter has taken apart what closing needs."""
    while _held:
        _held.popitem()[1].let_go()


def _opened(library: Any, address: StoreAddress, real: Path) -> Any:  # noqa: ANN401 - as above
    """Return a client that has read the directory as it is: it reads first, and locks then."""
    for _ in range(_TRIES):
        before = _state(real)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of many rows
                made = library.QdrantClient(path=str(real))
        except Exception as error:
            _close_lock(error)
            if _LOCKED in str(error):
                raise StoreError(
                    f"another process has the store {address} open, and Qdrant's local mode is for one alone",
                    hint=f"end that one first; several at once take a server: --store {quoted('qdrant://127.0.0.1')}",
                ) from error
            raise as_store_error(address, error) from error
        if not before or before == _state(real):
            return made
        made.close()
    raise StoreError(f"the store {address} is written to by somebody who does not lock it")


def _close_lock(error: Exception) -> None:
    """Close the file by which the library was to lock the directory: where it fails, it leaves that to nobody."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        file = getattr(frame.f_locals.get("self"), "_flock_file", None)
        if file is not None:
            file.close()


def _state(real: Path) -> dict[Path, tuple[int, int]]:
    found = {each: each.stat() for each in sorted(real.rglob("*.sqlite")) if each.is_file()}
    return {each: (seen.st_mtime_ns, seen.st_size) for each, seen in found.items()}
