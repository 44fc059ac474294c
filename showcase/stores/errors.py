"""What an engine's library raises, as a user is told: what happened, where, and what to do; never a password."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING
from urllib.parse import quote as encoded

from showcase.errors import StoreError, UsageError
from showcase.settings.store_secret import SECRET, SECRET_FILE, SECRET_TO
from showcase.shell import here
from showcase.shell.advice import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.settings.store_address import StoreAddress

_LONGEST = 300
_TLS = ("ssl", "certificate", "tls")
_REFUSED = ("password", "authentication", "noauth", "wrongpass", "unauthorized", "401", "403", "forbidden", "api key")
_AWAY = ("refused", "timed out", "timeout", "unreachable", "resolve", "name or service", "no route", "connect")


_LIBRARIES = frozenset(
    {"chromadb", "grpc", "httpx", "psycopg", "psycopg_pool", "pymilvus", "milvus_lite", "qdrant_client", "redis"}
    | {"redisvl"}
)


def engine_error(address: StoreAddress, error: BaseException) -> StoreError | None:
    """Return what a user is told of an error that a library of an engine raised, None of any other."""
    inside = {
        frame.f_globals.get("__name__", "").partition(".")[0] for frame, _ in traceback.walk_tb(error.__traceback__)
    }
    # Many raise what Python itself has, and the client of the model server goes through one of them as well.
    is_theirs = type(error).__module__.partition(".")[0] in _LIBRARIES or bool(inside & _LIBRARIES)
    return as_store_error(address, error) if is_theirs and "ollama" not in inside else None


def as_store_error(address: StoreAddress, error: BaseException, *, secret: str | None = None) -> StoreError:
    """Return what a user is told of an error of the engine at `address`.

    Args:
        address: Where it is.
        error: What its library raised.
        secret: What must not be told, should the library repeat it.
    """
    text = next((said for each in _with_causes(error) if (said := str(each).strip())), type(error).__name__)
    for hidden in (secret, encoded(secret, safe="")) if secret else ():
        text = text.replace(hidden, "…")
    said = printable(" ".join(text.split()))[:_LONGEST]
    low = said.lower()
    hint = f"see whether it is there: {here().listeners(address.port)}" if address.port else ""
    if any(word in low for word in _REFUSED):
        hint = (
            f"the password or key comes from {SECRET}, or from a file of mode 0600 that {SECRET_FILE} names: "
            f"{here().set_variables({SECRET_FILE: 'FILE'})}; that of a store behind --to from {SECRET_TO}"
        )
    elif any(word in low for word in _TLS):
        hint = "whether it is spoken to over TLS, the URL says: chroma+https://, qdrant+https://, rediss://, sslmode="
    elif not any(word in low for word in _AWAY):
        hint = f"see what lies there: showcase inspect {quoted(address)}"
    return StoreError(f"the store {address} cannot be used: {said}", hint=hint)


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def in_header(secret: str) -> str:
    """Return a key that is sent in a header.

    Raises:
        UsageError: It has characters that a header cannot carry.
    """
    if not secret.isascii() or not secret.isprintable() or secret != secret.strip():
        raise UsageError(
            "the key of the store holds characters that no header carries: a line's end, a space around it, or what is "
            "no ASCII",
            hint=f"see that {SECRET}, or the file that {SECRET_FILE} names, holds the key alone",
        )
    return secret
