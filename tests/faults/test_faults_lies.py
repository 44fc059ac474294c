"""A model server that lies, a real process between a run and a real engine: no claim is upheld on its word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lying_server import lying
from planting import Place
from shared import once

from showcase import claims, runlog
from showcase.claims.consistency import contradiction

if TYPE_CHECKING:
    from pathlib import Path

    from planting import Ended

    from showcase.evidence import Endpoint, Run, Session

ALLERGY = "I do not eat spicy food and I am allergic to peanuts."
RESTAURANT = "My favourite restaurant is Trattoria Lina, a small Italian place by the river."
TOLD = {
    "plain": (ALLERGY, "broken", ALLERGY),
    "invisible": (ALLERGY.replace("e", "e\u200b"), "broken", ALLERGY),
    "joined": (ALLERGY.replace(" ", "").upper(), "broken", ALLERGY),
    "third person": (
        RESTAURANT.replace("My", "Alice's"),
        "inconclusive",
        "restaurant is trattoria lina a small italian place by",
    ),
}
COUNTED = ("0", "-1", "")


def status(run: Run, claim: str) -> tuple[str, str]:
    return next((item.status, item.reason) for item in claims.judge(run) if item.id == claim)


def run_with(directory: Path, engine: Endpoint, lie: str) -> Ended:
    place = Place(directory)
    with lying(engine, lie) as address:
        return place.run("--engine", "ollama", "--ollama-host", address)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, engine: Endpoint) -> Run:
    """The log of a run in which the second user was told all of these, one after the other."""

    def play(directory: Path) -> None:
        ended = run_with(directory, engine, "told:" + " ".join(text for text, _, _ in TOLD.values()))
        assert ended.code == 1, ended.stderr

    return runlog.read(once(tmp_path_factory, "told", play) / "out" / "run-log.json")


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory, engine: Endpoint) -> Run:
    """The log of a run in which the prompt of each chat was counted in another of these ways."""

    def play(directory: Path) -> None:
        ended = run_with(directory, engine, "counts:" + ",".join(COUNTED))
        assert ended.code == 3, ended.stderr

    return runlog.read(once(tmp_path_factory, "counted", play) / "out" / "run-log.json")


@pytest.mark.parametrize("name", TOLD)
def test_a_server_that_tells_the_second_user_what_the_first_one_said(told: Run, name: str) -> None:
    """What it told is in the log as it was told, and each part of it is judged as if it had been all."""
    text, expected, words = TOLD[name]
    third = told.sessions[2]
    assert third.reply is not None
    assert third.reply.text == " ".join(text for text, _, _ in TOLD.values())
    before = sum(len(each.split(" ")) for each, _, _ in list(TOLD.values())[: list(TOLD).index(name)])
    tokens = third.reply.tokens[before : before + len(text.split(" "))]
    tokens = (replace(tokens[0], text=tokens[0].text.removeprefix(" ")), *tokens[1:])
    assert "".join(token.text for token in tokens) == text
    alone = replace(third, reply=replace(third.reply, text=text, tokens=tokens))
    run = replace(told, sessions=(*told.sessions[:2], alone))
    assert contradiction(run) is None
    found, reason = status(run, "isolation")
    assert found == expected, reason
    assert words in reason


def test_such_a_run_is_broken_whatever_else_it_was_told(told: Run) -> None:
    found = next(item for item in told.claims if item.id == "isolation")
    assert (found.status, ALLERGY in found.reason) == ("broken", True)


def counted_right(item: Session, honest: Session) -> Session:
    """Return who asked as if the server had counted the same prompt as it did in an honest run."""
    assert item.reply is not None
    assert honest.reply is not None
    assert item.messages == honest.messages
    reply = replace(item.reply, prompt_tokens=honest.reply.prompt_tokens)
    return replace(item, prompts=honest.prompts, reply=reply)


@pytest.mark.parametrize("place", range(len(COUNTED)), ids=COUNTED)
def test_a_server_that_counts_nothing(counted: Run, log: Run, place: int) -> None:
    """Where it counted one chat so and the others right, the claim is not upheld; where all of them right, it is."""

    def asked(run: Run) -> list[Session]:
        return [*run.sessions[1:], next(item for item in run.controls if item.scene == "empty-store")]

    def of(items: list[Session]) -> Run:
        controls = (items[2], *(item for item in counted.controls if item.scene != "empty-store"))
        return replace(counted, sessions=(counted.sessions[0], *items[:2]), controls=controls)

    right = [counted_right(item, honest) for item, honest in zip(asked(counted), asked(log), strict=True)]
    assert contradiction(of(right)) is None
    assert status(of(right), "context")[0] == "upheld"
    right[place] = asked(counted)[place]
    found, reason = status(of(right), "context")
    assert (found, "the log contradicts itself" in reason) == ("inconclusive", False), reason


def test_a_server_that_counts_too_few(tmp_path: Path, engine: Endpoint) -> None:
    assert run_with(tmp_path, engine, "counts:1").code == 3
    found = runlog.read(tmp_path / "out" / "run-log.json")
    assert status(found, "context")[0] == "inconclusive"
