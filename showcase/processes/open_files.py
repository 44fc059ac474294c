"""How many files a process may have open here: sockets count, and a seal hands over many of them at once."""

from __future__ import annotations

import sys

from showcase.errors import ShowcaseError
from showcase.shell import here

OF_A_RUN = 192
"""A sealed server is reached by a door of 64 sockets that were made inside; the rest is what a run was seen to use
itself, twice."""

OF_A_SINK = 192
"""The 96 sockets of a sink, likewise."""

OF_A_SEAL = 48
OF_A_WATCH = 32
"""What a supervisor was seen to use, twice: each call that waits takes one more."""


def limits() -> tuple[int, int] | None:
    """Return how many files a process may open, and how many it may let itself; None where there is no such limit."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - a module of Unix

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    infinite = resource.RLIM_INFINITY
    return (sys.maxsize if soft == infinite else soft), (sys.maxsize if hard == infinite else hard)


def flaw(needed: int) -> tuple[str, str] | None:
    """Return that too few files may be open, and the command that allows more; None where they are enough."""
    found = limits()
    if found is None or found[0] >= needed:
        return None
    soft, hard = found
    said = f"a process may have {soft} files open here, and {needed} are needed"
    if hard >= needed:
        return said, f"{here().allow_open_files(needed, raised=False)}; then the same command"
    return (
        said,
        f"raise the hard limit, which is {hard}: {here().allow_open_files(needed, raised=True)}; then the same command",
    )


def check(needed: int) -> None:
    """Refuse to begin what would fail halfway.

    Raises:
        ShowcaseError: Too few files may be open.
    """
    found = flaw(needed)
    if found is not None:
        raise ShowcaseError(found[0], hint=found[1])
