"""Whether the participant's script keeps apart users that it did not know, and refuses what is no user."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from showcase.labs.workspace import judged, listed, met, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Workspace

SCRIPT = "read_as.py"
FIRST, SECOND = "carol-7", "dan@example.org"
NOBODY = ("*", " *", "*\t", f"{SECOND}*")
"""Everybody, twice more after mem0 has trimmed it, and what becomes somebody's id when it is repaired."""


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what lies in the participant's store, and what their script does with one of our own."""
    users = {row.user for row in workspace.rows("store") if row.user and "*" not in row.user}
    words = re.findall(r"[^\s,;&]+", workspace.finding("whose").casefold())
    said = {word.removesuffix("'s") for word in words} - {"and"}
    yield judged(
        "seen",
        f"the store has rows of {listed(sorted(users))}; you said {listed(sorted(said))}",
        holds=len(said) > 1 and said <= {user.casefold() for user in users},  # more may have been added since
    )
    yield from _served(workspace)


def _served(workspace: Workspace) -> Iterator[Check]:
    """Ask the script as two users, and between them as nobody."""
    mine, other, nobodys = (f"My locker has the number {secrets.randbelow(10**9):09}." for _ in range(3))
    requests = [
        f"{FIRST}: {mine}",
        f"{SECOND}: {other}",
        *(f"{user}: {nobodys}" for user in NOBODY),
        FIRST,
        *NOBODY,
        SECOND,
    ]
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        typed = "".join(f"{request}\n" for request in requests)
        ran = workspace.run(SCRIPT, directory, engine=True, typed=typed, timeout_s=30)
        got = [ran.out.count(text) for text in (mine, other)]
        served = f"two users' rows came {got[0]} and {got[1]} times"
        if min(got) == 0:
            yield unmet("honest", f"{served}: {ran.end}")
            return
        yield met("honest", served)
        kept = [row for row in workspace.rows(str(Path(directory))) if row.text == nobodys]
    more = sum(got) - len(got)
    yield judged(
        "refused",
        f"{len(NOBODY)} ids that are nobody's were given {more} rows, and {len(kept)} were kept for them",
        holds=more == 0 and not kept,
    )
