"""Facts, and questions about them that share no word with them. Our own, CC0 1.0.

Each question asks for whoever it is true of, and names nobody: a name would be a shared word. Nothing else that is told
of anybody (`words`, `wording`) answers any of these questions, and none of these facts one of `wording`: whoever
writes novels would have an answer to what they do for a living.
"""

from __future__ import annotations

import re

RIDDLES: tuple[tuple[str, str], ...] = (
    ("{name} gets airsick within minutes of take-off.", "For whom is flying unpleasant?"),
    ("{name} is terrified of spiders.", "Who has arachnophobia?"),
    ("{name} rises every day before dawn.", "Which of them is an early bird?"),
    ("{name} cannot tell red from green.", "Whose colour vision is impaired?"),
    ("{name} never repays borrowed money.", "To whom should nobody lend cash?"),
    ("{name} broke the left leg on a ski slope.", "Who suffered a fracture during winter sports?"),
    ("{name} snores loudly.", "Whose sleep is noisy?"),
    ("{name} is expecting a baby this spring.", "Who will soon become a parent?"),
    ("{name} stopped smoking two years ago.", "Who managed to give up cigarettes?"),
    ("{name} wears a hearing aid.", "Who is partly deaf?"),
    ("{name} signed divorce papers recently.", "Whose marriage ended?"),
    ("{name} got caught speeding near the bridge.", "Who was fined by traffic police?"),
    ("{name} won the lottery.", "Who became rich overnight?"),
    ("{name} forgets appointments all the time.", "Whose memory is unreliable?"),
    ("{name} speaks fluent Portuguese.", "Who could interpret for visitors from Brazil?"),
    ("{name} faints at the sight of blood.", "Who passes out when somebody bleeds?"),
    ("{name} stutters.", "Whose speech is halting?"),
    ("{name} hoards old newspapers.", "Who never throws the daily press away?"),
    ("{name} is afraid of lifts.", "Who always takes the stairs?"),
    ("{name} lost the house keys again.", "Who is locked out?"),
    ("{name} inherited a vineyard.", "Who could make wine on land left by a relative?"),
    ("{name} has a twin.", "Whose sibling looks exactly the same?"),
    ("{name} sued the landlord.", "Who took the owner of a flat to court?"),
    ("{name} bites fingernails.", "Who nibbles at the ends of the hands?"),
)

_COMMON = frozenset(
    """
    a an and all any as at be been by can could did do does each every for from get gets got had has have he
    her his how if in into is it its make no not nobody of off on or our she should so some that the their
    them they this to two was we were what when where which who whom whose will with within you your
    """.split()  # noqa: SIM905 - a list of a hundred quoted words is read by nobody
)
_STEM = 5
"""Letters after which words count as one: `bleeds` and `bleeding`."""


def shared_words(one: str, other: str) -> set[str]:
    """Return the content words of a text that another has too, or that begin like one of its words.

    Words of up to five letters have to be equal, or one with an `s`; longer ones have their first five letters in
    common. A word of `_COMMON` is none of content.
    """
    return {word for word in _content(one) if any(_alike(word, each) for each in _content(other))}


def _content(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold())) - _COMMON


def _alike(one: str, other: str) -> bool:
    if one == other or one.removesuffix("s") == other.removesuffix("s"):
        return True
    return min(len(one), len(other)) >= _STEM and one[:_STEM] == other[:_STEM]
