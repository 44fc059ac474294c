"""Whether a store was asked with and without what a process had planted in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.labs.workspace import NothingToSeeError, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Session
    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Logged, Workspace


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what the logs of all phases, the process table and the store say."""
    logs = workspace.logs("run")
    first = next((one for log in logs if (one := session(log, 1)) is not None and one.planted), None)
    if first is None:
        raise NothingToSeeError("no log has a session 1 that planted anything")
    planted = {row.memory_id for row in first.planted}
    yield judged("planted", f"{len(planted)} memories, by process {first.pid}", holds=not workspace.lives(first))
    asked = [(log, one) for log in logs if (one := session(log, 2)) is not None and one.recalled is not None]
    if not asked:
        raise NothingToSeeError("session 2 never asked")
    with_it = [
        at for at, (log, one) in enumerate(asked) if log.status("persistence") == "upheld" and one.pid != first.pid
    ]
    counts = ", then ".join(str(len(one.recalled or ())) for _, one in asked)
    yield judged("remembered", f"session 2 recalled {counts}", holds=bool(with_it))
    left = planted & {row.id for row in workspace.rows("run")}
    yield judged("emptied", f"{len(left)} of the {len(planted)} are in the store", holds=not left)
    log, last = asked[-1]
    yield judged(
        "forgotten",
        f"the last time session 2 recalled {len(last.recalled or ())}, and persistence is {log.status('persistence')}",
        holds=bool(with_it)
        and with_it[-1] < len(asked) - 1
        and not last.recalled
        and log.status("persistence") == "broken",
    )


def session(log: Logged, number: int) -> Session | None:
    """Return a session of a log, None where it has none."""
    return next((each for each in log.run.sessions if each.number == number), None)
