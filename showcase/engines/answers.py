"""Limits on what a model server may answer: so many bytes, so long as a whole, and nothing that has to be unpacked.

One mechanism for every client of httpx, also for one that a library builds for itself: a transport whose connections
look at the time that is left before each read and count what came. So it holds for headers that never end and for
interim answers (1xx) too, where a timeout between two reads, which is all that httpx has, begins anew with every byte.
"""

from __future__ import annotations

import contextlib
import time
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from showcase.settings import longer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

MIB = 1024 * 1024

FACTS_S = 10.0
"""For the whole answer to a question that a server answers from memory. No model takes part in it, however slow, so
that it follows no option."""

DISK_S = 30.0
"""For the whole answer to a question for which a server reads every model that it has: their list, and what one of
them is. A disk that sleeps, or is another machine's, takes that long the first time; no model is loaded for it."""

FACTS_BYTES = 16 * MIB
"""A list of a thousand models has 0.5 MB."""

DETAILS_BYTES = 32 * MIB
"""`/api/show` with `verbose` lists a model's vocabulary: 8 MB for one of 260,000 tokens."""

REPLY_S = 3600.0
"""For a reply where nobody says how long a session may take: no run does without."""

REPLY_BYTES = 64 * MIB
"""A streamed token comes in some 150 bytes: 400,000 tokens, more than any context."""

DOWNLOAD_S = 24 * 3600.0
"""For the progress of a download or of a model that is made."""


class EndlessAnswerError(httpx.TransportError):
    """An answer is larger, takes longer, or is of another make than what was asked for may be."""


class PullRefusedError(httpx.TransportError):
    """A library was about to let the server download a model."""


class OverdueAnswerError(EndlessAnswerError):
    """An answer takes longer than it may.

    Attributes:
        longer: What to do for more time, see `Limits`.
        path: What the server was asked on.
    """

    def __init__(self, message: str, *, longer: str, path: str) -> None:
        super().__init__(message)
        self.longer = longer
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an answer may cost.

    Attributes:
        whole_s: Seconds from the request to the last byte.
        size_bytes: Bytes from the server, headers included.
        longer: What to do for more seconds; nothing where none are to be had, because no model is waited for.
    """

    whole_s: float
    size_bytes: int
    longer: str = ""


def limits_of_work(whole_s: float, size_bytes: int) -> Limits:
    """Return the limits of an answer for which a model has to work: its time is what `--session-timeout` says."""
    return Limits(whole_s=whole_s, size_bytes=size_bytes, longer=longer(whole_s))


FACTS = Limits(whole_s=FACTS_S, size_bytes=FACTS_BYTES)
FROM_DISK = Limits(whole_s=DISK_S, size_bytes=FACTS_BYTES)


class BoundedTransport(httpx.HTTPTransport):
    """What httpx sends and receives through, with limits on each answer.

    Args:
        allowed: The limits; httpx has a `limits` of its own.
        options: Those of `httpx.HTTPTransport`.
    """

    def __init__(self, allowed: Limits, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(**options)
        self._allowed = allowed
        # There is no option for it here; where the name is another one day, this fails instead of doing nothing.
        self._pool._network_backend = _Backend(self._pool._network_backend)  # noqa: SLF001 - see above

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; see `httpx.HTTPTransport`.

        Raises:
            EndlessAnswerError: The answer breaks a limit, now or while it is read.
        """
        # What is packed may be a thousand times as large unpacked. Model servers pack nothing.
        request.headers["accept-encoding"] = "identity"
        budget = _Budget(self._allowed, request.url.path)
        with budget.in_force():
            response = super().handle_request(request)
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            response.close()
            raise EndlessAnswerError(f"its answer to {budget.path} is packed ({encoding[:20]}), which nobody asked for")
        assert isinstance(response.stream, httpx.SyncByteStream), "the transport is one"  # noqa: S101 - for the type
        response.stream = _Stream(response.stream, budget)
        return response


class _NothingPulled(BoundedTransport):
    """Lets no library have a model downloaded: mem0's embedder does that where the server no longer lists one."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/pull":
            raise PullRefusedError("a model was to be downloaded")
        return super().handle_request(request)


def bounded_client(limits: Limits, **options: Any) -> httpx.Client:  # noqa: ANN401 - passed on
    """Return a client of httpx for a server of this machine: no proxy, no redirect, and these limits.

    Only http is spoken, so no certificates are read: a shell's variables may name files that are not there.
    """
    return httpx.Client(
        transport=BoundedTransport(limits, verify=False), trust_env=False, follow_redirects=False, **options
    )


@contextlib.contextmanager
def in_every_client(limits: Limits) -> Iterator[None]:
    """Give these limits to every client that is made inside, by whomever: a library may let nobody hand it one."""
    maker: Any = import_module("httpx._client")  # where httpx itself looks up what a client sends through
    before = maker.HTTPTransport

    def bounded(**options: Any) -> httpx.HTTPTransport:  # noqa: ANN401 - as above
        return _NothingPulled(limits, **options)

    maker.HTTPTransport = bounded
    try:
        yield
    finally:
        maker.HTTPTransport = before


class _Budget:
    """What is left of the limits for one answer."""

    def __init__(self, limits: Limits, path: str) -> None:
        self.path = path[:80]
        self._limits = limits
        self._until = time.monotonic() + limits.whole_s
        self._bytes = limits.size_bytes

    @contextlib.contextmanager
    def in_force(self) -> Iterator[None]:
        """Count what connections do inside for this answer: a connection serves many, one after the other."""
        token = _in_force.set(self)
        try:
            yield
        finally:
            _in_force.reset(token)

    def left_s(self, timeout: float | None) -> float:
        """Return how long a read may wait."""
        left = self._until - time.monotonic()
        if left <= 0:
            received = self._limits.size_bytes - self._bytes
            came = f"{received:,} bytes of it had come" if received else "nothing of it had come"
            raise OverdueAnswerError(
                f"its answer to {self.path} did not end within {self._limits.whole_s:g} s; {came}",
                longer=self._limits.longer,
                path=self.path,
            )
        return left if timeout is None else min(left, timeout)

    def count(self, received: int) -> None:
        """Take note of bytes that came."""
        self._bytes -= received
        if self._bytes < 0:
            size = self._limits.size_bytes
            shown = f"{size // MIB} MiB" if size >= MIB else f"{size} bytes"
            raise EndlessAnswerError(f"its answer to {self.path} is larger than {shown}")


_in_force: ContextVar[_Budget | None] = ContextVar("what is left for the answer that is read", default=None)


class _Stream(httpx.SyncByteStream):
    """The body of an answer, read within its budget, by whatever thread."""

    def __init__(self, stream: httpx.SyncByteStream, budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._stream)
        while True:
            with self._budget.in_force():
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    def close(self) -> None:
        self._stream.close()


class _Connection(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        budget = _in_force.get()
        if budget is None:
            return self._stream.read(max_bytes, timeout)
        left_s = budget.left_s(timeout)
        try:
            data = self._stream.read(max_bytes, left_s)
        except httpcore.ReadTimeout:
            budget.left_s(None)  # says so where it was the whole time that ran out
            raise
        budget.count(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        budget = _in_force.get()
        self._stream.write(buffer, timeout if budget is None else budget.left_s(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Connection(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        budget = _in_force.get()
        timeout = timeout if budget is None else budget.left_s(timeout)
        return _Connection(self._backend.connect_tcp(host, port, timeout, local_address, socket_options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        return _Connection(self._backend.connect_unix_socket(path, timeout, socket_options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)
