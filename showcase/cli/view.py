"""Which view of a run fits where it is shown."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.progress import Progress


def progress_for(*, plain: bool) -> Progress:
    """Return the live view where stderr is a terminal that can carry it, else plain lines.

    Plain with `--plain`, `NO_COLOR` (no-color.org: set and not empty) or `TERM=dumb`.
    """
    if plain or not is_capable():
        from showcase.cli.plain import PlainProgress  # noqa: PLC0415 - one of the two

        return PlainProgress()
    from showcase.cli.live import LiveProgress  # noqa: PLC0415 - rich takes a tenth of a second

    return LiveProgress()


def is_capable() -> bool:
    """Tell whether stderr is a terminal on which lines may be drawn again."""
    if os.environ.get("NO_COLOR") or not sys.stderr.isatty():
        return False
    return sys.platform == "win32" or os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")
