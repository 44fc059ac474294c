"""Makes the set: 300 facts of 20 people, told by five users of 60 rows each, and 360 questions.

Five users and not twenty, because ten rows of a ranking have to be less than a fifth of a user's: of 15 rows they would
be two thirds, and whoever returns much would find much.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from showcase.bench.recall.asked import Asked, RecallSet, Told
from showcase.bench.recall.made_set import wording, words
from showcase.bench.recall.made_set.draw import Draw
from showcase.bench.recall.made_set.riddles import RIDDLES

if TYPE_CHECKING:
    from collections.abc import Iterator

USERS = ("alice", "bob", "carol", "dave", "erin")
PEOPLE_A_USER = 4
PUBLIC_SEED = b"local-memory-showcase recall 1"
RIDDLE = "riddle"

_BEGAN = datetime(2025, 1, 6, 8, 0)  # noqa: DTZ001 - a made-up time of nowhere
_APART_MINUTES = 7 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is told of.

    Attributes:
        name: First and last.
        user: Who tells of them.
        namesake: Whether somebody of nearly the same name is told of by the same user.
        values: What holds of them, by the names of `wording.FACTS`.
        things: What they own several of.
        riddle: The question of the fact that shares no word with it.
        new_longer: Of what the newer row is the longer one, `city` or `job`; of the other it is the older one.
    """

    name: str
    user: str
    namesake: bool
    values: dict[str, str]
    things: str
    riddle: tuple[str, str]
    new_longer: str

    def facts(self) -> dict[str, str]:
        """Return what is told of them, by its name."""
        changed = {}
        for slot, patterns in wording.CHANGED.items():
            what, _, age = slot.partition("-")
            changed[slot] = patterns[(what == self.new_longer) == (age == "new")]
        told = {
            slot: pattern.format(name=self.name, value=self.values[slot])
            for slot, pattern in {**changed, **wording.FACTS}.items()
        }
        return {**told, RIDDLE: self.riddle[0].format(name=self.name)}


def make(seed: bytes = PUBLIC_SEED) -> RecallSet:
    """Return the set of a seed: the same bytes on every Python."""
    draw = Draw(seed)
    people = _people(draw)
    told: list[Told] = []
    ids: dict[tuple[str, str], str] = {}
    for user in USERS:
        of_user = {
            (each.name, slot): text for each in people if each.user == user for slot, text in each.facts().items()
        }
        for name, slot in _in_order(draw, tuple(of_user)):
            ids[name, slot] = f"f{len(told) + 1:03}"
            when = (_BEGAN + timedelta(minutes=_APART_MINUTES * len(told) + draw.below(_APART_MINUTES))).isoformat()
            told.append(
                Told(
                    id=ids[name, slot],
                    user=user,
                    text=of_user[name, slot],
                    when=None if slot in wording.UNDATED else when,
                )
            )
    drafts = [each for person in people for each in _asked(draw, person, people)]
    asked = tuple(
        Asked(
            id=f"q{number:03}",
            user=draft.user,
            text=draft.text,
            kind=draft.kind,
            right=tuple(sorted(ids[draft.name, slot] for slot in draft.right)),
            stale=tuple(ids[draft.name, slot] for slot in draft.stale),
        )
        for number, draft in enumerate(sorted(drafts, key=lambda each: USERS.index(each.user)), start=1)
    )
    return RecallSet(origin="made", told=tuple(told), asked=asked, public=seed == PUBLIC_SEED)


def _people(draw: Draw) -> list[Person]:
    count = len(USERS) * PEOPLE_A_USER
    pairs = draw.some(words.ALIKE, len(USERS))
    last = draw.some(words.LAST, count)
    first = draw.some(words.FIRST, count - 2 * len(USERS))
    names: list[tuple[str, str, bool]] = []
    for number, user in enumerate(USERS):
        names += [(f"{each} {last[number]}", user, True) for each in pairs[number]]
    for number, each in enumerate(first):
        names.append((f"{each} {last[len(USERS) + number]}", USERS[number % len(USERS)], False))
    cities = draw.some(words.CITY, 2 * count)
    jobs = draw.some(words.JOB, 2 * count)
    unlike = {
        "avoided": draw.some(words.AVOIDED, count),
        "instrument": draw.some(words.INSTRUMENT, count),
        "sister": draw.some(words.SISTER, count),
        "dish": draw.some(words.DISH, count),
        "vehicle": [_one(each) for each in draw.some(words.VEHICLE, count)],
    }
    things = draw.some(words.COUNTED, count)
    pet_names = draw.some(words.PET_NAME, count)
    riddles = draw.some(RIDDLES, count)
    people = []
    for number, (name, user, namesake) in enumerate(names):
        colours = draw.some(words.COLOUR, 2)
        values = {slot: each[number] for slot, each in unlike.items()}
        values |= {"city-old": cities[2 * number], "city-new": cities[2 * number + 1]}
        values |= {"job-old": _one(jobs[2 * number]), "job-new": _one(jobs[2 * number + 1])}
        values |= {"colour-one": colours[0], "colour-other": colours[1]}
        values["counted"] = f"{3 + draw.below(94)} {things[number]}"
        values["born"] = f"{1 + draw.below(28)} {draw.one(words.MONTH)} {1940 + draw.below(60)}"
        values["pet"] = f"{_one(draw.one(words.PET))} called {pet_names[number]}"
        people.append(
            Person(
                name=name,
                user=user,
                namesake=namesake,
                values=values,
                things=things[number],
                riddle=riddles[number],
                new_longer=draw.one(("city", "job")),
            )
        )
    return people


def _one(noun: str) -> str:
    """Return a noun with its article: that of its first letter, which all of `words` are spoken by."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _in_order(draw: Draw, slots: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Return a random order in which nothing newer comes before what it takes the place of."""
    order = list(draw.shuffled(slots))
    for name, slot in slots:
        older = wording.LATER.get(slot)
        if older is None:
            continue
        new, old = order.index((name, slot)), order.index((name, older))
        if new < old:
            order[new], order[old] = order[old], order[new]
    return order


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    user: str
    kind: str
    text: str
    name: str
    right: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


def _asked(draw: Draw, person: Person, people: list[Person]) -> Iterator[_Draft]:
    """Yield the eighteen questions about a person."""

    def draft(kind: str, text: str, *right: str, stale: tuple[str, ...] = (), user: str = person.user) -> _Draft:
        text = text.format(name=person.name, value=person.values["avoided"], things=person.things)
        return _Draft(user=user, kind=kind, text=text, name=person.name, right=right, stale=stale)

    plain = draw.some(wording.PLAIN, 1 if person.namesake else 3)
    yield from (draft("single", wording.ASKS[slot], slot) for slot in plain)
    if person.namesake:
        yield from (draft("similar", wording.ASKS[slot], slot) for slot in wording.OF_NAMESAKES)
    yield from (draft("two", text, one, other) for one, other, text in draw.some(wording.TWO, 2))
    yield from (draft("update", text, slot, stale=(wording.LATER[slot],)) for slot, text in wording.UPDATES)
    yield draft("contradiction", wording.CONTRADICTION, *wording.UNDATED)
    yield draft("negation", draw.one(wording.NEGATION), "avoided")
    yield draft("number", wording.NUMBER, "counted")
    yield draft("number", draw.one(wording.BORN), "born")
    others = sorted({each.user for each in people} - {person.user}, key=USERS.index)
    for slot in draw.some(tuple(wording.ASKS), 2):
        yield draft("somebody-else", wording.ASKS[slot], user=draw.one(others))
    yield from (draft("never-told", text) for text in draw.some(wording.NEVER, 2))
    for slot in draw.some(tuple(wording.ASKS), 2):
        yield draft("language", draw.one(tuple(wording.ELSEWHERE.values()))[slot], slot)
    yield draft("paraphrase", person.riddle[1], RIDDLE)
