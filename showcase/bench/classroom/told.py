"""What a participant tells and asks: nobody else's words, so that whose a row is can be told from its text alone."""

from __future__ import annotations

import hashlib

THINGS = (
    "bicycle", "violin", "passport", "umbrella", "notebook", "camera", "kettle", "jacket", "lamp", "suitcase",
    "telescope", "drill", "ladder", "tent", "kayak", "piano", "printer", "radio", "skis", "toolbox",
)  # fmt: skip
PLACES = ("cellar", "attic", "garage", "kitchen", "hallway", "garden shed", "office", "car", "locker", "boathouse")
SEED = 20_261_128


def user_id(number: int) -> str:
    """Return as whom a participant acts."""
    return f"participant-{number:03}"


def memory(number: int, at: int) -> str:
    """Return what a participant tells as their memory number `at`; no two of a class are alike."""
    thing, place, code = _parts(number, at)
    return f"The {thing} of {user_id(number)} is in the {place} behind door {code}."


def question(number: int, at: int) -> str:
    """Return the question that this memory answers."""
    thing, _, _ = _parts(number, at)
    return f"Where is the {thing} of {user_id(number)}?"


def _parts(number: int, at: int) -> tuple[str, str, str]:
    drawn = hashlib.sha256(f"{SEED}/{number}/{at}".encode()).digest()
    thing = THINGS[at % len(THINGS)] + (f" number {at // len(THINGS) + 1}" if at >= len(THINGS) else "")
    return thing, PLACES[drawn[0] % len(PLACES)], drawn[1:4].hex()
