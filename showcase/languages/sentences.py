"""What is said of texts in a language that an embedding model does not know: before a run, and beside verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.languages.embeddings import knowledge_of
from showcase.languages.names import listed, name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.languages.telling import Told


def texts_in(unknown: Sequence[Told], languages: Sequence[Told]) -> str:
    """Return how many texts are in these of their languages: `the texts are in Japanese`, `3 of 8 texts are in …`."""
    count, all_of_them = (sum(each.texts for each in some) for some in (unknown, languages))
    named = listed([each.tag for each in unknown])
    if count == all_of_them:
        return f"the texts are in {named}"
    return f"{count} of {all_of_them} texts {'is' if count == 1 else 'are'} in {named}"


def made_for(model: str) -> str:
    """Return what languages a model was made for, as far as it is known here."""
    known = knowledge_of(model)
    if not known.told:
        return f"nothing is known here of the languages of {model}"
    if known.tags is None:
        return f"{model} knows most languages"
    if len(known.tags) == 1:
        return f"{model} knows {' and '.join(map(name_of, known.tags))} alone"
    return f"{model} knows {listed(sorted(known.tags, key=name_of))} alone"
