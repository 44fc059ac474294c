"""What each claim is worth for a sentence in plain words: its stored verdict, where the log gives the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims import judge
from showcase.claims.limits import COME_IN
from showcase.evidence import LEVELS

if TYPE_CHECKING:
    from showcase.evidence import Level, Run, Status, Verdict


class Standing:
    """The claims of one run.

    A verdict that the log does not give states nothing: then what the log shows to be broken is broken, and everything
    else is open.

    Attributes:
        open_to_others: Whether other programs of this machine could come in, and be told what no witness sees.
    """

    def __init__(self, run: Run) -> None:
        stored = {verdict.id: verdict for verdict in run.claims}
        self._verdicts: dict[str, tuple[Status, Level | None]] = {}
        self.open_to_others = False
        for given in judge(run):
            self.open_to_others |= any(limit.startswith(COME_IN) for limit in given.limits)
            self._verdicts[given.id] = _together(stored.get(given.id), given)

    def status(self, claim: str) -> Status:
        """Return the status of a claim; one that nobody judged is open."""
        return self._verdicts.get(claim, ("inconclusive", None))[0]

    def judged(self, claim: str) -> bool:
        """Return whether a log of this kind is there to answer the claim."""
        return claim in self._verdicts

    def upheld(self, *claims: str) -> bool:
        """Return whether all of the claims are upheld."""
        return all(self.status(claim) == "upheld" for claim in claims)

    def level(self, *claims: str) -> Level:
        """Return the weakest level of the claims, those that have none aside."""
        found = [level for claim in claims if (level := self._verdicts.get(claim, ("", None))[1]) is not None]
        return max(found, key=LEVELS.index, default="self-reported")


def _together(stored: Verdict | None, given: Verdict) -> tuple[Status, Level | None]:
    if stored is not None and (stored.status, stored.level) == (given.status, given.level):
        return given.status, given.level
    return ("broken", given.level) if given.status == "broken" else ("inconclusive", None)
