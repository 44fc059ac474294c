"""What an engine's library raises, as a user is told: what happened, where, and what to do; never a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.settings.store_secret import SECRET, SECRET_FILE, SECRET_TO
from showcase.shell import here
from showcase.shell.advice import printable, quoted

if TYPE_CHECKING:
    from showcase.settings.store_address import StoreAddress

_LONGEST = 300
_REFUSED = ("password", "authentication", "noauth", "wrongpass", "unauthorized", "401", "403", "forbidden", "api key")
_AWAY = ("refused", "timed out", "timeout", "unreachable", "resolve", "name or service", "no route", "connect")


_LIBRARIES = frozenset(
    {"chromadb", "grpc", "httpx", "psycopg", "psycopg_pool", "pymilvus", "milvus_lite", "qdrant_client", "redis"}
    | {"redisvl"}
)


def engine_error(address: StoreAddress, error: BaseException) -> StoreError | None:
    """Return what a user is told of an error that a library of an engine raised, None of any other."""
    module = type(error).__module__.partition(".")[0]
    return as_store_error(address, error) if module in _LIBRARIES else None


def as_store_error(address: StoreAddress, error: BaseException) -> StoreError:
    """Return what a user is told of an error of the engine at `address`."""
    said = printable(" ".join(str(error).split()))[:_LONGEST] or type(error).__name__
    low = said.lower()
    hint = f"see whether it is there: {here().listeners(address.port)}" if address.port else ""
    if any(word in low for word in _REFUSED):
        hint = (
            f"the password or key comes from {SECRET}, or from a file of mode 0600 that {SECRET_FILE} names: "
            f"{here().set_variables({SECRET_FILE: 'FILE'})}; that of a store behind --to from {SECRET_TO}"
        )
    elif not any(word in low for word in _AWAY):
        hint = f"see what lies there: showcase inspect {quoted(address)}"
    return StoreError(f"the store {address} cannot be used: {said}", hint=hint)
