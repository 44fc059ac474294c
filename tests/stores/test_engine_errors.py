"""What a user is told where an engine does not answer or refuses: within seconds, why, what to do, and no secret."""

from __future__ import annotations

import dataclasses
import http.server
import socket
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from tables import DIMENSIONS, table_of

from showcase.errors import ShowcaseError, StoreError, UsageError
from showcase.settings.store_address import parse
from showcase.settings.store_place import place_of
from showcase.stores import chroma_http, qdrant_client, redis_stack
from showcase.stores.engines import table
from showcase.stores.errors import as_store_error, engine_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.bench.stores.servers import Server

SECRET = "a+secret/that is@no:one's"  # noqa: S105 - that is what is looked for
SCHEMES = ("chroma", "postgresql", "redis", "qdrant")


@pytest.fixture(autouse=True)
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def failure(url: str, secret: str | None = SECRET, within_s: float = 15) -> ShowcaseError:
    address = parse(url)
    assert address is not None
    asked = table(place_of(address), secret)
    began = time.monotonic()
    with closing(asked), pytest.raises(ShowcaseError) as caught:
        asked.exists()
    assert time.monotonic() - began < within_s
    for text in (caught.value.message, caught.value.hint):
        assert SECRET not in text
        assert "secret" not in text.lower().replace("showcase_store_secret", "")
        assert "Traceback" not in text
    assert url.split("?", maxsplit=1)[0] in caught.value.message or isinstance(caught.value, UsageError)
    assert len(caught.value.message) < 500
    assert caught.value.hint
    return caught.value


@contextmanager
def silent_port() -> Iterator[int]:
    """A port at which connections are taken and nothing is said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nobody_listens(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "refused" in failure(f"{scheme}://127.0.0.1:{port}").message


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_name_that_nobody_knows(scheme: str) -> None:
    said = failure(f"{scheme}://no-such-host.invalid:1234").message
    assert "resolve" in said or "not known" in said or "Name or service" in said


@pytest.mark.parametrize("scheme", ["chroma", "redis", "qdrant"])
def test_a_server_that_says_nothing_is_not_waited_for(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (chroma_http, "_ANSWER_S"),
        (redis_stack, "ANSWER_S"),
        (qdrant_client, "_ANSWER_S"),
    ):
        monkeypatch.setattr(module, name, 1)
    with silent_port() as port:
        assert "time" in failure(f"{scheme}://127.0.0.1:{port}", secret=None, within_s=5).message.lower()


@pytest.mark.parametrize("scheme", ["chroma+https", "rediss", "qdrant+https"])
def test_tls_where_there_is_none(scheme: str, monkeypatch: pytest.MonkeyPatch, chroma_server: Server) -> None:
    monkeypatch.setattr(redis_stack, "ANSWER_S", 1)
    said = failure(f"{scheme}://127.0.0.1:{chroma_server.port}")
    assert "SSL" in said.message or "WRONG_VERSION" in said.message.upper()
    assert "TLS" in said.hint


def test_a_wrong_password_of_redis(redis_server: Server) -> None:
    said = failure(f"redis://127.0.0.1:{redis_server.port}")
    assert "SHOWCASE_STORE_SECRET" in said.hint
    assert "SHOWCASE_STORE_SECRET" in failure(f"redis://127.0.0.1:{redis_server.port}", secret=None).hint


def test_redis_has_to_have_its_search_module(redis_server: Server, collection: str) -> None:
    opened = table_of(redis_server, collection)
    opened.make(DIMENSIONS)
    assert "search 2." in opened.version()
    opened.drop()
    opened.close()


def test_no_database_of_that_name(chroma_server: Server) -> None:
    assert "nothere" in failure(f"chroma://127.0.0.1:{chroma_server.port}/nothere").message
    assert "notenant" in failure(f"chroma://127.0.0.1:{chroma_server.port}/notenant/there").message


class _Refusing(http.server.BaseHTTPRequestHandler):
    heard: list[dict[str, str]]

    def do_GET(self) -> None:
        self.heard.append({name.lower(): value for name, value in self.headers.items()})
        body = b'{"error":"AuthError","message":"Forbidden"}'
        self.send_response(401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def refusing() -> Iterator[tuple[int, list[dict[str, str]]]]:
    """A server that refuses everybody, and what it heard."""
    heard: list[dict[str, str]] = []
    handler = type("Handler", (_Refusing,), {"heard": heard})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, heard
        finally:
            server.shutdown()
            thread.join()


def test_a_key_of_chroma_goes_out_in_both_headers_and_past_every_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing() as (port, heard), refusing() as (proxy, heard_by_proxy):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        assert "SHOWCASE_STORE_SECRET" in failure(f"chroma://127.0.0.1:{port}").hint
        assert {(each["x-chroma-token"], each["authorization"]) for each in heard} == {(SECRET, f"Bearer {SECRET}")}
        assert "SHOWCASE_STORE_SECRET" in failure(f"qdrant://127.0.0.1:{port}").hint
        assert heard[-1]["api-key"] == SECRET
    assert heard_by_proxy == []


@pytest.mark.parametrize("scheme", ["chroma", "qdrant"])
@pytest.mark.parametrize("key", ["two\nlines", "sch\u00fcssel", " key7 "])
def test_a_key_that_no_header_carries(scheme: str, key: str) -> None:
    said = failure(f"{scheme}://127.0.0.1:1", key)
    assert isinstance(said, UsageError)
    assert key not in said.message + said.hint


def test_a_secret_that_a_library_repeats_is_hidden() -> None:
    address = parse("redis://127.0.0.1:1")
    assert address is not None
    for text in (f"cannot log in with {SECRET!s}", "redis://:a%2Bsecret%2Fthat%20is%40no%3Aone%27s@127.0.0.1"):
        said = as_store_error(address, ValueError(text), secret=SECRET)
        assert "one" not in said.message.replace("127.0.0.1", "")


def test_an_error_without_words_is_told_by_its_cause() -> None:
    address = parse("redis://127.0.0.1:1")
    assert address is not None
    error = ValueError("")
    error.__context__ = OSError("the disk is full")
    assert "the disk is full" in as_store_error(address, error).message
    assert "ValueError" in as_store_error(address, ValueError("")).message


def test_what_python_has_itself_is_known_by_where_it_was_raised(qdrant_place: Server, collection: str) -> None:
    opened = table_of(qdrant_place, collection)
    opened.make(DIMENSIONS)
    opened.close()
    address = dataclasses.replace(opened.address, collection="another_one")
    library = qdrant_client.client(opened.address, None, qdrant_place.data / "qdrant")
    with pytest.raises(ValueError, match="not found") as caught:
        library.get_collection("another_one")
    library.close()
    assert isinstance(engine_error(address, caught.value), StoreError)
    assert engine_error(address, ValueError("of ours")) is None
