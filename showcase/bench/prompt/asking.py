"""One request, by the same options for every arm."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.bench.prompt.samples import Read, as_read
from showcase.documents.surrogates import without_surrogates
from showcase.errors import EngineError
from showcase.evidence import Message, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.engines.everyday import Opened

NUM_CTX = 4096
"""The same for every request: a server loads the model anew for another one."""
TEMPERATURE = 0.7
SHORT = 16
"""Tokens of a reply where the reply is not what is looked at."""
_ELSEWHERE = (Message(role="system", content="Count."), Message(role="user", content="One, two, three."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reply and what the server made of the prompt."""

    text: str
    reply: Reply
    read: Read


class Asker:
    """Asks the chat model of a server.

    Args:
        server: With a chat model.
    """

    def __init__(self, server: Opened) -> None:
        self.server = server

    def ask(
        self, messages: Sequence[Message], *, seed: int, num_predict: int, schema: Mapping[str, Any] | None = None
    ) -> Answer:
        """Send a prompt and wait for the whole reply.

        Raises:
            EngineError: The server does not answer as it should.
        """
        model = self.server.chat_model
        if model is None:
            raise EngineError("no chat model was chosen", hint="name one: --chat-model NAME")
        options = {"temperature": TEMPERATURE, "seed": seed, "num_ctx": NUM_CTX, "num_predict": num_predict}
        began = time.monotonic()
        reply = self.server.gate.chat(model.name, messages, on_token=lambda _: None, options=options, format=schema)
        total_s = time.monotonic() - began
        return Answer(text=without_surrogates(reply.text), reply=reply, read=as_read(messages, reply, total_s))

    def look_away(self) -> None:
        """Let the server read something else, so that it holds nothing of the next prompt but the template's start."""
        self.ask(_ELSEWHERE, seed=0, num_predict=1)
