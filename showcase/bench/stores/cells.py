"""The samples of one store and one reader together, and the cells that say why there is no figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from showcase.bench.results.result import SKIPPED, Cell
from showcase.bench.stores.engines import ENGINES, READERS, Reader
from showcase.bench.stores.sample import Probed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

F = TypeVar("F")


@dataclass(slots=True, kw_only=True)
class Group:
    """All samples of one store by one reader.

    Attributes:
        engine: Which store.
        reader: By whom.
        probes: By the names of the probes.
        costs: By the rows of others that were planned.
    """

    engine: str
    reader: Reader
    probes: dict[str, Probed] = field(default_factory=dict)
    costs: dict[int, Probed] = field(default_factory=dict)

    @property
    def by(self) -> str:
        """The group of its rows in a table."""
        return f"by {self.reader}"

    @property
    def skipped(self) -> str:
        """Why the store could not be had; empty where it could."""
        return next((each.skipped for each in (*self.probes.values(), *self.costs.values()) if each.skipped), "")


def grouped(samples: Mapping[str, Probed]) -> list[Group]:
    """Return the samples by reader and store, in the order of the lists of both."""
    found: dict[tuple[str, str], Group] = {}
    for step, each in samples.items():
        probe = step.split("/")[0]
        group = found.setdefault((each.reader, each.engine), Group(engine=each.engine, reader=each.reader))
        if probe.startswith("cost "):
            group.costs[int(probe.removeprefix("cost "))] = each
        else:
            group.probes[probe] = each
    order = [each.name for each in ENGINES]
    return sorted(found.values(), key=lambda each: (READERS.index(each.reader), order.index(each.engine)))


def cell(probed: Probed | None, pick: Callable[[Probed], F | None], say: Callable[[F], Cell]) -> Cell | None:
    """Return what a probe saw as a cell; one that says why where it saw nothing; None where it was not played."""
    if probed is None:
        return None
    if probed.skipped:
        return Cell(value=SKIPPED, of=0, note=f"skipped: {probed.skipped}")
    seen = pick(probed)
    if seen is None:
        return Cell(value=None, of=0, note=probed.why or "the probe saw nothing")
    return say(seen)


def there(cells: Mapping[str, Cell | None]) -> dict[str, Cell]:
    """Return the cells that there are."""
    return {key: each for key, each in cells.items() if each is not None}
