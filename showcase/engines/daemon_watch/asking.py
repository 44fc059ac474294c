"""What a server says of itself when it is asked as an Ollama is."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NamedTuple

from showcase.errors import EngineError

if TYPE_CHECKING:
    from showcase.evidence import Endpoint

ANSWER_S = 1.0
"""Time that a server has to say that it speaks HTTP, before the command begins."""

LAST_ANSWER_S = 5.0
"""The same when all is over, and for one that said nothing before: it may have had too much to do."""


class Answer(NamedTuple):
    """What a server said of itself.

    Attributes:
        version: That of an Ollama; None where it does not say so.
        cloud_disabled: Whether its cloud part is off; None where it does not say.
        unsaid: Why it is not known whether it is an Ollama: it was asked, and did not answer in time.
    """

    version: str | None = None
    cloud_disabled: bool | None = None
    unsaid: str = ""


def prepare() -> None:
    """Import what asks, before a program starts that could rewrite it: a server may come later than that."""
    import httpx  # noqa: F401, PLC0415 - heavy

    import showcase.engines.answers  # noqa: PLC0415 - likewise
    import showcase.engines.ollama  # noqa: F401, PLC0415 - likewise


def ask(endpoint: Endpoint, *, within_s: float = ANSWER_S) -> Answer:
    """Return what a server says of itself.

    Args:
        endpoint: Where it listens.
        within_s: How long it may take for its first bytes.
    """
    try:
        if not _speaks_http(endpoint, within_s):
            return Answer()
    except TimeoutError:
        return Answer(unsaid=f"it gave no answer within {within_s:g} s when it was asked what it is")
    import httpx  # noqa: PLC0415 - heavy, and only where a server is there

    from showcase.engines.answers import OverdueAnswerError  # noqa: PLC0415 - likewise
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - likewise

    gate = OllamaGate(endpoint)
    try:
        return Answer(gate.version(), gate.cloud_disabled())
    except EngineError as error:
        slow = isinstance(error.__cause__, (httpx.TimeoutException, OverdueAnswerError))
        return Answer(unsaid="it did not answer in time when it was asked what it is" if slow else "")
    finally:
        gate.close()


def together(first: Answer | None, last: Answer) -> Answer:
    """Return what two answers say: a cloud part that was on for a while is on. None: it was not asked at first.

    What was not said in time counts only where the other answer does not say it either.
    """
    if first is None or first.unsaid:
        return last
    if last.unsaid:
        return first
    return Answer(last.version or first.version, last.cloud_disabled if first.cloud_disabled else first.cloud_disabled)


def _speaks_http(endpoint: Endpoint, within_s: float) -> bool:
    """Return whether a server answers as one of HTTP does, at once; any other is not asked further.

    Raises:
        TimeoutError: It said nothing: whether it does is not known.
    """
    try:
        with socket.create_connection((endpoint.address, endpoint.port), timeout=within_s) as connection:
            connection.sendall(b"GET /api/version HTTP/1.0\r\n\r\n")
            return connection.recv(5) == b"HTTP/"
    except TimeoutError:
        raise
    except OSError:
        return False
