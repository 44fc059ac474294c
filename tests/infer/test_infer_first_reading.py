"""mem0's extraction prompt is read once, in pieces that tell how far it is, and only where that tells something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from showcase.engines.ollama_models import OllamaModels
from showcase.evidence import Message
from showcase.memory.extraction_prompt import extraction_messages
from showcase.model_wait import ModelWait
from showcase.scenes.first_reading import PIECES, FirstReading
from showcase.scenes.prompts import LateServer
from showcase.scenes.readings import Readings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conftest import MakeModel

    from showcase.evidence import Endpoint

WHOLE = extraction_messages([Message(role="user", content="I am allergic to peanuts.")])


class Heard:
    """The events of one first reading, and what is said of it after each."""

    def __init__(self, endpoint: Endpoint, model: str, kind: type[LateServer] = LateServer) -> None:
        self.events: list[dict[str, Any]] = []
        self.doing: list[str] = []
        self._wait = ModelWait()
        server = kind(endpoint, limit_s=60, readings=Readings(self.hear))
        self.counted = FirstReading(server).count(model, WHOLE)
        server.close()

    def hear(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        self._wait.hear(event)
        self.doing.append(self._wait.doing())

    def of(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == name]


class KeepsNothing(LateServer):
    """A server that reads every prompt anew, and slowly, as far as one can tell from without."""

    kept = 0

    def count(
        self,
        name: str,
        messages: Sequence[Message],
        *,
        within_s: float | None = None,
        **options: Any,
    ) -> int | None:
        """Be done in time with what was read before alone, which is the first so many characters."""
        if within_s is not None and len(messages[0].content) > self.kept:
            self._readings.begin("preflight", messages, whole=options["whole"])
            raise TimeoutError
        return super().count(name, messages, within_s=within_s, **options)


class Keeps(KeepsNothing):
    """One that has read a quarter of the prompt."""

    kept = len(WHOLE[0].content) // 4


def test_a_slow_reading_tells_how_far_it_is(engine: Endpoint) -> None:
    heard = Heard(engine, "rehearsal", Keeps)
    read = [event["tokens"] for event in heard.of("read")]
    assert read == sorted(read)
    assert len(read) >= PIECES - 2, "from the second piece on, to the whole"
    assert read[-1] == heard.counted
    assert 7000 < read[-1] < 10_000
    characters = [event["characters"] for event in heard.of("reading")]
    assert len({event["of"] for event in heard.of("reading")}) == 1
    assert characters[-1] == sum(len(message.content) for message in WHOLE)
    shortest = characters.index(min(characters[1:]), 1)
    assert characters[1 : shortest + 1] == sorted(characters[1 : shortest + 1], reverse=True), "down to what it keeps"
    assert characters[shortest:] == sorted(characters[shortest:]), "and up from there: it never forgets any"
    told = [said for event, said in zip(heard.events, heard.doing, strict=True) if event["event"] == "read"]
    assert all(f"{tokens:,} tokens read, " in said for tokens, said in zip(read[:-1], told, strict=False))
    assert heard.doing[-1] == "", "nobody waits any more"


def test_a_server_that_keeps_nothing_is_given_the_whole(engine: Endpoint) -> None:
    heard = Heard(engine, "rehearsal", KeepsNothing)
    assert heard.counted is not None
    assert heard.of("read")[-1]["tokens"] == heard.counted
    assert len(heard.of("read")) <= 2, "one that may have loaded the model, and the whole"


def test_a_prompt_that_does_not_fit_is_refused_and_not_read_at_length(engine: Endpoint, make_model: MakeModel) -> None:
    heard = Heard(engine, make_model("narrow", num_ctx=4096))
    assert heard.counted is None
    assert len(heard.of("reading")) == 2
    assert heard.doing[-1] == ""


def test_a_server_that_has_read_it_is_asked_once(engine: Endpoint) -> None:
    """A shorter piece would make it forget what it keeps."""
    assert len(Heard(engine, "rehearsal").of("reading")) <= 2, "the first may have loaded the model"
    assert len(Heard(engine, "rehearsal").of("reading")) == 1


def test_what_is_taken_back_says_so(engine: Endpoint) -> None:
    models = OllamaModels(engine)
    with pytest.raises(TimeoutError, match="taken back"):
        models.count("rehearsal", WHOLE, within_s=1e-6)
    assert models.count("rehearsal", WHOLE, within_s=60) == models.count("rehearsal", WHOLE)
    models.close()


def test_each_piece_begins_as_the_adds_do(engine: Endpoint) -> None:
    """What the server keeps of a piece is of use to the next, and of the last to the first add, only then."""
    sent: list[tuple[Message, ...]] = []

    class Listening(Keeps):
        def count(self, name: str, messages: Any, **options: Any) -> int | None:
            sent.append(tuple(messages))
            return super().count(name, messages, **options)

    server = Listening(engine, limit_s=60, readings=Readings(lambda _: None))
    FirstReading(server).count("rehearsal", WHOLE)
    server.close()
    system, user = extraction_messages([Message(role="user", content="Another sentence altogether.")])
    for piece in sent:
        assert system.content.startswith(piece[0].content)
        assert user.content.startswith(piece[1].content[:1])
    assert sent[-1][0] == system
