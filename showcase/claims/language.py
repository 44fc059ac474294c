"""What an embedding that does not know the language of the texts takes from a verdict: the order of what is recalled.

That rows came back, and whose they are, rests on their ids; which of them a search finds first rests on the vectors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims import limits
from showcase.languages import knowledge_of, made_for, tell_of, texts_in, unknown_to

if TYPE_CHECKING:
    from showcase.evidence import Run, Scenario

_PSEUDONYM = re.compile(r"memory-\d+( \(.*\))?")
"""A memory as a redacted log has it; see `report.pseudonyms`."""


def of_the_texts(run: Run) -> tuple[str, ...]:
    """Return the limit that the language of a scenario puts on what was recalled, where there is one."""
    if run.scenario is None or run.engine is None:
        return ()
    model = run.engine.embed_model.name
    known = knowledge_of(model)
    if _is_withheld(run.scenario):
        return () if known.told and known.tags is None else (limits.LANGUAGE_WITHHELD.of(model=model),)
    texts = _texts(run.scenario, model)
    if texts is None:
        return ()
    return ((limits.LANGUAGE_UNKNOWN if known.told else limits.LANGUAGE_UNTOLD).of(texts=texts, model=model),)


@dataclass(frozen=True, slots=True)
class Remark:
    """What the head of a page says: what does not know which language, and what follows from that."""

    unknown: str
    so: str


def remark(run: Run) -> Remark | None:
    """Return the same for the head of a page, None where the embedding knows the language or the log withholds it."""
    if run.scenario is None or run.engine is None or _is_withheld(run.scenario):
        return None
    model = run.engine.embed_model.name
    texts = _texts(run.scenario, model)
    if texts is None:
        return None
    chance = "is chance" if knowledge_of(model).told else "may be chance"
    return Remark(f"{texts[:1].upper()}{texts[1:]}, and {made_for(model)}.", f"Which memory came first {chance}")


def _texts(scenario: Scenario, model: str) -> str | None:
    """Return how many texts are in a language that a model is not known to know, None where there are none."""
    languages = tell_of([[*user.memories, user.question] for user in (scenario.first, scenario.second)])
    unknown = unknown_to(model, languages)
    return texts_in(unknown, languages) if unknown else None


def _is_withheld(scenario: Scenario) -> bool:
    return all(_PSEUDONYM.fullmatch(text) for user in (scenario.first, scenario.second) for text in user.memories)
