"""The benchmark: a store an arm and a size, filled and asked by processes of their own, and thrown away."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.bench.scale import figures
from showcase.bench.scale.arms import ARMS, SAID
from showcase.bench.scale.rows import DIMENSIONS, DIRECTIONS, SEED, TOPICS
from showcase.bench.scale.sample import Scaled
from showcase.bench.scale.worker import ASKING, BULK, NEAREST, SINGLES
from showcase.documents.leftovers import temporary
from showcase.errors import ShowcaseError, UsageError
from showcase.processes.environment import build

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from showcase.bench.results.result import EngineUsed, Scalar, Section

ROWS = (1_000, 10_000, 100_000)
USERS = (10, 100, 1_000)
QUICK_ROWS = (1_000, 2_000)
QUICK_USERS = (10,)
QUERIES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """`showcase bench scale`; fulfils `bench.results.interface.Measurement`.

    Attributes:
        rows: Sizes of stores.
        users: Over how many users the rows are spread; a size and a number of users make no store where a user would
            have fewer rows than are asked for.
        queries: How many warm queries are timed in each store.

    Raises:
        UsageError: No user would have enough rows, or a number is there twice.
    """

    rows: tuple[int, ...] = ROWS
    users: tuple[int, ...] = USERS
    queries: int = QUERIES

    def __post_init__(self) -> None:
        if len(set(self.rows)) != len(self.rows) or len(set(self.users)) != len(self.users):
            raise UsageError("a number is there twice", hint="--rows 1000,10000 --users 10,100")
        if not self._stores():
            raise UsageError(
                f"no user would have {NEAREST} rows, which is how many each query asks for",
                hint="--rows 1000,10000 --users 10,100",
            )

    @property
    def bench(self) -> str:
        """Its name."""
        return "scale"

    @property
    def question(self) -> str:
        """What it settles."""
        return "What do storing, a query, the disk and the memory cost as a store grows, by how it is laid out?"

    @property
    def sample(self) -> type[Scaled]:
        """What a step gives."""
        return Scaled

    @property
    def arms(self) -> Mapping[str, str]:
        """What is compared."""
        return SAID

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """All that decides what a sample is."""
        return {
            "rows": ",".join(map(str, self.rows)),
            "users": ",".join(map(str, self.users)),
            "queries": self.queries,
            "nearest": NEAREST,
            "bulk": BULK,
            "singles": SINGLES,
            "users_that_ask": ASKING,
            "dimensions": DIMENSIONS,
            "topics": TOPICS,
            "directions_in_a_topic": DIRECTIONS,
            "seed": SEED,
        }

    @property
    def engine(self) -> EngineUsed | None:
        """No model server takes part: the vectors are made by a seed."""
        return None

    @property
    def temperature(self) -> tuple[str, ...]:
        """What is cold and what is warm."""
        return (
            (
                "Each store is filled by one process and asked by another. The first query is cold to that process, "
                "with the opening of the store; libraries are imported before. The system has the files in its memory."
            ),
            "Each user that asks asks once before warm queries are timed: with a collection a user that opens it.",
        )

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """What the figures say nothing about."""
        return (
            (
                "How well a model's vectors tell texts apart: these are made by a seed, in clusters, so recall here is "
                "that of the index against exact search, not that of a memory."
            ),
            "What deleting, updating, or several programs at once cost.",
            f"What the memory is with more than {ASKING} users asking, where each has a collection of its own.",
            "What a store costs that is larger than the largest of these: that is calculated, and called so.",
        )

    def steps(self) -> tuple[str, ...]:
        """Return a step for each arm and store: smaller stores first, arms in turn."""
        return tuple(f"{arm}/{rows}/{users}" for rows, users in self._stores() for arm in ARMS)

    def warm_up(self) -> None:
        """Do nothing: each step has processes of its own."""

    def take(self, step: str, *, doing: Callable[[str], None]) -> Scaled:
        """Fill a store, ask it, and throw it away.

        Raises:
            ShowcaseError: A process failed.
        """
        arm, rows, users = step.split("/")
        with temporary("showcase-bench-") as place:
            directory = place / "store"
            directory.mkdir()
            order = {"arm": arm, "rows": int(rows), "users": int(users), "queries": self.queries}
            order["directory"] = str(directory)
            filled = _played("fill", order, place, doing)
            doing("asking")
            asked = _played("ask", order, place, doing)
            disk = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
        own = int(rows) // int(users)
        return Scaled(
            arm=arm,
            rows=int(rows),
            users=int(users),
            own=own,
            bulk_s=filled["bulk_s"],
            bulked=filled["bulked"],
            single_ms=tuple(filled["single_ms"]),
            first_ms=asked["first_ms"],
            opening_ms=asked["opening_ms"],
            query_ms=tuple(asked["query_ms"]),
            recall=tuple(asked["recall"]),
            returned=asked["returned"],
            foreign=asked["foreign"],
            disk_bytes=disk,
            memory_bytes=asked["memory_after"],
            imported_bytes=asked["memory_before"],
        )

    def sections(self, samples: Mapping[str, Scaled]) -> tuple[Section, ...]:
        """Return the figures."""
        return figures.sections([samples[step] for step in self.steps() if step in samples])

    def _stores(self) -> list[tuple[int, int]]:
        return [
            (rows, users)
            for rows in sorted(self.rows)
            for users in sorted(self.users)
            if users and rows // users >= NEAREST
        ]


def _played(part: str, order: Mapping[str, Any], place: Path, doing: Callable[[str], None]) -> dict[str, Any]:
    """Let a worker do its part, and return its result."""
    home = place / "home"
    home.mkdir(exist_ok=True)
    environment, _ = build(mem0_home=home)
    command = [sys.executable, "-m", "showcase.bench.scale.worker", part, json.dumps(order)]
    found: dict[str, Any] | None = None
    with (
        (place / "errors").open("w+", encoding="utf-8", errors="replace") as errors,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            env=environment,
            cwd=home,
        ) as child,
    ):
        try:
            for line in child.stdout or ():
                said = json.loads(line)
                found = said.get("result", found)
                if "doing" in said:
                    doing(said["doing"])
            child.wait()
        except BaseException:
            child.kill()
            raise
        errors.seek(0)
        last = errors.read().strip().splitlines()[-1:] or ["no reason given"]
    if child.returncode or found is None:
        raise ShowcaseError(
            f"the {part} of {order['arm']} with {order['rows']:,} rows failed: {last[0]}",
            hint="see whether a smaller store can be made here: showcase bench scale --quick",
        )
    return found
