"""What a tool of the system answers, which is asked for what no file of the system tells."""

from __future__ import annotations

import shutil
import subprocess

LIMIT_S = 5.0


def answer(program: str, *arguments: str) -> str | None:
    """Return what a tool prints; None where there is none, it fails, or takes longer than `LIMIT_S`."""
    found = shutil.which(program)
    if found is None:
        return None
    try:
        done = subprocess.run(
            [found, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip()
