"""What a limit is: a sentence that is always so for its claim or witness, or one that this run's facts call for.

Each sentence says which it is where it is written, in `witnesses/unseen.py` and `claims/limits.py`. The run log holds
the sentences alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from showcase.evidence.fact import LEVELS, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class General:
    """A sentence that the code adds whatever a run's facts are, for a witness that counts or for a claim.

    Attributes:
        text: Of a claim the limit itself, of a witness what it does not see.
        witness: Whose blind spot it is, None for a limit of claims.
        claims: Ids of the claims that have it.
        levels: Those of the verdicts that have it.
        where: For which kind of run or server it is said, empty where for every one.
    """

    text: str
    witness: str | None = None
    claims: tuple[str, ...] = ()
    levels: tuple[Level, ...] = LEVELS
    where: str = ""

    @property
    def sentence(self) -> str:
        """As a verdict has it."""
        return self.text if self.witness is None else spot(self.witness, self.text)


@dataclass(frozen=True, slots=True)
class Particular:
    """A sentence that is said because of what is in the log; `template` as `str.format` takes it."""

    template: str

    def of(self, **parts: object) -> str:
        """Return the sentence with these parts in it."""
        return self.template.format(**parts)

    def says(self, text: str) -> bool:
        """Return whether a text is this sentence, with whatever parts."""
        return _pattern(self.template).fullmatch(text) is not None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    fixed = re.split(r"\{\w+\}", template)
    return re.compile("(.+)".join(map(re.escape, fixed)), re.DOTALL)


def spot(witness: str, what: str) -> str:
    """Return the limit that a blind spot of a witness is."""
    return f"{witness} does not see {what}"
