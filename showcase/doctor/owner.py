"""Whose the server is: nobody is told to end what is another user's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from showcase.evidence.addresses import serves
from showcase.witnesses import proc_net

if TYPE_CHECKING:
    from showcase.evidence import Endpoint

INSTEAD = "use one of your own: showcase run --start-ollama"


def other_user(endpoint: Endpoint) -> str | None:
    """Return which other user's a server is; None for one's own, for root, and where the system does not tell."""
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        return None
    rows = [row for row in proc_net.tcp() if row.listens and row.port == endpoint.port]
    uids = {row.uid for row in rows if serves(row.address, endpoint.address)}
    if not uids or os.geteuid() in uids:
        return None
    return f"user {_called(min(uids))}"


def _called(uid: int) -> str:
    import pwd  # noqa: PLC0415 - of systems with users alone

    try:
        return f"{pwd.getpwuid(uid).pw_name} (id {uid})"
    except KeyError:  # a container's, or one that a directory service knows
        return f"id {uid}"
