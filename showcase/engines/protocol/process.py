"""How a process of an engine ends: by a signal with success, by an error with its words."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def run(serve: Callable[[], None]) -> int:
    """Serve, and return the exit status."""
    signal.signal(signal.SIGTERM, _end)
    try:
        serve()
    except ShowcaseError as failure:
        sys.stderr.write(f"error: {failure.message}\nhint: {failure.hint}\n")
        return int(failure.exit_code)
    except KeyboardInterrupt:
        return 0
    return 0


def _end(_: int, __: FrameType | None) -> None:
    """Ends with success while the libraries load; from then on the server takes the signal."""
    sys.exit(0)
