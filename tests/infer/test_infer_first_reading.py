"""mem0's extraction prompt is read once, in pieces that tell how far it is, and only where that tells something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from showcase.evidence import Message
from showcase.memory.extraction_prompt import extraction_messages
from showcase.processes.protocol.events import Event, Read, Reading
from showcase.progress.model_wait import ModelWait
from showcase.scenes import first_reading
from showcase.scenes.first_reading import PIECES, FirstReading
from showcase.scenes.prompts import LateServer
from showcase.scenes.readings import Readings

if TYPE_CHECKING:
    from conftest import MakeModel

    from showcase.evidence import Endpoint

WHOLE = extraction_messages([Message(role="user", content="I am allergic to peanuts.")])


class Heard:
    """The events of one first reading, and what is said of it after each."""

    def __init__(self, endpoint: Endpoint, model: str, kind: type[LateServer] = LateServer) -> None:
        self.events: list[Event] = []
        self.doing: list[str] = []
        self._wait = ModelWait()
        server = kind(endpoint, limit_s=60, readings=Readings(self.hear))
        self.counted = FirstReading(server).count(model, WHOLE)
        server.close()

    def hear(self, event: Event) -> None:
        self.events.append(event)
        self._wait.hear(event)
        self.doing.append(self._wait.doing())

    @property
    def readings(self) -> list[Reading]:
        return [event for event in self.events if isinstance(event, Reading)]

    @property
    def read(self) -> list[Read]:
        return [event for event in self.events if isinstance(event, Read)]


@pytest.fixture
def every_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any piece be worth telling, however quick the engine is."""
    monkeypatch.setattr(first_reading, "FIRST_S", 0.0)
    monkeypatch.setattr(first_reading, "ANEW", float("inf"))


@pytest.mark.usefixtures("every_piece")
def test_a_slow_reading_tells_how_far_it_is(engine: Endpoint, make_model: MakeModel) -> None:
    heard = Heard(engine, make_model("cold", num_ctx=16384))
    read = [event.tokens or 0 for event in heard.read]
    assert len(read) == PIECES + 1, "the first is sent twice, to see whether it is kept"
    assert read == sorted(read)
    assert read[-1] == heard.counted
    assert 7000 < read[-1] < 10_000
    characters = [event.characters for event in heard.readings]
    assert characters == sorted(characters), "a shorter piece would make the server forget what it keeps"
    assert characters[-1] == sum(len(message.content) for message in WHOLE)
    assert len({event.of for event in heard.readings}) == 1
    told = [said for event, said in zip(heard.events, heard.doing, strict=True) if isinstance(event, Read)]
    assert all(f"{tokens:,} tokens read, " in said for tokens, said in zip(read[:-1], told[:-1], strict=True))
    assert heard.doing[-1] == "", "nobody waits any more"


@pytest.mark.usefixtures("every_piece")
def test_a_model_in_memory_may_have_read_it_and_is_asked_once(engine: Endpoint, make_model: MakeModel) -> None:
    tag = make_model("held", num_ctx=16384)
    assert len(Heard(engine, tag).readings) == PIECES + 1
    (reading,) = Heard(engine, tag).readings
    assert reading.characters == reading.of


@pytest.mark.usefixtures("every_piece")
def test_a_server_that_keeps_nothing_is_given_the_whole(
    engine: Endpoint, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_reading, "ANEW", 0.0)
    heard = Heard(engine, make_model("cold", num_ctx=16384))
    assert len(heard.read) == 3
    assert heard.read[-1].tokens == heard.counted


@pytest.mark.usefixtures("every_piece")
def test_a_prompt_that_will_not_fit_is_not_read_at_length(engine: Endpoint, make_model: MakeModel) -> None:
    heard = Heard(engine, make_model("narrow", num_ctx=4096))
    assert heard.counted is None
    assert len(heard.readings) == 2
    assert heard.doing[-1] == ""


def test_a_quick_server_reads_one_piece_and_the_whole(engine: Endpoint, make_model: MakeModel) -> None:
    assert len(Heard(engine, make_model("cold", num_ctx=16384)).readings) == 2


@pytest.mark.usefixtures("every_piece")
def test_each_piece_begins_as_the_adds_do(engine: Endpoint, make_model: MakeModel) -> None:
    """What the server keeps of a piece is of use to the next, and of the last to the first add, only then."""
    sent: list[tuple[Message, ...]] = []

    class Listening(LateServer):
        def count(self, name: str, messages: Any, **options: Any) -> int | None:
            sent.append(tuple(messages))
            return super().count(name, messages, **options)

    server = Listening(engine, limit_s=60, readings=Readings(lambda _: None))
    FirstReading(server).count(make_model("cold", num_ctx=16384), WHOLE)
    server.close()
    system, user = extraction_messages([Message(role="user", content="Another sentence altogether.")])
    for piece in sent:
        assert system.content.startswith(piece[0].content)
        assert user.content.startswith(piece[1].content[:1])
    assert sent[-1][0] == system
