"""What every fact has in common, and the words that verdicts are made of."""

from __future__ import annotations

from typing import ClassVar, Literal

Status = Literal["upheld", "broken", "inconclusive"]
Level = Literal["enforced", "recorded", "sampled", "self-reported"]

LEVELS: tuple[Level, ...] = ("enforced", "recorded", "sampled", "self-reported")
"""Strongest first.

enforced: a violation could not have happened, the kernel refused it. recorded: every event of the kind was
written down as it happened. sampled: looked at in intervals. self-reported: the party that is judged says so.
"""


class Fact:
    """Base of every fact: strict types, and no field that the reader does not know."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, object]] = {"strict": True, "extra": "forbid", "allow_inf_nan": False}
