"""What counts as a right answer of the engine that quotes: to the letter, where `bench answers` judges by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.rehearsal.responder import wording
from showcase.engines.rehearsal.responder.replies import COURTESY, GREETING, NOTHING_OF_THE_KIND

if TYPE_CHECKING:
    from showcase.bench.questions.questionnaire import Case


def quoted(case: Case, reply: str) -> frozenset[int]:
    """Return the facts that a reply holds, in the second person or as they were."""
    return frozenset(
        index for index, fact in enumerate(case.facts) if fact in reply or wording.second_person(fact) in reply
    )


def right(case: Case, reply: str) -> bool:
    """Tell whether a reply is an accepted answer."""
    if case.expect == "greeting":
        return reply == GREETING
    if case.expect == "courtesy":
        return reply == COURTESY
    if case.expect == "noted":
        return wording.second_person(case.ask) in reply and not quoted(case, reply)
    if not case.needs:
        return reply == NOTHING_OF_THE_KIND
    return case.needs <= quoted(case, reply) <= case.needs | case.may
