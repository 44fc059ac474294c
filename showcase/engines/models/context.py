"""Whether a prompt fits into a model's context, by the server's own count, before anything depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from showcase.engines.model_names import same, short
from showcase.engines.models.footprint import EXTRACTION_NUM_CTX
from showcase.engines.models.ladder import LADDER
from showcase.errors import ModelError
from showcase.settings import OLLAMA
from showcase.shell.advice import host_option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.engines.ollama_models import OllamaModels
    from showcase.evidence import Endpoint, LoadedModel, Message

EXTRACTION_REPLY_TOKENS = 2000
"""mem0's `max_tokens` default, which it sends to Ollama as `num_predict`."""


class TokenCounter(Protocol):
    """The part of a server that counts tokens."""

    def count(self, name: str, messages: Sequence[Message]) -> int | None:
        """Return how many tokens the whole prompt has, None where it does not fit."""
        ...


class Tokeniser:
    """Counts as the embedded engine does, which reads nothing for it."""

    def __init__(self, server: OllamaModels) -> None:
        self._server = server

    def count(self, name: str, messages: Sequence[Message]) -> int | None:
        """See `TokenCounter`."""
        return self._server.tokens(name, messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """A prompt against a context.

    Attributes:
        model: Who would read it.
        prompt_tokens: The server's count, None where it refused because the prompt does not fit.
        context_length: Tokens in force, prompt and reply together; None where the server does not say.
        reply_tokens: What the reply may take.
    """

    model: str
    prompt_tokens: int | None
    context_length: int | None
    reply_tokens: int

    @property
    def fits(self) -> bool:
        """Whether the prompt fits uncut, with room for one token of reply."""
        return self.prompt_tokens is not None and (self.headroom is None or self.headroom > 0)

    @property
    def headroom(self) -> int | None:
        """Tokens left for the reply."""
        if self.prompt_tokens is None or self.context_length is None:
            return None
        return self.context_length - self.prompt_tokens

    @property
    def sentence(self) -> str:
        """What was found, for a person."""
        limit = "an unknown context" if self.context_length is None else f"a context of {self.context_length}"
        if not self.fits:
            return f"the prompt does not fit into {limit} tokens of {self.model}"
        if self.headroom is None:
            return f"the prompt has {self.prompt_tokens} tokens and fits into {limit} of {self.model}"
        said = f"the prompt has {self.prompt_tokens} tokens of {limit} of {self.model}: {self.headroom} are left"
        if self.headroom < self.reply_tokens:
            said += f", fewer than the {self.reply_tokens} that a reply may take: a long reply is cut"
        return said


def preflight(
    counter: TokenCounter,
    loaded: Callable[[], Sequence[LoadedModel]],
    *,
    model: str,
    messages: Sequence[Message],
    reply_tokens: int = EXTRACTION_REPLY_TOKENS,
) -> Preflight:
    """Count `messages` on the server and compare with the context in force, read from `/api/ps`."""
    counted = counter.count(model, messages)
    row = next((row for row in loaded() if same(row.name, model)), None)
    return Preflight(
        model=model,
        prompt_tokens=counted,
        context_length=row.context_length if row else None,
        reply_tokens=reply_tokens,
    )


ANOTHER_FILE = "take a model whose own limit is larger, and memory for it: showcase models list"
"""What to do where the model is a file, of which no other can be made."""


def require_extraction(found: Preflight, endpoint: Endpoint = OLLAMA, *, is_file: bool = False) -> None:
    """Refuse where mem0's extraction prompt does not fit.

    Args:
        found: What was counted.
        endpoint: The server that has the model, for the hint.
        is_file: Whether the model is a file that the embedded engine runs.

    Raises:
        ModelError: It does not; the hint is the command that makes a model where it does.
    """
    if not found.fits:
        raise ModelError(
            f"mem0's extraction cannot work: {found.sentence}; it would be cut, and nothing would be stored",
            hint=ANOTHER_FILE if is_file else remedy(found.model, endpoint),
        )


def remedy(model: str, endpoint: Endpoint = OLLAMA) -> str:
    """Return the command that makes a model with a context in which extraction works."""
    host = "".join(f" {word}" for word in host_option(endpoint))
    name = short(model)
    for rung in LADDER:
        if name == rung.tag:
            return f"showcase models create {rung.tag} --num-ctx {max(rung.num_ctx, EXTRACTION_NUM_CTX)}{host}"
        if name == rung.base:
            return f"showcase models create {rung.tag}{host}; then: the same command with --chat-model {rung.tag}"
    return f"showcase models create --pull{host}; then: the same command with --chat-model and the tag that it names"
