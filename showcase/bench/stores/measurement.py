"""The benchmark: a store for each engine, reader and probe, made anew, used by fresh processes, and thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.bench.results.result import EngineUsed
from showcase.bench.stores import figures, told
from showcase.bench.stores.engines import ENGINES, READERS, SAID, Engine, Reader, engine_of
from showcase.bench.stores.program import RefusedError
from showcase.bench.stores.sample import Probed
from showcase.bench.stores.servers import UnavailableError
from showcase.bench.stores.stage import Stage
from showcase.documents.leftovers import temporary
from showcase.engines.everyday import Opened
from showcase.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from showcase.bench.results.result import Scalar, Section

FOREIGN = (1_000, 30_000)
QUICK_FOREIGN = (100,)
WRITERS = 4
EACH = 150
QUICK_EACH = 10
QUICK_NAMES = ("chroma", "postgresql")
LOOK_S = 5.0
QUICK_LOOK_S = 1.0
FILL_S = 300.0
"""Seconds that storing the rows of others may take."""

PROBES = ("apart", "odd", "open reader", "writers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """`showcase bench stores`; fulfils `bench.results.interface.Measurement`.

    Attributes:
        server: The model server that embeds.
        engine: The same, as a result tells it.
        names: Which stores, by their names.
        foreign: Rows of others, a store each.
        each: Rows that each of the writers stores.
        look_s: For how long a reader waits for a write to be seen.

    Raises:
        UsageError: A store is not known, or a number is there twice.
    """

    server: Opened
    engine: EngineUsed | None
    names: tuple[str, ...] = tuple(each.name for each in ENGINES)
    foreign: tuple[int, ...] = FOREIGN
    each: int = EACH
    look_s: float = LOOK_S

    def __post_init__(self) -> None:
        check(self.names, self.foreign)

    @property
    def bench(self) -> str:
        """Its name."""
        return "stores"

    @property
    def question(self) -> str:
        """What it settles."""
        return "What does each store that mem0 can use keep apart, show, lose, forget and cost?"

    @property
    def sample(self) -> type[Probed]:
        """What a step gives."""
        return Probed

    @property
    def arms(self) -> Mapping[str, str]:
        """What is compared."""
        return {each.name: each.said for each in self._engines()} | {f"by {name}": SAID[name] for name in READERS}

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """All that decides what a sample is."""
        return {
            "stores": ",".join(self.names),
            "foreign": ",".join(map(str, self.foreign)),
            "own": told.OWN,
            "writers": WRITERS,
            "each": self.each,
            "look_s": self.look_s,
            "fill_s": FILL_S,
            "seed": told.SEED,
            "embed_model": self.server.embed_model.name,
            "dimensions": self.server.embed_model.dimensions,
        }

    @property
    def temperature(self) -> tuple[str, ...]:
        """What is cold and what is warm."""
        return (
            "Each step has a store and a server of its own, made anew, and each process in it is a fresh one.",
            "The first search of a process is told by itself; of all adds, the first among them, the median is told.",
        )

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """What the figures say nothing about."""
        return (
            (
                "How a server does on another machine, over a network, or with the settings of somebody who runs it "
                "for many: each is as its package starts it, but for a password where it knows one, and Redis with "
                "the append-only file that whoever must not lose a row switches on."
            ),
            "Qdrant and Milvus as servers: what runs in one's own process here is another program than they are.",
            (
                "How near your users' memories lie to each other: here everybody tells of the same twenty things, "
                "which is hard on an index that picks first and filters then."
            ),
            "What a device keeps below the file system: blocks that were moved, snapshots, backups.",
        )

    def steps(self) -> tuple[str, ...]:
        """Return a step for each probe, store and reader: stores in turn, the probes that take long last."""
        readers: list[tuple[Engine, Reader]] = [(each, who) for each in self._engines() for who in each.readers]
        late = sorted(readers, key=lambda each: READERS.index(each[1]))  # what takes long: first what people run
        names = [
            *(f"needs/{each.name}/{each.readers[0]}" for each in self._engines()),
            *(f"{probe}/{each.name}/{who}" for probe in PROBES for each, who in readers),
            *(f"left/{each.name}/mem0" for each in self._engines() if "mem0" in each.readers),
            *(f"cost {rows}/{each.name}/{who}" for rows in sorted(self.foreign) for each, who in late),
        ]
        return tuple(names)

    def warm_up(self) -> None:
        """Do nothing: each step has processes of its own."""

    def take(self, step: str, *, doing: Callable[[str], None]) -> Probed:
        """Play one step; a store that cannot be had, or a probe that saw nothing, is a sample that says why."""
        probe, name, by = step.split("/")
        engine = engine_of(name)
        reader: Reader = "mem0" if by == "mem0" else "ours"
        if engine.lacking:
            return Probed(engine=name, reader=reader, skipped=engine.lacking)
        try:
            seen = self._played(probe, engine, reader, doing)
        except UnavailableError as error:
            return Probed(engine=name, reader=reader, skipped=str(error))
        except (RefusedError, RuntimeError) as error:
            return Probed(engine=name, reader=reader, why=str(error))
        return Probed(engine=name, reader=reader, **seen)

    def _played(self, probe: str, engine: Engine, reader: Reader, doing: Callable[[str], None]) -> dict[str, Any]:
        """Play a probe in a store made anew; the one that is long by one process where fresh ones are refused."""
        at_once = ""
        while True:
            with temporary("showcase-bench-") as directory:
                stage = Stage(engine, reader, directory, self.server, doing)
                try:
                    with stage.set():
                        return self._seen(probe, stage, at_once)
                except (RefusedError, RuntimeError) as error:
                    said = _told(error, directory)
                    if at_once or not probe.startswith("cost "):
                        raise RefusedError(at_once or said) from error
                    at_once = said

    def _seen(self, probe: str, stage: Stage, at_once: str) -> dict[str, Any]:
        from showcase.bench.stores import costs, leaving, needing, people  # noqa: PLC0415 - heavy

        kind, _, rows = probe.partition(" ")
        match kind:
            case "needs":
                return {"needs": needing.needs(stage)}
            case "apart":
                return {"apart": people.apart(stage)}
            case "odd":
                return {"odd": people.odd(stage)}
            case "open":
                return {"open_reader": people.open_reader(stage, limit_s=self.look_s)}
            case "writers":
                return {"writers": people.writers(stage, count=WRITERS, each=self.each)}
            case "left":
                return {"left": leaving.left(stage)}
            case _:
                pass
        return {"cost": costs.cost(stage, int(rows), limit_s=FILL_S, at_once=at_once)}

    def sections(self, samples: Mapping[str, Probed]) -> tuple[Section, ...]:
        """Return the figures."""
        return figures.sections({step: samples[step] for step in self.steps() if step in samples})

    def _engines(self) -> tuple[Engine, ...]:
        return tuple(each for each in ENGINES if each.name in self.names)


def check(names: tuple[str, ...], foreign: tuple[int, ...]) -> None:
    """Refuse what cannot be measured.

    Raises:
        UsageError: See `Stores`.
    """
    known = [each.name for each in ENGINES]
    strange = [name for name in names if name not in known]
    if strange or not names:
        raise UsageError(f"there is no store {(strange or [''])[0][:80]!r}", hint=f"known are: {', '.join(known)}")
    if len(set(foreign)) != len(foreign) or len(set(names)) != len(names):
        raise UsageError("a store or a number of rows is there twice", hint="--foreign 1000,30000")


def _told(error: Exception, directory: Path) -> str:
    return " ".join(str(error).replace(str(directory), "…").split())[:400]
