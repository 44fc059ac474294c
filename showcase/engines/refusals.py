"""What a user sees where a model server does not do what it was asked: the same words and fix, whatever raised."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import httpx

from showcase.engines.answers import EndlessAnswerError, OverdueAnswerError, PullRefusedError
from showcase.engines.model_names import short
from showcase.errors import EngineError, ModelError, NoServerError
from showcase.settings.ollama_host import OPTION, read
from showcase.shell import here
from showcase.shell.advice import ollama_command

if TYPE_CHECKING:
    from showcase.evidence import Endpoint

PATIENCE_S = 60
"""For a person who looks whether a slow server answers at all."""

_ASKED_BY_PATH = ("/api/version", "/api/tags", "/api/ps", "/api/status")

LONGEST_REASON = 500
"""Characters of what a server says went wrong that are passed on."""

UNREADABLE = (ValueError, TypeError, AttributeError, RecursionError)
"""What an answer of the wrong form raises where it is taken apart."""


MEMORY_FAILURES = (
    "more system memory",
    "more gpu memory",
    "out of memory",
    "cudamalloc",
    "failed to allocate",
    "unable to allocate",
    "insufficient memory",
    "signal: killed",
)


def broken_off(error: Exception, url: str, path: str = "") -> EngineError | None:
    """Return what a user sees instead of an error of httpx, or of who could not connect; None for any other.

    Args:
        error: What was raised.
        url: Where the server is.
        path: What it was asked on, where that is known.
    """
    if isinstance(error, EndlessAnswerError):
        return cut_off(error, url)
    if isinstance(error, PullRefusedError):
        return ModelError(
            f"the server at {url} no longer has the embedding model, and nothing is downloaded by itself",
            hint=f"see what is there: {ollama_command(_endpoint(url), 'list')}",
        )
    if isinstance(error, httpx.ConnectTimeout):
        return EngineError(
            f"somebody listens at {url} and takes no connection: the server there is stuck, or has too much to do",
            hint=ask_again(url),
        )
    if isinstance(error, httpx.TimeoutException):
        asked = f" when it is asked for {path}" if path.startswith("/") else ""
        return EngineError(f"the server at {url} does not answer in time{asked}", hint=ask_again(url, path))
    # The client library says "ConnectionError" itself where nothing listens.
    if isinstance(error, httpx.ConnectError) or type(error) is ConnectionError:
        there = shutil.which("ollama") is not None
        start = "start it" if there else "install Ollama (ollama.com), then start it"
        own = "or let a run start its own: showcase run --start-ollama; " if there else ""
        return NoServerError(
            f"no server answers at {url}",
            hint=f"{start}: {serve(url)}; {own}or do without one: showcase run --engine rehearsal",
        )
    if isinstance(error, (httpx.HTTPError, ConnectionError)):
        return EngineError(
            f"the server at {url} broke off: {type(error).__name__}", hint="look at its log; then run again"
        )
    return None


def ask_again(url: str, path: str = "") -> str:
    """Return what to do where a server is slow and no option gives it more time.

    The command has a limit of its own: one that asks who never answers would never end either.

    Args:
        url: Where the server is.
        path: What it was asked on; another is asked where that needs more than a path.
    """
    asked = url + (path if path in _ASKED_BY_PATH else "/api/ps")
    seen = here().fetch(asked, limit_s=PATIENCE_S, most=300)
    return f"see whether it is busy or stuck: {seen}; once that answers at once, the same command again"


def _endpoint(url: str) -> Endpoint:
    """Return the endpoint of a URL of ours."""
    return read(url, source=OPTION).endpoint


def serve(url: str) -> str:
    """Return the command that serves at a URL of ours."""
    return ollama_command(_endpoint(url), "serve")


def missing(url: str, model: str) -> ModelError:
    """Return what a user sees where a server lacks a model."""
    return ModelError(f"the model {model} is not there", hint=ollama_command(_endpoint(url), "pull", model))


def speaks_of_a_model(text: str, model: str) -> bool:
    """Tell whether a server that answers "not found" means the model, and not the path that it was asked on."""
    return "model" in text.lower() or short(model).lower() in text.lower()


def too_old(url: str, what: str) -> EngineError:
    """Return what a user sees where the server lacks a part of the protocol that this program needs."""
    return EngineError(
        f"the server at {url} is too old, or no Ollama: {what}",
        hint=f"update Ollama, then start it again: {serve(url)}; which it is: {here().fetch(f'{url}/api/version')}",
    )


def unreadable(error: Exception, url: str) -> EngineError:
    """Return what a user sees instead of an error that an answer of the wrong form raised."""
    return not_ollama(url, f"an answer cannot be read ({type(error).__name__})")


def refused(url: str, status: int, text: str, model: str, path: str = "what it was asked") -> EngineError:
    """Return what a user sees where the server answered with an error."""
    if status == httpx.codes.NOT_FOUND:
        return (
            missing(url, model)
            if model and speaks_of_a_model(text, model)
            else too_old(url, f"it does not know {path}")
        )
    if model and "does not support" in text:
        return ModelError(
            f"the model {model} cannot do that: {text[:LONGEST_REASON]}",
            hint="choose a model for chat and one for embeddings: showcase run --chat-model NAME --embed-model NAME",
        )
    return EngineError(
        f"the server at {url} answered {status}: {text[:LONGEST_REASON] or 'no reason given'}",
        hint="look at its log; then run again",
    )


def not_ollama(url: str, what: str) -> EngineError:
    """Return what a user sees where something else listens."""
    return EngineError(
        f"what listens at {url} is not Ollama: {what}",
        hint="give the right address with --ollama-host; or do without a server: showcase run --engine rehearsal",
    )


def cut_off(error: EndlessAnswerError, url: str, doing: str = "") -> EngineError:
    """Return what a user sees where an answer broke a limit."""
    hint = f"see what answers there: {here().fetch(url + '/api/version', limit_s=10, most=300)}; then look at its log"
    if isinstance(error, OverdueAnswerError):
        hint = give_it_more(url, error.longer) if error.longer else ask_again(url, error.path)
    return EngineError(f"the server at {url} was cut off{doing}: {error}", hint=hint)


def give_it_more(url: str, longer: str) -> str:
    """Return what to do where a model took longer than it may.

    Args:
        url: Where its server is.
        longer: What gives it more time, see `settings.longer`.
    """
    return f"see whether it is busy or stuck: {here().fetch(url + '/api/ps', limit_s=10)}; {longer}"


def is_memory_failure(text: str) -> bool:
    """Tell whether the server's error `text` says that a model did not fit into memory.

    Source: `server/sched.go`, `llm/server.go` of Ollama 0.24 and the messages of CUDA, Metal and ggml.
    """
    words = text.lower()
    return any(sign in words for sign in MEMORY_FAILURES)
