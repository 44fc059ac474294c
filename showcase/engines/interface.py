"""What a run needs of a model server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.evidence import Endpoint, LoadedModel, Message, Model, Reply, Token


class Engine(Protocol):
    """A server that embeds texts and chats.

    Every method raises `EngineError` where the server is not there, hangs, answers with an error or with
    something that is no answer, and `ModelError` where it is the model that is at fault.
    """

    endpoint: Endpoint

    def version(self) -> str:
        """Return the server's version."""
        ...

    def cloud_disabled(self) -> bool | None:
        """Return whether the server's cloud part is off, None where it does not say."""
        ...

    def models(self) -> tuple[Model, ...]:
        """Return the models that are there."""
        ...

    def describe(self, model: Model) -> Model:
        """Return `model` with what the server says of it in detail. Never call it for a remote model."""
        ...

    def loaded(self) -> tuple[LoadedModel, ...]:
        """Return the models in memory."""
        ...

    def embed(self, model: str, text: str) -> tuple[float, ...]:
        """Return the vector of `text`."""
        ...

    def chat(self, model: str, messages: Sequence[Message], *, on_token: Callable[[Token], None]) -> Reply:
        """Stream a reply; `on_token` gets each piece as it arrives."""
        ...
