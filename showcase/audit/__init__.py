"""`showcase audit`: any command under every witness that works here, judged by the same claims.

`request` says what is asked, `rules` what is allowed, `conduct` runs it and writes the log's facts; `foreground`
keeps the command in its terminal, `injected` carries the hook into Python children, `account` tells people.
"""

from __future__ import annotations

from showcase.audit.conduct import audit
from showcase.audit.request import Request

__all__ = ["Request", "audit"]
