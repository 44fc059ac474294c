"""What was odd in a file of somebody else, counted: nothing of it is left out without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ODDITIES = {
    "questions_left_out": "questions left out, as no turn is named that answers them and nobody could judge",
    "questions_of_unknown_evidence": "questions judged by a part of their evidence, as the rest names no turn",
    "evidence_unknown": "names of evidence that name no turn",
    "evidence_mended": "names of evidence read as what they must mean, such as D:11:26 for D11:26",
    "turns_repeated": "turns that say word for word what was said before in their haystack, and are one row with it",
    "turns_without_text": "turns without text, which are no row",
    "images_by_caption": "turns that share an image, whose caption is in their row",
    "images_unseen": "turns that share an image without a caption, of which the row holds what was said beside it",
}
"""What is counted, and how it is said before its number."""


def sentence(counts: Mapping[str, int]) -> str:
    """Return what was odd in the whole file; empty where nothing was."""
    found = [f"{words}: {counts[name]:,}" for name, words in ODDITIES.items() if counts.get(name)]
    return f"Counted in the whole file: {'; '.join(found)}." if found else ""
