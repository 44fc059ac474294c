"""All claims over one run, and what the verdicts mean for the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.consistency import contradiction, contradiction_of
from showcase.claims.contacts import unwatched
from showcase.claims.context import Context
from showcase.claims.daemon import DaemonStaysLocal
from showcase.claims.egress import Egress
from showcase.claims.engine_local import EngineLocal
from showcase.claims.erasure import Erasure
from showcase.claims.interface import inconclusive
from showcase.claims.isolation import Isolation
from showcase.claims.persistence import Persistence
from showcase.claims.processes import Processes
from showcase.claims.store_server import server_of
from showcase.claims.telemetry import Telemetry
from showcase.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.claims.interface import Claim
    from showcase.evidence import Run, Verdict

CLAIMS: tuple[Claim, ...] = (
    Processes(),
    Persistence(),
    Isolation(),
    Egress(),
    EngineLocal(),
    Telemetry(),
    Context(),
    DaemonStaysLocal(),
    Erasure(),
)
"""In the order of the report. A new claim is a new file and a line here."""


OF_AN_AUDIT = frozenset({"egress", "daemon"})
"""Claims about any command; the others are about sessions that remember."""


def claims_of(run: Run) -> tuple[Claim, ...]:
    """Return the claims that this kind of log is there to answer."""
    return tuple(
        claim
        for claim in CLAIMS
        if (run.command is None or claim.id in OF_AN_AUDIT)
        and (claim.id != "daemon" or _has_daemon(run))
        and (claim.id != "erasure" or run.options.forget is not None)
    )


def _has_daemon(run: Run) -> bool:
    """Return whether there is a server to judge. An audit may have had none; the rehearsal engine is none.

    The embedded engine is no daemon either; that a language model of the run reached nobody is what is asked.
    """
    return bool(run.daemons or unwatched(run) or server_of(run)) or (
        run.command is None and run.engine is not None and run.engine.kind != "rehearsal"
    )


def judge(run: Run) -> tuple[Verdict, ...]:
    """Return one verdict for each claim, from the log alone; stored verdicts are not looked at.

    What would be upheld is inconclusive where the log contradicts itself. What is broken stays so: evidence of a
    violation is not washed away by a contradiction elsewhere.
    """
    shared = contradiction(run)
    return tuple(_held(claim, claim.judge(run), run, shared) for claim in claims_of(run))


def _held(claim: Claim, verdict: Verdict, run: Run, shared: str | None) -> Verdict:
    if verdict.status != "upheld":
        return verdict
    found = shared or contradiction_of(run, claim.id)
    if found is None:
        return verdict
    reason = f"the log contradicts itself: {found}"
    return inconclusive(claim, reason, evidence=verdict.evidence, limits=verdict.limits)


def exit_code(verdicts: Sequence[Verdict]) -> ExitCode:
    """Return the exit status that the verdicts call for; no verdict at all is inconclusive."""
    states = {verdict.status for verdict in verdicts}
    if "broken" in states:
        return ExitCode.BROKEN
    if not states or "inconclusive" in states:
        return ExitCode.INCONCLUSIVE
    return ExitCode.UPHELD
