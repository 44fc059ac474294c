"""Says a fact back to the one who stated it."""

from __future__ import annotations

import re

_SECOND = {
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "i'm": "you're",
    "i've": "you've",
    "i'll": "you'll",
    "i'd": "you'd",
}
_PRONOUN = re.compile(r"\b(i'm|i've|i'll|i'd|i|me|my|mine|myself)\b", re.IGNORECASE)
_AM = re.compile(r"\b(i)(\s+(?:\w+ly\s+|also\s+|not\s+|still\s+)?)(am|was)\b|\b(am|was)(\s+)(i)\b", re.IGNORECASE)
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“”«»]")
_PLURAL = {"am": "are", "was": "were"}


def second_person(fact: str) -> str:
    """Turns a first-person sentence to the second person; any other sentence is quoted as it is.

    Only pronouns change, and the verb that must agree. A fact that already speaks to somebody ("I love you"), quotes
    somebody, or is not in the first person would be changed in meaning or not at all, so it is left alone.
    """
    plain = fact.replace("’", "'")  # noqa: RUF001 - the typographic apostrophe is meant
    if _SECOND_PERSON.search(plain) or _QUOTED.search(plain) or not _PRONOUN.search(plain):
        return _ended(fact)
    if (
        re.search(r"\bI\b", plain) is None
        and re.search(r"\b(?:my|me|mine|myself|i'm|i've)\b", plain, re.IGNORECASE) is None
    ):
        return _ended(fact)
    agreed = _AM.sub(_agree, plain)
    turned = _PRONOUN.sub(lambda match: _SECOND[match[0].lower()], agreed)
    return _ended(turned[:1].upper() + turned[1:])


def _agree(match: re.Match[str]) -> str:
    if match[1]:
        return f"{match[1]}{match[2]}{_PLURAL[match[3].lower()]}"
    return f"{_PLURAL[match[4].lower()]}{match[5]}{match[6]}"


def _ended(sentence: str) -> str:
    bare = sentence.strip()
    if bare and (bare[-1].isalnum() and bare[-1].isascii()):
        return f"{bare}."
    return bare
