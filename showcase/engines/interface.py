"""What a run needs of a model server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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

    def chat(
        self,
        model: str,
        messages: Sequence[Message],
        *,
        on_token: Callable[[Token], None],
        options: Mapping[str, int | float] | None = None,
        format: Mapping[str, Any] | None = None,  # noqa: A002 - the protocol's word
    ) -> Reply:
        """Stream a reply.

        Args:
            model: Which model.
            messages: The prompt.
            on_token: Gets each piece as it arrives.
            options: What the server calls so: `temperature`, `seed`, `num_ctx`, `num_predict`; its own where None.
            format: A JSON schema that the server holds the reply to.
        """
        ...
