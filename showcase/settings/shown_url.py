"""A URL to show to people, without what may be a password in it."""

from __future__ import annotations

import re

SECRETS = re.compile(r"(password|passwd|passfile|secret|token|key)=[^&]*", re.IGNORECASE)
"""What a part of a query is called that no URL may hold here."""

_LONGEST = 200
"""What fits into a line or two."""


def shown(text: str) -> str:
    """Return a URL as it was typed, in quotation marks, without what may be a secret in it."""
    # Up to the last @: a password may hold one itself, and what ends a host as well.
    hidden = re.sub(r"^([^:]*:/*).*@", r"\1…@", text, flags=re.DOTALL)
    hidden = SECRETS.sub(r"\1=…", hidden)
    return repr(hidden if len(hidden) <= _LONGEST else f"{hidden[:_LONGEST]}…")
