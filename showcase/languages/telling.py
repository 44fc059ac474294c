"""Tells the language of a text: by its letters where they belong to one, else by the words that hold it together.

Which of many languages it is matters less than whether it is one that an embedding model knows; so what cannot be told
stays untold, and what is plainly not English is told as that. Tags are those of BCP 47 (RFC 5646), `und` with a script
where no more is known.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.languages.function_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_KANA = re.compile("[\u3040-\u30ff\uff66-\uff9f]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_LATIN = re.compile("[A-Za-z\u00aa-\u024f\u1e00-\u1eff]")
_OTHERS = (
    ("ko", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"),
    ("ru", "\u0400-\u052f"),
    ("ar", "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdc7\ufe70-\ufeff"),
    ("th", "\u0e00-\u0e7f"),
    ("und-Grek", "\u0370-\u03ff\u1f00-\u1fff"),
    ("und-Hebr", "\u0590-\u05ff"),
    ("und-Deva", "\u0900-\u097f"),
    ("und-Beng", "\u0980-\u09ff"),
    ("und-Geor", "\u10a0-\u10ff"),
    ("und-Armn", "\u0531-\u0587"),
    ("und-Ethi", "\u1200-\u137f"),
    ("und-Khmr", "\u1780-\u17ff"),
)
"""Scripts by the language that most texts in them are in, as far as an embedding model may know that language."""

_SCRIPTS = tuple((tag, re.compile(f"[{letters}]")) for tag, letters in _OTHERS)
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")

_IDEOGRAPH = 2
"""Latin letters that an ideograph or kana stands for, at the least: `寿司` is a word."""

_EVIDENT = 2
"""Function words, each counted once, by which a language other than English is told."""

_LEAST_SHARE = 0.15
"""Least share of its function words in such a text; usual is 0.4."""

_PLENTY = 16
"""Words from which on an English text has more than one of English's function words."""

MOST_TEXTS = 500
MOST_CHARACTERS = 2_000
"""As many texts of a person, and characters of a text, are looked at; more tell no more of the language."""


@dataclass(frozen=True, slots=True)
class Told:
    """A language, and how many of the texts are in it."""

    tag: str
    texts: int


def tell(text: str, *, evident: int = _EVIDENT) -> str | None:
    """Return the tag of a text's language, None where it cannot be told.

    Args:
        text: The text.
        evident: Different function words by which a language but English is told in Latin letters. One is a guess,
            for whoever has other evidence.
    """
    found = _by_script(text)
    return _by_words(text, evident) if found == "Latn" else found


def tell_of(groups: Sequence[Iterable[str]]) -> tuple[Told, ...]:
    """Return the languages of texts, the commonest first.

    Args:
        groups: The texts of each person. What one person writes in Latin letters is told as a whole, because a sentence
            alone may be too short.
    """
    counts: Counter[str] = Counter()
    for group in groups:
        texts = [text[:MOST_CHARACTERS] for text in list(group)[:MOST_TEXTS]]
        scripts = [(_by_script(text), text) for text in texts]
        counts.update(script for script, _ in scripts if script not in (None, "Latn"))
        latin = [text for script, text in scripts if script == "Latn"]
        language = _by_words("\n".join(latin)) if latin else None
        if language is not None:
            counts[language] += len(latin)
    return tuple(Told(tag, texts) for tag, texts in counts.most_common())


def _by_script(text: str) -> str | None:
    """Return the language whose script most letters are of, `Latn` for Latin ones, None where there are no letters."""
    if not _LETTER.search(text):
        return None
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    weights = {"Latn": len(_LATIN.findall(text)), "ja" if kana else "zh": _IDEOGRAPH * (kana + han)}
    weights |= {tag: len(letters.findall(text)) for tag, letters in _SCRIPTS}
    weights["und-Zzzz"] = len(_LETTER.findall(text)) - kana - han - weights["Latn"]
    weights["und-Zzzz"] -= sum(weights[tag] for tag, _ in _SCRIPTS)
    return max(weights, key=lambda tag: weights[tag])


def _by_words(text: str, evident: int = _EVIDENT) -> str | None:
    found = [word.casefold() for word in _WORD.findall(text)]
    different = set(found)
    hits = {tag: sum(word in words for word in found) for tag, words in WORDS.items()}
    best = max(hits, key=lambda tag: hits[tag])
    if best != "en" and len(different & WORDS[best]) >= evident and hits[best] >= _LEAST_SHARE * len(found):
        return best
    english = len(different & WORDS["en"])
    if len(found) >= _PLENTY and english <= 1:
        return "und-Latn"
    return "en" if english else None
