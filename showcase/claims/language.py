"""What an embedding that does not know the language of the texts takes from a verdict: the order of what is recalled.

That rows came back, and whose they are, rests on their ids; which of them a search finds first rests on the vectors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.claims import limits
from showcase.languages import knowledge_of, tell_of, texts_in, unknown_to

if TYPE_CHECKING:
    from showcase.evidence import Run

_PSEUDONYM = re.compile(r"memory-\d+( \(.*\))?")
"""A memory as a redacted log has it; see `report.pseudonyms`."""


def of_the_texts(run: Run) -> tuple[str, ...]:
    """Return the limit that the language of a scenario puts on what was recalled, where there is one."""
    if run.scenario is None or run.engine is None:
        return ()
    users = (run.scenario.first, run.scenario.second)
    model = run.engine.embed_model.name
    if all(_PSEUDONYM.fullmatch(text) for user in users for text in user.memories):
        known = knowledge_of(model)
        return () if known.told and known.tags is None else (limits.LANGUAGE_WITHHELD.of(model=model),)
    languages = tell_of([[*user.memories, user.question] for user in users])
    unknown = unknown_to(model, languages)
    if not unknown:
        return ()
    limit = limits.LANGUAGE_UNKNOWN if knowledge_of(model).told else limits.LANGUAGE_UNTOLD
    return (limit.of(texts=texts_in(unknown, languages), model=model),)
