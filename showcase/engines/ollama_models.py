"""What is done to models on a server that speaks Ollama's protocol: create, pull, load, count tokens.

Plain HTTP: the client library has no `truncate`, and hides the status of an error inside a stream.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from showcase.engines.answers import (
    DETAILS_BYTES,
    DOWNLOAD_S,
    REPLY_BYTES,
    EndlessAnswerError,
    Limits,
    bounded_client,
    limits_of_work,
)
from showcase.engines.protocol import prompt_tokens
from showcase.engines.refusals import (
    LONGEST_REASON,
    broken_off,
    cut_off,
    give_it_more,
    is_memory_failure,
    missing,
    speaks_of_a_model,
    too_old,
)
from showcase.errors import EngineError, ModelError
from showcase.settings import SESSION_TIMEOUT_S, longer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from showcase.evidence import Endpoint, Message

FACTS_TIMEOUT_S = 5.0
"""To connect: on loopback the kernel does that at once, however busy the server is."""

WORK_LIMIT_S = SESSION_TIMEOUT_S
"""Where nobody says more: for an answer in one piece, which comes when a model has loaded or read, and for the silence
between two pieces of a longer one, as of a download that is verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A line of a long answer: what is being done, and how many bytes of how many."""

    status: str
    completed_bytes: int | None
    total_bytes: int | None


class OllamaModels:
    """Works on the models of the server at `endpoint`: no proxy, no redirect, a timeout on every request.

    Every method raises `EngineError` where the server is not there or answers with an error, and `ModelError`
    where the model is at fault.

    Args:
        endpoint: Where it listens.
        limit_s: How long an answer in one piece may take, and the silence between two pieces of a longer one;
            None for `WORK_LIMIT_S`.
    """

    def __init__(self, endpoint: Endpoint, *, limit_s: float | None = None) -> None:
        self.endpoint = endpoint
        self._url = f"http://{endpoint}"
        self._limit_s = WORK_LIMIT_S if limit_s is None else limit_s
        timeout = httpx.Timeout(self._limit_s, connect=FACTS_TIMEOUT_S)
        self._http = bounded_client(limits_of_work(self._limit_s, DETAILS_BYTES), base_url=self._url, timeout=timeout)
        self._progress = bounded_client(
            Limits(whole_s=DOWNLOAD_S, size_bytes=REPLY_BYTES), base_url=self._url, timeout=timeout
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._progress.close()

    def show(self, name: str) -> dict[str, Any]:
        """Return `/api/show` of a model.

        Without `verbose` the server empties lists of more than five entries; where a list that matters comes
        empty, it is asked again.
        """
        shown = self._ask("/api/show", {"model": name}, model=name)
        info = shown.get("model_info")
        if isinstance(info, dict) and any(value == [] and ".attention." in field for field, value in info.items()):
            shown = self._ask("/api/show", {"model": name, "verbose": True}, model=name)
        return shown

    def create(self, request: Mapping[str, Any], *, on_progress: Callable[[Progress], None]) -> None:
        """Create a model. The one it builds on must be there: else the server downloads it."""
        self._stream("/api/create", request, model=str(request["from"]), on_progress=on_progress)

    def pull(self, name: str, *, on_progress: Callable[[Progress], None]) -> None:
        """Let the server download a model."""
        self._stream("/api/pull", {"model": name}, model=name, on_progress=on_progress)

    def load(self, name: str) -> None:
        """Load a model into memory; it stays there for the server's keep-alive time."""
        self._ask("/api/chat", _load_request(name), model=name)

    def misfit(self, name: str) -> str | None:
        """Load a model; return the server's words where it does not fit into memory, else None."""
        response = self._post("/api/chat", _load_request(name), model=name)
        if response.is_error and is_memory_failure(_error_of(response)):
            return _error_of(response)
        self._document(response, "/api/chat", name)
        return None

    def unload(self, name: str) -> None:
        """Take a model out of memory."""
        self._ask("/api/chat", _load_request(name) | {"keep_alive": 0}, model=name)

    def tokens(self, name: str, messages: Sequence[Message]) -> int | None:
        """Return how many tokens the whole prompt has, None where it does not fit; nothing is read or generated.

        Only the embedded engine is asked: it says so in a header of its own where it shows how it lays a prompt out.

        Raises:
            EngineError: The server is another one.
        """
        request = {**_chat_request(name, messages), "_debug_render_only": True}
        response = self._post("/api/chat", request, model=name)
        if response.status_code == httpx.codes.BAD_REQUEST and "context" in _error_of(response):
            return None
        self._document(response, "/api/chat", name)
        counted = prompt_tokens(response.headers)
        if counted is None:
            raise EngineError(
                f"the server at {self._url} does not say how many tokens a prompt has",
                hint="it is no embedded engine of this version: showcase engine start --model FILE.gguf",
            )
        return counted

    def count(
        self, name: str, messages: Sequence[Message], *, on_answer: Callable[[Mapping[str, Any]], None] | None = None
    ) -> int | None:
        """Return how many tokens the whole prompt has by the server's own count, None where it does not fit.

        One token is generated. The server keeps what it computed, so that sending the same prompt again
        right after costs little.

        Args:
            name: Who counts.
            messages: The prompt.
            on_answer: Given the server's whole answer, with the time that it took.
        """
        request = {**_chat_request(name, messages), "options": {"num_predict": 1}}
        response = self._post("/api/chat", request, model=name)
        if response.status_code == httpx.codes.BAD_REQUEST and "context" in _error_of(response):
            return None
        answer = self._document(response, "/api/chat", name)
        if on_answer is not None:
            on_answer(answer)
        counted = answer.get("prompt_eval_count")
        if not isinstance(counted, int) or isinstance(counted, bool) or counted <= 0:
            raise EngineError(
                f"the server at {self._url} does not count the tokens of a prompt",
                hint="update Ollama; /api/chat names no prompt_eval_count, or none above 0",
            )
        return counted

    def _ask(self, path: str, body: Mapping[str, Any], *, model: str) -> dict[str, Any]:
        return self._document(self._post(path, body, model=model), path, model)

    def _post(self, path: str, body: Mapping[str, Any], *, model: str) -> httpx.Response:
        with self._translated(model):
            return self._http.post(path, json=body)

    def _stream(
        self, path: str, body: Mapping[str, Any], *, model: str, on_progress: Callable[[Progress], None]
    ) -> None:
        last = ""
        with self._translated(model), self._progress.stream("POST", path, json=body) as response:
            if response.status_code != httpx.codes.OK:
                response.read()
                self._document(response, path, model)
            for line in self._lines(response, model):
                row = json.loads(line)
                if row.get("error"):
                    raise self._refused(response.status_code, str(row["error"])[:LONGEST_REASON], model, path)
                last = str(row.get("status", ""))
                on_progress(
                    Progress(
                        status=last,
                        completed_bytes=_whole(row.get("completed")),
                        total_bytes=_whole(row.get("total")),
                    )
                )
        if last != "success":
            raise EngineError(
                f"the server at {self._url} broke off while working on {model}: {last or 'no answer'}",
                hint="look at its log; then run the command again",
            )

    def _lines(self, response: httpx.Response, model: str) -> Iterator[str]:
        """Return the lines of a long answer as they come.

        Raises:
            EngineError: None was whole within the time that silence may last: a byte now and then is no progress.
        """
        pieces: list[str] = []
        whole_s = time.monotonic()
        for piece in response.iter_text():
            pieces.append(piece)
            if "\n" in piece:
                *lines, rest = "".join(pieces).split("\n")
                pieces, whole_s = [rest], time.monotonic()
                yield from lines
            elif time.monotonic() - whole_s > self._limit_s:
                raise EngineError(
                    f"the server at {self._url} finished no line of its answer within {self._limit_s:g} s while "
                    f"working on {model}",
                    hint=give_it_more(self._url, longer(self._limit_s)),
                )
        if last := "".join(pieces).strip():
            yield last

    def _document(self, response: httpx.Response, path: str, model: str) -> dict[str, Any]:
        try:
            document = response.json()
        except (ValueError, RecursionError):
            document = None
        if response.is_error or not isinstance(document, dict):
            raise self._refused(response.status_code, _error_of(response) or f"nothing on {path}", model, path)
        return document

    @contextmanager
    def _translated(self, model: str) -> Iterator[None]:
        """Turn what httpx raises into the errors that a user sees."""
        try:
            yield
        except EndlessAnswerError as error:
            raise cut_off(error, self._url, f" while working on {model}") from error
        except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
            raise EngineError(
                f"the server at {self._url} was silent for {self._limit_s:g} s while working on {model}",
                hint=give_it_more(self._url, longer(self._limit_s)),
            ) from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise broken_off(error, self._url) or error from error
        except (httpx.HTTPError, ValueError, AttributeError, RecursionError) as error:
            raise EngineError(
                f"the server at {self._url} broke off while working on {model}: {type(error).__name__}",
                hint="look at its log; then run the command again",
            ) from error

    def _refused(self, status: int, text: str, model: str, path: str) -> EngineError:
        if status == httpx.codes.NOT_FOUND:
            known = speaks_of_a_model(text, model)
            return missing(self._url, model) if known else too_old(self._url, f"it does not know {path}")
        if is_memory_failure(text):
            return ModelError(
                f"the model {model} does not fit into memory: {text}",
                hint="see which one does: showcase models plan",
            )
        # An error inside a stream comes after its status, which is 200.
        said = "reports an error" if status == httpx.codes.OK else f"answered {status}"
        return EngineError(
            f"the server at {self._url} {said} for {model}: {text}",
            hint="look at its log; then run the command again",
        )


def _chat_request(name: str, messages: Sequence[Message]) -> dict[str, Any]:
    told = [{"role": message.role, "content": message.content} for message in messages]
    return {"model": name, "messages": told, "stream": False, "truncate": False}


def _load_request(name: str) -> dict[str, Any]:
    return {"model": name, "messages": [], "stream": False}


def _error_of(response: httpx.Response) -> str:
    try:
        document = response.json()
    except (ValueError, RecursionError):
        return response.text[:200]
    return str(document.get("error", ""))[:LONGEST_REASON] if isinstance(document, dict) else ""


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
