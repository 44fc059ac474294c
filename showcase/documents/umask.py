"""A umask that takes from this program what it makes for itself: then nothing works, and everything else is blamed."""

from __future__ import annotations

import os
import stat

from showcase.errors import ShowcaseError


def obstacle() -> ShowcaseError | None:
    """Return why nothing that is made here could be used by who made it, None where it could.

    The umask is not changed instead: a command that is audited would inherit another one than the user's.
    """
    if os.name == "nt":
        return None
    mask = os.umask(0o077)
    os.umask(mask)  # it can be read in no other way
    if not mask & stat.S_IRWXU:
        return None
    return ShowcaseError(
        f"the umask {mask:04o} takes the rights to new files from their own owner, and so from this program",
        hint="umask 077; then the same command again",
    )
