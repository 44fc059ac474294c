"""The benchmark: each way of deleting in a copy of a store of its own, and each part of our erasing by the clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.bench.erasure import figures, scaling, stores, tools
from showcase.bench.erasure.left import Copied, Left
from showcase.bench.erasure.scaling import Scale
from showcase.bench.erasure.ways import ways
from showcase.bench.results.result import EngineUsed
from showcase.engines.everyday import Opened
from showcase.errors import UsageError
from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from showcase.bench.results.result import Scalar, Section

ROWS = (50, 2000)
QUICK_ROWS = (50,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Fact):
    """What one step gives: one of the two."""

    left: Left | None = None
    scale: Scale | None = None


@dataclass(slots=True, kw_only=True)
class Erasure:
    """`showcase bench erasure`; fulfils `bench.results.interface.Measurement`.

    Attributes:
        directory: Where stores are made; empty, and taken away by whoever made it.
        server: The model server that mem0 is opened with; no deletion asks it.
        engine: The same, as a result tells it.
        rows: Sizes of the stores that each way deletes from.
        sizes: Sizes of the stores that ours erases a tenth of, part by part.

    Raises:
        UsageError: A size is there twice, or too small.
    """

    directory: Path
    server: Opened
    engine: EngineUsed | None
    rows: tuple[int, ...] = ROWS
    sizes: tuple[int, ...] = ()
    _copied: tuple[int, Copied] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        check(self.rows, self.sizes)

    @property
    def bench(self) -> str:
        """Its name."""
        return "erasure"

    @property
    def question(self) -> str:
        """What it settles."""
        return "What of deleted memories stays in which files after each way of deleting, and how long does each take?"

    @property
    def sample(self) -> type[Erased]:
        """What a step gives."""
        return Erased

    @property
    def arms(self) -> Mapping[str, str]:
        """What is compared."""
        said = {
            "nothing deleted": "what there is to be found",
            "ours, one memory": "`memories forget` of one id",
            "ours, all of a user": "`memories forget` of all",
        }
        reach = {"one": "one memory is to be gone", "user": "all of a user's are to be gone"}
        return {way.name: said.get(way.name, reach[way.scope]) for way in ways()}

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """All that decides what a sample is."""
        return {
            "rows": ",".join(map(str, self.rows)),
            "scaling": ",".join(map(str, self.sizes)),
            "seed": stores.SEED,
            "embed_model": self.server.embed_model.name,
            "dimensions": self.server.embed_model.dimensions,
        }

    @property
    def temperature(self) -> tuple[str, ...]:
        """What is cold and what is warm."""
        return (
            "Each way works on a fresh copy of a store, whose files the system has in its memory.",
            "Times are without opening a store where it has to be open; the first way after a start imports libraries.",
        )

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """What the figures say nothing about."""
        return (
            "What a device keeps below the file system: blocks that were moved, snapshots, backups.",
            "What other forms of a text hold, such as a paraphrase.",
            "How a time varies: each is of one deletion.",
        )

    def steps(self) -> tuple[str, ...]:
        """Return a step for each way and size, and one for each size that is erased part by part."""
        left = [f"left/{rows}/{way.name}" for rows in self.rows for way in ways()]
        return (*left, *(f"scaling/{rows}" for rows in self.sizes))

    def warm_up(self) -> None:
        """Do nothing: a store is made when the first way needs it."""

    def take(self, step: str, *, doing: Callable[[str], None]) -> Erased:
        """Delete in one way, and look."""
        kind, count, *name = step.split("/")
        rows = int(count)
        with stores.own_temporary(self.directory / "temporary"):
            if kind == "scaling":
                doing("erasing")
                return Erased(scale=scaling.erased(self.directory / f"scaling-{rows}", rows, self.server.embed_model))
            way = next(each for each in ways() if each.name == name[0])
            if self._copied is None or self._copied[0] != rows:
                doing("making a store")
                tools.remove(self.directory / "store")
                self._copied = rows, Copied(self.directory / "store", rows, self.server)
            doing("deleting, and looking through every byte")
            return Erased(left=self._copied[1].left(way))

    def sections(self, samples: Mapping[str, Erased]) -> tuple[Section, ...]:
        """Return the figures."""
        there = [samples[step] for step in self.steps() if step in samples]
        return figures.sections(
            [each.left for each in there if each.left is not None],
            [each.scale for each in there if each.scale is not None],
        )


def check(rows: tuple[int, ...], sizes: tuple[int, ...]) -> None:
    """Refuse what cannot be measured.

    Raises:
        UsageError: See `Erasure`.
    """
    if len(set(rows)) != len(rows) or len(set(sizes)) != len(sizes):
        raise UsageError("a number of rows is there twice", hint="--rows 50 --rows 2000")
    if sizes and min(sizes) < scaling.SHARE:
        raise UsageError(f"of fewer than {scaling.SHARE} rows there is no tenth", hint="--scaling 100,1000,10000")
