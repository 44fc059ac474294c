"""A model server that lies, a real process between a run and a real engine: no claim is upheld on its word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lying_server import lying

from showcase import runlog

if TYPE_CHECKING:
    from planting import Place

    from showcase.evidence import Endpoint, Verdict

ALLERGY = "I do not eat spicy food and I am allergic to peanuts."
RESTAURANT = "My favourite restaurant is Trattoria Lina, a small Italian place by the river."


def verdict(place: Place, claim: str) -> Verdict:
    log = runlog.read(place.out / "run-log.json")
    return next(item for item in log.claims if item.id == claim)


def run_with(place: Place, engine: Endpoint, lie: str) -> int:
    with lying(engine, lie) as address:
        return place.run("--engine", "ollama", "--ollama-host", address).code


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        (ALLERGY, "broken", ALLERGY),
        (ALLERGY.replace("e", "e\u200b"), "broken", ALLERGY),
        (ALLERGY.replace(" ", "").upper(), "broken", ALLERGY),
        (RESTAURANT.replace("My", "Alice's"), "inconclusive", "restaurant is trattoria lina a small italian place by"),
    ],
    ids=["plain", "invisible", "joined", "third person"],
)
def test_a_server_that_tells_the_second_user_what_the_first_one_said(
    place: Place, engine: Endpoint, text: str, expected: str, words: str
) -> None:
    code = run_with(place, engine, f"told:{text}")
    found = verdict(place, "isolation")
    assert found.status == expected, found.reason
    assert words in found.reason
    assert code == (1 if expected == "broken" else 3)


@pytest.mark.parametrize("number", ["0", "-1", "", "1"])
def test_a_server_that_counts_nothing(place: Place, engine: Endpoint, number: str) -> None:
    assert run_with(place, engine, f"counts:{number}") == 3
    assert verdict(place, "context").status == "inconclusive"
