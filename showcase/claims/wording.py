"""What a text says, whatever it is written in: its words, without what is not seen, case, marks and persons.

Sources: Unicode Standard Annex 15 (NFKD), the standard's section 3.13 (case folding), and the property
Default_Ignorable_Code_Point of DerivedCoreProperties.txt, which `unicodedata` does not have. Not levelled out: letters
of other scripts that look alike (Unicode Technical Standard 39), abbreviations, numbers in words, other languages.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")

_PERSONS = {
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "am": "are",
    "m": "are",
    "re": "are",
    "du": "ich",
    "dich": "mich",
    "dir": "mir",
    "bist": "bin",
    "hast": "habe",
    "dein": "mein",
    "deine": "meine",
    "deinem": "meinem",
    "deinen": "meinen",
    "deiner": "meiner",
    "deines": "meines",
}
"""First person to second, the ends of `I'm` and `you're` with them; the case of pronouns is given up. Of German second
to first, of which fewer are words of English too; its verbs keep their ends but for the commonest two."""

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Default_Ignorable_Code_Point of Unicode 15.1."""

_DROPPED = frozenset({"Cf", "Mn", "Mc", "Me"})
"""General categories that are no letter by themselves: format characters, and marks on or around a letter."""

_TAGS = re.compile("[\U000e0020-\U000e007e]+")
"""Tag characters, each of which stands for one of ASCII and is shown as nothing (Unicode Standard, 23.9)."""

_TAG_TO_ASCII = 0xE0000

_IDEOGRAPHS = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3105-\u312f\u31a0-\u31ff\u3400-\u9fff\ua000-\ua4cf\uf900-\ufaff"
_IDEOGRAPHS += "\U0001b000-\U0001b16f\U00020000-\U000323af"
_SOUTH_EAST = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf"
_UNSPACED = re.compile(f"[{_IDEOGRAPHS}]|[{_SOUTH_EAST}]|[^{_IDEOGRAPHS}{_SOUTH_EAST}]+")
"""Scripts that put no spaces between words: classes ID, CJ and SA of Unicode Standard Annex 14. Their characters count
one by one."""

_IS_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_IS_SOUTH_EAST = re.compile(f"[{_SOUTH_EAST}]")

_HIRAGANA = re.compile("[\u3041-\u309f\u30fc]+")

_TO_HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})

WORD = 12
"""Weight of a word. Two ideographs or kana are taken for one, and three letters of Thai, Lao, Khmer or Burmese, whose
marks are no letters: words of Thai have some four characters, and one of them is a mark."""

_LITTLE = frozenset(
    """
    a about after all also am an and any anything are aren as at be because been before being both but by can could
    couldn d did didn do does doesn doing don down each every few for from get go had hadn has hasn have haven
    having he her here hers him his how i if in into is isn it its just know let like ll m may me might mine more
    most much must my myself no nor not nothing of off on one only or other our ours out over own please re s same
    say shall she should shouldn so some something such t tell than that the their theirs them then there these they
    thing things this those though to told too under until up upon us ve very was wasn way we were weren what when
    where whether which while who whom whose why will with won would wouldn yes yet you your yours yourself
    """.split()  # noqa: SIM905 - a table reads better so
)
"""English words that say little by themselves. Of another language every word counts."""


def seen(text: str) -> str:
    """Return `text` as it is seen: compatibility forms, digits of any script and marks levelled out, case kept."""
    if text.isascii():
        return text
    return "".join(map(_as_seen, unicodedata.normalize("NFKD", _UNSEEN.sub("", text))))


@lru_cache(maxsize=4096)
def _as_seen(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    return "" if kind in _DROPPED else character


def hidden(text: str) -> str:
    """Return what a text says in tag characters, which no reader sees and a program reads."""
    return " ".join("".join(chr(ord(each) - _TAG_TO_ASCII) for each in run) for run in _TAGS.findall(text))


def words(text: str) -> list[str]:
    """Return a text's words, in small letters, without punctuation; of scripts without spaces the characters."""
    # Folding the case may bring marks back: a dotted capital I is an i and a dot.
    found = _WORD.findall(seen(seen(text).casefold()))
    return [part for word in found for part in ([word] if word.isascii() else _UNSPACED.findall(word))]


def spellings(text: str) -> list[list[str]]:
    """Return a text's words as written, with umlauts as two letters, and with hiragana for katakana.

    Each has as many words as the first; all are the same where a text has neither.
    """
    written = words(text)
    if text.isascii():
        return [written] * 3
    spelled_out = words(unicodedata.normalize("NFC", text).translate(_UMLAUTS))
    return [written, spelled_out, [word.translate(_TO_HIRAGANA) for word in written]]


def to_the_reader(found: list[str]) -> list[str]:
    """Return words as said to the one who said them."""
    return [_PERSONS.get(word, word) for word in found]


def as_written(text: str) -> str:
    """Return a text to the letter: as it is seen, in its own case, without punctuation."""
    return " ".join(_WORD.findall(seen(text)))


def weight(word: str) -> int:
    """Return how much of a word this is, in parts of `WORD`."""
    if word.isascii() or len(word) > 1:
        return WORD
    return WORD // 2 if _IS_IDEOGRAPH.match(word) else WORD // 3 if _IS_SOUTH_EAST.match(word) else WORD


def is_ending(text: str) -> bool:
    """Return whether a text has hiragana alone: endings and particles, which say little by themselves."""
    return _HIRAGANA.fullmatch(text) is not None


def telling(word: str) -> bool:
    """Return whether a word says something by itself."""
    return word not in _LITTLE
