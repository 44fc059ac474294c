"""How much of each prompt the model read, as a process of the run says it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from showcase.engines.models.observation import PromptObservation, PromptObserver
from showcase.engines.models.truncation import PromptCount
from showcase.errors import EngineError
from showcase.evidence import PromptRead
from showcase.processes.protocol.events import Prompted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.engines.ollama import OllamaGate
    from showcase.engines.ollama_models import OllamaModels
    from showcase.evidence import Endpoint, LoadedModel, Message
    from showcase.processes.protocol.events import Purpose
    from showcase.scenes.readings import Readings


class LateServer:
    """The model server as those who count ask it. Connected at the first question, which most sessions never ask.

    Args:
        endpoint: Where it listens.
        limit_s: How long it may take to count a prompt, which it has to read for that.
        readings: Told of each prompt that is counted.
        gate: The same server's gate where there is one.
        exact: Whether it makes tokens of a prompt without reading it; see `OllamaModels.tokens`.

    Attributes:
        read_s: How long the last prompt was read, by the server's own figures; None where it gave none.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        limit_s: float,
        readings: Readings,
        gate: OllamaGate | None = None,
        exact: bool = False,
    ) -> None:
        self.exact = exact
        self._endpoint = endpoint
        self._limit_s = limit_s
        self._readings = readings
        self._gate = gate
        self._models: OllamaModels | None = None
        self.read_s: float | None = None

    def count(
        self,
        name: str,
        messages: Sequence[Message],
        *,
        purpose: Purpose = "count",
        whole: Sequence[Message] | None = None,
    ) -> int | None:
        """Return the prompt's own count; see `OllamaModels.count`.

        Args:
            name: Who counts.
            messages: The prompt, or how it begins.
            purpose: What it is counted for, see `model_wait.WHAT`.
            whole: The prompt that begins so, None for these messages.
        """
        if self._models is None:
            from showcase.engines.ollama_models import OllamaModels  # noqa: PLC0415 - heavy

            self._models = OllamaModels(self._endpoint, limit_s=self._limit_s)
        if self.exact:  # nobody waits for it
            return self._models.tokens(name, messages)
        self._readings.begin(purpose, messages, whole=whole)
        answer: Mapping[str, Any] = {}

        def keep(document: Mapping[str, Any]) -> None:
            nonlocal answer
            answer = document

        try:
            return self._models.count(name, messages, on_answer=keep)
        finally:
            self.read_s = self._readings.end(answer)  # also where it was refused: then nobody waits any more

    def loaded(self) -> tuple[LoadedModel, ...]:
        """Return the models in memory; see `OllamaGate.loaded`."""
        if self._gate is None:
            from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy

            self._gate = OllamaGate(self._endpoint)
        return self._gate.loaded()

    def close(self) -> None:
        """Close the connections that this opened or was given."""
        for part in (self._models, self._gate):
            if part is not None:
                part.close()


class PatientObserver(PromptObserver):
    """Takes what cannot be told as unknown: a session does not fail because it could not be looked at."""

    def __init__(self, server: LateServer) -> None:
        super().__init__(server, server.loaded, exact=server.exact)

    def observe(self, model: str, messages: Sequence[Message], evaluated_tokens: int | None) -> PromptObservation:
        """Return what is known of a prompt that was just sent; see `PromptObserver`."""
        if evaluated_tokens is not None:
            try:
                return super().observe(model, messages, evaluated_tokens)
            except EngineError:
                pass
        unknown = PromptCount(evaluated_tokens=evaluated_tokens, context_length=None)
        return PromptObservation(count=unknown, outcome="unknown")


def prompted(purpose: Literal["preflight", "add", "chat"], seen: PromptObservation, *, sentence: str = "") -> Prompted:
    """Return the event that says how much of a prompt was read."""
    read = PromptRead(purpose=purpose, outcome=seen.outcome, **asdict(seen.count))
    return Prompted(read=read, sentence=sentence)
