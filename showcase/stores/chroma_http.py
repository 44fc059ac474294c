"""Chroma's own HTTP client, as a store of ours has it.

The client is told everything here: neither a proxy nor a server that the environment names counts, and no request waits
for ever, as all of Chroma's own do.
"""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from showcase.errors import ShowcaseError
from showcase.stores.errors import as_store_error, in_header

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from showcase.settings.store_address import StoreAddress

_CONNECT_S = 10
_ANSWER_S = 60


def http_client(address: StoreAddress, secret: str | None) -> Any:  # noqa: ANN401 - Chroma's own class
    """Return Chroma's client of a server, which was asked then for its tenant and database.

    A key goes out in both headers that are in use: `X-Chroma-Token` is what Chroma Cloud reads, `Authorization: Bearer`
    what a proxy does in front of a server of one's own. That one has had no authentication since Chroma 1.0.

    Args:
        address: The server; its database is `TENANT/DATABASE`, `DATABASE` or empty.
        secret: The key, None where there is none.

    Raises:
        StoreError: It does not answer, or refuses.
        UsageError: The key has characters that no header carries.
    """
    import chromadb  # noqa: PLC0415 - heavy
    from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT, Settings  # noqa: PLC0415 - with it

    tenant, _, database = address.database.rpartition("/")
    key = None if secret is None else in_header(secret)
    host = f"[{address.host}]" if ":" in address.host else address.host
    with translated(address, secret), _directly(tls=address.tls) as sessions:
        client = chromadb.HttpClient(
            host=host,
            port=address.port,
            ssl=address.tls,
            headers={} if key is None else {"X-Chroma-Token": key, "Authorization": f"Bearer {key}"},
            settings=Settings(
                _env_file=None,
                anonymized_telemetry=False,
                chroma_server_host=host,
                chroma_server_http_port=address.port,
                chroma_server_ssl_verify=None,
                chroma_client_auth_provider=None,
                chroma_otel_collection_endpoint="",
            ),
            tenant=tenant or DEFAULT_TENANT,
            database=database or DEFAULT_DATABASE,
        )
    shut = client.close

    def close() -> None:
        shut()
        for session in sessions:  # which its own `close` leaves open
            session.close()

    client.close = close
    return client


@contextmanager
def translated(address: StoreAddress, secret: str | None) -> Iterator[None]:
    """Turn whatever Chroma raises into what a user is told: many of its errors are bare exceptions."""
    try:
        yield
    except ShowcaseError:
        raise
    except Exception as error:
        # "Could not connect", says Chroma of whatever happened below; that itself says why.
        below = error.__context__
        why = below if below is not None and type(below).__module__.partition(".")[0] == "httpx" else error
        raise as_store_error(address, why, secret=secret) from error


@contextmanager
def _directly(*, tls: bool) -> Iterator[list[httpx.Client]]:
    """Let the clients that Chroma makes inside go straight to its server, and wait for no answer longer than they may.

    Yields them. Where the block fails, they are closed.

    Chroma lets nobody hand it one, and its own has no limit and takes the environment's proxies: a row would pass them
    on its way to this machine.
    """
    import httpx  # noqa: PLC0415 - heavy
    from chromadb.api import fastapi  # noqa: PLC0415 - heavy

    def made(**options: Any) -> httpx.Client:  # noqa: ANN401 - passed on
        options["timeout"] = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        options["verify"] = httpx.create_ssl_context() if tls else False
        sessions.append(httpx.Client(**options, trust_env=False))
        return sessions[-1]

    sessions: list[httpx.Client] = []
    before = fastapi.httpx
    fastapi.httpx = SimpleNamespace(Client=made)
    try:
        yield sessions
    except BaseException:
        for session in sessions:
            session.close()
        raise
    finally:
        fastapi.httpx = before
