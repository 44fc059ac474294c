"""Languages as a person calls them, by their tags (BCP 47)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "th": "Thai",
    "tr": "Turkish",
    "zh": "Chinese",
    "und-Latn": "a language in Latin letters that does not look like English",
}

_SCRIPTS = {
    "Beng": "Bengali",
    "Deva": "Devanagari",
    "Ethi": "Ethiopic",
    "Geor": "Georgian",
    "Grek": "Greek",
    "Hebr": "Hebrew",
    "Khmr": "Khmer",
    "Armn": "Armenian",
}


def name_of(tag: str) -> str:
    """Return the name of a language, or of the script that it is written in where no more was told."""
    script = _SCRIPTS.get(tag.removeprefix("und-"))
    return _NAMES.get(tag) or (f"a language in {script} letters" if script else "a language in other letters")


def listed(tags: Sequence[str]) -> str:
    """Return the names of languages as one phrase."""
    *others, last = map(name_of, tags)
    return f"{', '.join(others)} and {last}" if others else last
