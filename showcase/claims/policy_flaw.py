"""Whether a run's policy is one that a run may have; that of an audit is its user's business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.store_server import is_at, rule_for, server_of
from showcase.evidence.addresses import numeric

if TYPE_CHECKING:
    from showcase.evidence import Run


def policy_flaw(run: Run) -> str | None:
    """Return what a run's policy allows beyond its model server on loopback and the server of its store, None: nothing.

    An audit may allow anything. A phase that a person started by itself may have found another server.
    """
    if run.command is not None:
        return None
    rule = None if run.store is None else rule_for(run.store)
    strange = next((each for each in run.policy.rules if each != rule), None)
    if strange is not None:
        return f"the policy has the rule {strange}, and a run has none but for a store beyond this machine"
    if len(run.policy.rules) > 1 or (rule is not None and not run.policy.rules):
        return "the policy has not one rule for the store beyond this machine"
    allowed = run.policy.allowed
    if run.engine is None or run.engine.endpoint not in allowed:
        return "the policy does not allow the model server that was used"
    servers = [each for each in allowed if not is_at(each, run.store)]
    if len(servers) > max(1, len(run.phases)) or len(allowed) - len(servers) > 1:
        return "the policy allows more than the model server" + (" and the store's" if server_of(run) else "")
    for endpoint in allowed:
        address = numeric(endpoint.address)
        if address is None or not address.is_loopback or not 0 < endpoint.port < 1 << 16:
            return f"the policy allows {endpoint}, which is no port of this machine"
    return None
