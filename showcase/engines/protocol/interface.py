"""What makes the tokens and the vectors that the protocol carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from showcase.engines.protocol.catalog import Model
    from showcase.engines.protocol.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Messages as their model is to read them.

    Attributes:
        text: The prompt.
        tokens: The same, token by token: whatever the backend has for one.
        whole: How many tokens it had before any message was left out.
    """

    text: str
    tokens: Sequence[Any]
    whole: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What the model reads.

    Attributes:
        tokens: Its tokens, after any cut.
        whole: How many there were before.
    """

    tokens: Sequence[Any]
    whole: int


class Completion(Protocol):
    """A reply, token by token. What is said of its end holds once its pieces are exhausted.

    Attributes:
        count: Tokens made: the pieces, and the one that ended the reply where one did.
        reason: Why it ended: "stop" or "length".
        read_ns: How long reading the prompt took, ns.
    """

    @property
    def count(self) -> int: ...  # noqa: D102 - see above

    @property
    def reason(self) -> str: ...  # noqa: D102 - see above

    @property
    def read_ns(self) -> int: ...  # noqa: D102 - see above

    def pieces(self) -> AsyncIterator[str]:
        """Yield the text of each token that is part of the reply."""
        ...

    async def close(self) -> None:
        """End the generation, whether or not it came to its end or was ever read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """Vectors of texts.

    Attributes:
        vectors: Array of shape (texts, dimensions), each row of length 1.
        tokens: How many tokens of each text were read.
    """

    vectors: NDArray[np.float32]
    tokens: Sequence[int]


class Backend(Protocol):
    """Makes tokens and vectors. Every method that asks a model raises `wire.ApiError`, in Ollama's words.

    Attributes:
        called: What it is, for a sentence: "the rehearsal engine".
        version: What `/api/version` says: the protocol that is spoken, and by what.
        counts_exactly: Whether a prompt's tokens are those that a language model reads: then each answer to a prompt
            says how many there were before any cut, which Ollama's own protocol has no field for.
        takes_templates: Whether a model may be made with another template.
    """

    @property
    def called(self) -> str: ...  # noqa: D102 - see above

    @property
    def version(self) -> str: ...  # noqa: D102 - see above

    @property
    def counts_exactly(self) -> bool: ...  # noqa: D102 - see above

    @property
    def takes_templates(self) -> bool: ...  # noqa: D102 - see above

    def shipped(self) -> Sequence[Model]:
        """Return the models there are before a client makes any."""
        ...

    def preloaded(self) -> Sequence[tuple[Model, int]]:
        """Return the models that are loaded from the beginning, and their contexts in tokens."""
        ...

    def information(self, model: Model) -> dict[str, Any]:
        """Return the block `model_info` of `/api/show`."""
        ...

    def tensors(self, model: Model) -> list[dict[str, Any]]:
        """Return the block `tensors` of `/api/show`."""
        ...

    def most_of_a_prompt(self, model: Model, num_ctx: int) -> int:
        """Return how many tokens of a prompt a model can read at that context."""
        ...

    def memory_bytes(self, model: Model, num_ctx: int) -> int:
        """Return what a model takes when it is loaded for that context."""
        ...

    async def load(self, model: Model, *, num_ctx: int) -> None:
        """Make a model ready to read `num_ctx` tokens."""
        ...

    async def unload(self, model: Model) -> None:
        """Free what a model holds; one that is not loaded holds nothing."""
        ...

    async def lay_out(self, model: Model, messages: Sequence[Message], options: Options, *, truncate: bool) -> Layout:
        """Lay messages out, leaving out the oldest until the rest fits; system messages and the last one stay.

        The rule is that of Ollama's `chatPrompt`. What is left may still be too long.
        """
        ...

    async def lay_out_raw(self, model: Model, text: str) -> Layout:
        """Take a text as the prompt, as it is."""
        ...

    async def complete(
        self, model: Model, prompt: Prompt, options: Options, *, form: object, shift: bool
    ) -> Completion:
        """Begin to continue a prompt.

        Args:
            model: By which model.
            prompt: The prompt, cut to the context.
            options: The options in force.
            form: Ollama's `format`: None, "", "json", or a JSON schema as a dict.
            shift: Whether a reply may go on when the context is full.
        """
        ...

    async def numbers(self, model: Model, text: str) -> Sequence[int]:
        """Return the numbers of a text's tokens, without those that only begin or end one."""
        ...

    async def embed(self, model: Model, texts: Sequence[str], *, limit: int, truncate: bool) -> Vectors:
        """Embed texts.

        Args:
            model: By which model.
            texts: At least one, each of any length.
            limit: Tokens of a text that may be read.
            truncate: Whether the rest of a longer one is left out; refused otherwise.
        """
        ...
