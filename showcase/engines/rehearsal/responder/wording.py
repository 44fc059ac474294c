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
_PRONOUN = re.compile(
    r"\b(?:i'm|i've|i'll|i'd|i|me|my|myself)\b(?!\.\w|-)"
    # A mine may also be a place to work in.
    r"|(?:(?<=\bof )|(?<=\bis )|(?<=\bare )|(?<=\bwas )|(?<=\bthan )|(?<=^))mine\b",
    re.IGNORECASE,
)
_WITH_VERB = re.compile(
    r"\b(i)(\s+(?:\w+ly\s+|also\s+|not\s+|still\s+)?)(am|was)\b|\b(am|was)(\s+)(i)\b", re.IGNORECASE
)
_LATER_AM = re.compile(r"(?<![\d.:])(?<!\d )\bam\b(?!\.)")
_LONGEST = 1000
"""Characters; a longer text is no sentence, and is quoted as it is."""
_PLURAL = {"am": "are", "was": "were"}
_AS_IT_STANDS = re.compile(
    r"""\b(?:you|your|yours|yourself)\b     # speaks to somebody already
      | ["“”«»]                             # quotes somebody
      | (?-i:\b[A-Z]\w+\sI\b)               # Type I, World War I
      | \bi\s+was\b.*\b(?:and|but)\s+was\b  # whose second verb it is, grammar alone does not tell
    """,
    re.IGNORECASE | re.VERBOSE,
)


def second_person(fact: str) -> str:
    """Turns a first-person sentence to the second person; any other sentence is quoted as it is.

    Only pronouns change, and the verbs that must agree with them. Where that could change the meaning, the sentence is
    left alone.
    """
    plain = fact.replace("’", "'")  # noqa: RUF001 - the typographic apostrophe is meant
    if len(plain) > _LONGEST or _AS_IT_STANDS.search(plain) or not _PRONOUN.search(plain):
        return _ended(fact)
    agreed = _LATER_AM.sub("are", _WITH_VERB.sub(_agree, plain))
    turned = _PRONOUN.sub(lambda match: _SECOND[match[0].lower()], agreed)
    return _ended(turned[:1].upper() + turned[1:])


def _agree(match: re.Match[str]) -> str:
    if match[1]:
        return f"{match[1]}{match[2]}{_PLURAL[match[3].lower()]}"
    return f"{_PLURAL[match[4].lower()]}{match[5]}{match[6]}"


def _ended(sentence: str) -> str:
    bare = sentence.strip()
    last = bare[-1:]
    return f"{bare}." if last.isalnum() and last <= "ɏ" else bare
