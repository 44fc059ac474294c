"""The matrix of leaks and witnesses, and where it is worse than documented."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.documents.resources import SOURCE
from showcase.errors import ShowcaseError, UsageError
from showcase.shell.advice import near
from showcase.witnesses.drill.catalogue import LEAKS, WITNESSES, Leak, Result
from showcase.witnesses.registry import can_look

if TYPE_CHECKING:
    from collections.abc import Sequence


_TIMEOUT_S = 300.0
_CAUGHT = ("caught", "prevented")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the witnesses made of one leak.

    Attributes:
        leak: The leak.
        results: Result by witness.
        obstacle: Why it was not planted, None where it was.
        broken: Whether it did not get where it should, under witnesses that let everything through.
    """

    leak: Leak
    results: dict[str, Result]
    obstacle: str | None
    broken: bool = False

    @property
    def worse(self) -> tuple[str, ...]:
        """Witnesses whose result is worse than documented. One that is unavailable is not worse: it says so."""
        if self.broken:
            return tuple(self.results)
        return tuple(
            name
            for name, result in self.results.items()
            if (result == "missed" and self.leak.expected[name] in _CAUGHT)
            or (result == "caught" and self.leak.expected[name] == "prevented")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A drill's outcome. `unavailable` has a reason for each witness that could not look."""

    rows: tuple[Row, ...]
    unavailable: dict[str, str]
    enclosed: bool

    @property
    def worse(self) -> tuple[str, ...]:
        """Every result that is worse than documented, as `leak: witness`."""
        return tuple(f"{row.leak.id}: {name}" for row in self.rows for name in row.worse)

    def document(self) -> dict[str, Any]:
        """Return the matrix as `--json` prints it."""
        return {
            "enclosed": self.enclosed,
            "unavailable": self.unavailable,
            "leaks": [
                {
                    "id": row.leak.id,
                    "description": row.leak.description,
                    "witnesses": row.results,
                    "expected": {name: row.leak.expected[name] for name in row.results},
                    "why": row.leak.why,
                    "obstacle": row.obstacle,
                    "broken": row.broken,
                }
                for row in self.rows
            ],
            "worse": list(self.worse),
        }


def drill(leaks: Sequence[str] | None = None, witnesses: Sequence[str] | None = None) -> Matrix:
    """Plant leaks and return what each witness made of them.

    Args:
        leaks: Ids of leaks, all where None.
        witnesses: Names of witnesses, all where None.

    Raises:
        UsageError: A name is not known.
        ShowcaseError: The drill could not be held.
    """
    known = {leak.id: leak for leak in LEAKS}
    chosen = tuple(known) if leaks is None else tuple(leaks)
    watching = WITNESSES if witnesses is None else tuple(witnesses)
    there = can_look(sys.platform)
    for name, names, told in (
        *((each, tuple(known), tuple(known)) for each in chosen),
        *((each, WITNESSES, there) for each in watching),
    ):
        if name not in names:
            raise UsageError(
                f"there is no {name!r} in a drill{near(name, told)}", hint=f"choose from: {', '.join(told)}"
            )
    order = json.dumps({"leaks": chosen, "witnesses": watching})
    command = [sys.executable, "-c", _START, str(SOURCE), order]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise ShowcaseError(
            f"the drill did not end within {_TIMEOUT_S:.0f} s", hint="try again: showcase drill"
        ) from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
        raise ShowcaseError(f"the drill could not be held: {last}", hint="see why: showcase --verbose drill")
    found = json.loads(done.stdout)
    rows = tuple(
        Row(leak=known[row["id"]], results=row["results"], obstacle=row["obstacle"], broken=row["broken"])
        for row in found["leaks"]
    )
    return Matrix(rows=rows, unavailable=found["unavailable"], enclosed=found["enclosed"])


_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from showcase.witnesses.drill.ground import main; main()"
"""The ground runs without the site's threads or hooks in the way: it must have one thread when it is enclosed."""
