"""From which cosine on a memory counts as known, for each embedding model: measured, not guessed.

`showcase bench threshold` measures: of two sets of made-up people and questions about them, half of which nothing was
told about, one chooses the threshold and the other, which had no say, tells what it is worth. Chosen is the cosine
where the share of known facts that are found and the share of unknown ones that are not, together, are greatest
(Youden's J, Cancer 3:32-35, 1950). The figures stand in docs/ask.md.
"""

from __future__ import annotations

from showcase.engines.model_names import same

MEASURED = {
    "rehearsal-embed": 0.38,
    "rehearsal-embed-multilingual": 0.20,
    "all-minilm": 0.35,
}
"""Cosines by the model's name. That of the multilingual one was chosen by the same rule on the people `anna` and `ben`
of `bench/questions/languages`, in German, Japanese and English; the sets in English alone give 0.28. Another model is
measured by the command above, and given by `--threshold`."""

UNMEASURED = 0.35


def default_for(embed_model: str) -> float:
    """Return the threshold of a model, a common one where it was not measured."""
    return next((value for name, value in MEASURED.items() if same(name, embed_model)), UNMEASURED)


def is_measured(embed_model: str) -> bool:
    """Tell whether the threshold of a model was measured."""
    return any(same(name, embed_model) for name in MEASURED)
