"""What was odd in a file of somebody else, counted: nothing of it is left out without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ODDITIES = {
    "questions_left_out": "questions were left out: no turn is named that answers them, so that nobody could judge",
    "questions_of_unknown_evidence": "questions are judged by a part of their evidence, as the rest names no turn",
    "evidence_unknown": "names of evidence name no turn that is there",
    "evidence_mended": "names of evidence were read as what they must mean, such as D:11:26 for D11:26",
    "turns_repeated": "turns say word for word what was said before in the same haystack, and are one row with it",
    "turns_without_text": "turns hold no text, and are no row",
    "images_by_caption": "turns share an image, and have its caption in their row",
    "images_unseen": "turns share an image without a caption: the row is what was said beside it",
}
"""What is counted, and how it is said after its number."""


def sentence(counts: Mapping[str, int]) -> str:
    """Return what was odd in the whole file; empty where nothing was."""
    found = [f"{counts[name]:,} {words}" for name, words in ODDITIES.items() if counts.get(name)]
    return f"Of the whole file: {'; '.join(found)}." if found else ""
