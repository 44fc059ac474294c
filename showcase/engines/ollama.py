"""The gate to a server that speaks Ollama's protocol.

Facts about the server are read over plain HTTP, because the client library drops `remote_host`, which decides
whether a prompt may be sent at all. Chat and embeddings go through the library.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx

from showcase.documents.surrogates import without_surrogates
from showcase.engines.answers import FACTS, FROM_DISK, REPLY_BYTES, REPLY_S, bounded_client, limits_of_work
from showcase.engines.answers import BoundedTransport as Transport
from showcase.engines.fields import model_of, seconds_of, text_of, whole_of
from showcase.engines.model_names import is_cloud_name
from showcase.engines.refusals import LONGEST_REASON, UNREADABLE, broken_off, not_ollama, refused, too_old, unreadable
from showcase.errors import EngineError, ModelError
from showcase.evidence import Endpoint, LoadedModel, Message, Model, Reply, Token
from showcase.processes.environment import out_of_sight
from showcase.settings import DEFAULT_EMBED_MODEL
from showcase.shell.advice import ollama_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import ollama

FACTS_TIMEOUT_S = 5.0
"""For questions that a server answers from memory, and to connect: on loopback the kernel does that at once."""

LONGEST_VERSION = 100
LONGEST_LICENSE = 80
"""Characters: a log names a licence, it does not hold it."""


class OllamaGate:
    """Speaks with the server at `endpoint`: no proxy, no redirect, a timeout and limits on every answer.

    Args:
        endpoint: Where it listens.
        whole_s: How long a whole reply may take. It may be silent all the time: a model that loads, or reads a long
            prompt, says nothing for minutes.
    """

    def __init__(self, endpoint: Endpoint, *, whole_s: float = REPLY_S) -> None:
        self.endpoint = endpoint
        self._url = f"http://{endpoint}"
        self._http = bounded_client(FACTS, base_url=self._url, timeout=FACTS_TIMEOUT_S)
        patient = httpx.Timeout(FROM_DISK.whole_s, connect=FACTS_TIMEOUT_S)
        self._of_disk = bounded_client(FROM_DISK, base_url=self._url, timeout=patient)
        self._whole_s = whole_s

    @cached_property
    def _client(self) -> ollama.Client:
        """The library's client, made for the first request that goes through it: an audit asks for facts alone."""
        with out_of_sight():  # on import it makes a client by the variables of the shell, and raises where it cannot
            import ollama  # noqa: PLC0415 - heavy: on import it reads all certificates for that client

        return ollama.Client(
            host=self._url,
            timeout=httpx.Timeout(self._whole_s, connect=FACTS_TIMEOUT_S),
            trust_env=False,
            follow_redirects=False,
            transport=Transport(limits_of_work(self._whole_s, REPLY_BYTES), verify=False),
            event_hooks={"request": [_without_credentials]},
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._of_disk.close()
        if "_client" in vars(self):
            self._client.close()  # type: ignore[no-untyped-call]  # the library leaves it without types

    def version(self) -> str:
        """Return the server's version; see `Engine`."""
        try:
            version = self._facts("GET", "/api/version").get("version")
        except EngineError as error:
            if isinstance(error.__cause__, httpx.RemoteProtocolError):
                raise self._not_ollama("it breaks off when it is asked for /api/version") from error
            raise
        if not isinstance(version, str) or len(version) > LONGEST_VERSION:
            raise self._not_ollama("/api/version names no version")
        return version

    def cloud_disabled(self) -> bool | None:
        """Return whether the cloud part is off; None where the server does not say, see `cloud_part`."""
        try:
            return self.cloud_part()
        except EngineError:
            return None

    def cloud_part(self) -> bool | None:
        """Return whether the cloud part is off; None on servers before 0.16, which have no `/api/status`.

        Raises:
            EngineError: The server does not answer in time, or breaks off.
        """
        try:
            cloud = self._facts("GET", "/api/status").get("cloud")
        except EngineError as error:
            if isinstance(error.__cause__, httpx.HTTPError):
                raise
            return None  # it answered, with something else
        disabled = cloud.get("disabled") if isinstance(cloud, dict) else None
        return disabled if isinstance(disabled, bool) else None

    def models(self) -> tuple[Model, ...]:
        """Return the models of `/api/tags`."""
        rows = self._facts("GET", "/api/tags").get("models") or []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._not_ollama("/api/tags lists no models")
        return tuple(model_of(row) for row in rows)

    def check_listing(self) -> None:
        """Make sure that the client library, which mem0 asks for its models, can read the list of them.

        Raises:
            EngineError: It cannot, or finds no names in it: old servers give a `name` alone.
        """
        with self._translated("", "/api/tags"):
            rows = self._client.list().models
        if not all(row.model for row in rows):
            raise too_old(self._url, "its /api/tags names no `model` beside each `name`, and mem0 looks for that")

    def show(self, model: Model) -> dict[str, Any]:
        """Return `/api/show` of a model."""
        return self._facts("POST", "/api/show", {"model": model.name}, model=model.name)

    def describe(self, model: Model, shown: Mapping[str, Any] | None = None) -> Model:
        """Return `model` completed by `/api/show`: by what that said, where it was asked already."""
        shown = self.show(model) if shown is None else shown
        info = shown.get("model_info")
        info = info if isinstance(info, dict) else {}
        architecture = info.get("general.architecture", "")
        remote_host = text_of(shown.get("remote_host")) or model.remote_host
        return Model(
            name=model.name,
            digest=model.digest,
            size_bytes=model.size_bytes,
            family=model.family,
            parameter_size=model.parameter_size,
            quantization=model.quantization,
            context_length=whole_of(info.get(f"{architecture}.context_length")),
            dimensions=whole_of(info.get(f"{architecture}.embedding_length")),
            capabilities=tuple(str(item) for item in shown.get("capabilities") or ()),
            remote=bool(remote_host or shown.get("remote_model") or is_cloud_name(model.name)),
            remote_host=remote_host,
            license=_first_line(shown.get("license")),
        )

    def loaded(self) -> tuple[LoadedModel, ...]:
        """Return the models of `/api/ps`."""
        rows = self._facts("GET", "/api/ps").get("models") or []
        return tuple(
            LoadedModel(
                name=str(row.get("name", "")),
                size_bytes=whole_of(row.get("size")),
                vram_bytes=whole_of(row.get("size_vram")),
                context_length=whole_of(row.get("context_length")),
                remote_host=text_of(row.get("remote_host")),
            )
            for row in rows
            if isinstance(row, dict)
        )

    def embed(self, model: str, text: str) -> tuple[float, ...]:
        """See `Engine`."""
        return self.embed_all(model, [text])[0]

    def embed_all(self, model: str, texts: Sequence[str]) -> tuple[tuple[float, ...], ...]:
        """Return the vectors of `texts`, asked for in one request."""
        with self._translated(model, "/api/embed"):
            vectors = self._client.embed(model=model, input=list(texts)).embeddings
        if len(vectors) != len(texts):
            raise ModelError(
                f"{model} returned {len(vectors)} vectors where {len(texts)} were asked for",
                hint=f"choose an embedding model: {ollama_command(self.endpoint, 'pull', DEFAULT_EMBED_MODEL)}",
            )
        return tuple(tuple(vector) for vector in vectors)

    def chat(
        self,
        model: str,
        messages: Sequence[Message],
        *,
        on_token: Callable[[Token], None],
        options: Mapping[str, int | float] | None = None,
        format: Mapping[str, Any] | None = None,  # noqa: A002 - the protocol's word
    ) -> Reply:
        """Stream a reply; see `Engine`. A stream that ends without its last chunk is returned as cut off."""
        began = time.monotonic()
        tokens: list[Token] = []
        last: Any = None
        with self._translated(model, "/api/chat"):
            for chunk in self._client.chat(
                model=model,
                messages=[{"role": m.role, "content": m.content} for m in messages],
                stream=True,
                options=options,
                format=None if format is None else dict(format),
            ):
                if chunk.message.content:
                    token = Token(text=chunk.message.content, at_s=round(time.monotonic() - began, 6))
                    tokens.append(token)
                    on_token(token)
                if chunk.done:
                    last = chunk
        return Reply(
            text="".join(token.text for token in tokens),
            tokens=tuple(tokens),
            done_reason=last.done_reason if last else None,
            prompt_tokens=last.prompt_eval_count if last else None,
            reply_tokens=last.eval_count if last else None,
            total_s=seconds_of(last.total_duration if last else None),
            load_s=seconds_of(last.load_duration if last else None),
            prompt_s=seconds_of(last.prompt_eval_duration if last else None),
            reply_s=seconds_of(last.eval_duration if last else None),
        )

    def _facts(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, model: str = ""
    ) -> dict[str, Any]:
        client = self._of_disk if path in ("/api/tags", "/api/show") else self._http
        with self._translated(model, path):
            response = client.request(method, path, json=body)
        if response.is_redirect:
            raise self._not_ollama(
                f"{path} redirects to {response.headers.get('location', 'elsewhere')[:LONGEST_REASON]}"
            )
        try:
            document = without_surrogates(
                response.json()
            )  # what a server says must not keep the log from being written
        except (ValueError, RecursionError) as error:
            raise self._not_ollama(f"{path} answered {response.status_code} without JSON") from error
        if not isinstance(document, dict):
            raise self._not_ollama(f"{path} answered something else")
        if response.is_error:
            raise refused(self._url, response.status_code, str(document.get("error", "")), model, path)
        return document

    @contextmanager
    def _translated(self, model: str, path: str) -> Iterator[None]:
        """Turn what httpx and the library raise into the errors that a user sees."""
        try:
            yield
        except Exception as error:
            translated = as_engine_error(error, self._url, model, path)
            if translated is None and isinstance(error, UNREADABLE):
                translated = unreadable(error, self._url)
            if translated is None:
                raise
            raise translated from error

    def _not_ollama(self, what: str) -> EngineError:
        return not_ollama(self._url, what)


def as_engine_error(error: Exception, url: str, model: str, path: str) -> EngineError | None:
    """Return what a user sees instead of an error of httpx or of the client library, None for any other.

    Args:
        error: What was raised.
        url: Where the server is.
        model: Which model it was asked for.
        path: On which path.
    """
    library = sys.modules.get("ollama")  # where nobody has imported it, nothing of it was raised
    if library is not None and isinstance(error, library.ResponseError):
        return refused(url, error.status_code, error.error, model, path)
    return broken_off(error, url, path)


def _first_line(license_text: object) -> str | None:
    """Return what a licence begins with, cut short; None where none is shown."""
    lines = license_text.split("\n") if isinstance(license_text, str) else ()
    first = next((line.strip() for line in lines if line.strip()), None)
    if first is None or len(first) <= LONGEST_LICENSE:
        return first
    return f"{first[: LONGEST_LICENSE - 1].rstrip()}…"


def _without_credentials(request: httpx.Request) -> None:
    """Drop the bearer token that the library takes from OLLAMA_API_KEY."""
    request.headers.pop("authorization", None)
