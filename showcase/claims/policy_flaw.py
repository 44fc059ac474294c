"""Whether a run's policy is one that a run may have; that of an audit is its user's business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.evidence.addresses import numeric

if TYPE_CHECKING:
    from showcase.evidence import Run


def policy_flaw(run: Run) -> str | None:
    """Return what a run's policy allows beyond the model server on loopback, None where nothing.

    An audit may allow anything. A phase that a person started by itself may have found another server.
    """
    if run.command is not None:
        return None
    allowed = run.policy.allowed
    if run.policy.rules:
        return f"the policy has the rule {run.policy.rules[0]}, and a run's has none"
    if run.engine is None or run.engine.endpoint not in allowed:
        return "the policy does not allow the model server that was used"
    if len(allowed) > max(1, len(run.phases)):
        return "the policy allows more than the model server"
    for endpoint in allowed:
        address = numeric(endpoint.address)
        if address is None or not address.is_loopback or not 0 < endpoint.port < 1 << 16:
            return f"the policy allows {endpoint}, which is no port of this machine"
    return None
