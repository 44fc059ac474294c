"""How the users of a run are named in a sentence, so that no id is taken for a word of it or for another user's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from showcase.claims.reading import session
from showcase.claims.wording import seen, telling
from showcase.report.text import clipped

if TYPE_CHECKING:
    from showcase.evidence import Run

_SHOWN = 32
"""Characters of an id within a sentence."""

_NAME = 16
"""Letters beyond which an id is hardly a name, and stands in quotation marks."""

_NOT_NAMES = frozenset(
    """
    a all an another any anybody anyone anything anywhere barely both cannot each either enough every everybody
    everyone everything everywhere few fewer fewest half hardly he her hers herself him himself his i it its
    itself least less little many me mine more most much my myself naught neither never no nobody none noone nor
    not nothing nought nowhere one ones oneself only other others our ours ourselves plenty rarely scarcely seldom
    several she some somebody someone something somewhere such that the their theirs them themselves these they
    this those us we what whatever which whichever who whoever whom whomever whose you your yours yourself
    yourselves zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety dozen hundred thousand
    million billion once twice first second third last next same alone command computer machine network people
    person program programs seal server session user users
    """.split()  # noqa: SIM905 - a table reads better so
)
"""Words that would make another sentence of the one they stand in: “Nobody told one program four things”. Pronouns,
determiners, quantifiers, negations, numbers, and what this program calls those it speaks of."""


def reads_as_words(name: str) -> bool:
    """Return whether a program's name, such as `nobody` or `no one`, would be read as words of the sentence."""
    looks = seen(name).casefold()
    return len(looks.split()) != 1 or all(word in _NOT_NAMES for word in re.split(r"[\W_]+", looks) if word)


@dataclass(frozen=True, slots=True)
class Name:
    """One user within a sentence.

    `kind` is `user` for a name, `id` for an id that stands there to the letter, as far as it is shown, and empty where
    `text` names nobody.
    """

    text: str
    kind: Literal["user", "id", ""] = ""


@dataclass(frozen=True, slots=True)
class Names:
    """Both users: who planted, and who must not see it."""

    first: Name
    second: Name


def names(run: Run) -> Names:
    """Return how to name the users: those who acted, where they did, else those of the scenario.

    An id that looks like a name in small letters begins with a capital; any other is quoted as it is. Ids that look the
    same once they are shortened, or without what cannot be seen, name nobody: then it is the first and the second user.
    """
    planned = (None, None) if run.scenario is None else (run.scenario.first.id, run.scenario.second.id)
    acted = tuple(None if found is None else found.user_id for found in (session(run, 1), session(run, 3)))
    ids = tuple(one if one is not None else other for one, other in zip(acted, planned, strict=True))
    unnamed = (Name("the first user"), Name("the second user"))
    if _alike(*ids):
        return Names(*unnamed)
    return Names(*(none if each is None else _named(each) for each, none in zip(ids, unnamed, strict=True)))


def _alike(one: str | None, other: str | None) -> bool:
    return None not in (one, other) and _look(one or "") == _look(other or "")


def _look(text: str) -> str:
    return "".join(seen(text[:_SHOWN]).casefold().split())


def _named(user_id: str) -> Name:
    word = user_id.isascii() and user_id.isalpha() and len(user_id) <= _NAME
    if word and user_id[1:].islower() and telling(user_id.lower()) and user_id.lower() not in _NOT_NAMES:
        return Name(user_id[0].upper() + user_id[1:], "user")
    return Name(clipped(user_id, _SHOWN), "id")
