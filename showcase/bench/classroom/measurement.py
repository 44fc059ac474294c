"""The benchmark: a class of each size on a store of its own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.bench.classroom import figures
from showcase.bench.classroom.conducting import Class
from showcase.bench.classroom.participant import NEAREST
from showcase.bench.classroom.sample import Taught
from showcase.bench.classroom.told import SEED
from showcase.bench.results.result import EngineUsed
from showcase.documents.leftovers import temporary
from showcase.engines.everyday import Opened
from showcase.errors import UsageError
from showcase.settings.store_address import StoreAddress
from showcase.settings.store_place import StorePlace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from showcase.bench.results.result import Scalar, Section

USERS = (1, 5, 10, 20)
QUICK_USERS = (1, 3)
MEMORIES = 10
SEARCHES = 30
QUICK_SEARCHES = 10
EMBEDDED = "chroma-embedded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Classroom:
    """`showcase bench class`; fulfils `bench.results.interface.Measurement`.

    Attributes:
        address: The store; None for an embedded Chroma in a temporary place.
        secret: Password or key of its server.
        server: The model server, of which embeddings alone are asked.
        engine: What it is.
        users: Sizes of classes.
        memories: How many each participant plants.
        searches: How many each asks.

    Raises:
        UsageError: A size is there twice.
    """

    address: StoreAddress | None
    secret: str | None
    server: Opened
    engine: EngineUsed
    users: tuple[int, ...] = USERS
    memories: int = MEMORIES
    searches: int = SEARCHES

    def __post_init__(self) -> None:
        if len(set(self.users)) != len(self.users):
            raise UsageError("a size is there twice", hint="--users 1,5,10,20")

    @property
    def arm(self) -> str:
        """What the store is called in the figures."""
        return EMBEDDED if self.address is None else self.address.kind

    @property
    def bench(self) -> str:
        """Its name."""
        return "class"

    @property
    def question(self) -> str:
        """What it settles."""
        return "What does each of a class get when all work at once, and is everybody's memory theirs alone?"

    @property
    def sample(self) -> type[Taught]:
        """What a step gives."""
        return Taught

    @property
    def arms(self) -> Mapping[str, str]:
        """What is measured: stock mem0, a process each, on one store."""
        where = "an embedded Chroma, opened by every process" if self.address is None else f"one {self.address.kind}"
        return {self.arm: f"stock mem0 in a process each, without extraction, on {where}"}

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """All that decides what a sample is."""
        return {
            "users": ",".join(map(str, self.users)),
            "memories": self.memories,
            "searches": self.searches,
            "nearest": NEAREST,
            "store": self.arm,
            "tls": self.address is not None and self.address.tls,
            "seed": SEED,
        }

    @property
    def temperature(self) -> tuple[str, ...]:
        """What is cold and what is warm."""
        return (
            (
                "Each size begins with an empty collection. All processes have imported mem0 and opened the store "
                "before the first of them plants; nobody pauses between two operations."
            ),
        )

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """What the figures say nothing about."""
        return (
            "What a chat model costs: none is asked, and with one it is what a class waits for.",
            (
                "How the store does on a machine of its own: participants, store and model server share the "
                "processors of this one, so that the store alone is faster than these figures."
            ),
            "A network between participants and store, unless the store that was named lies behind one.",
            "Classes larger than the largest of these: what is said of them is calculated, and called so.",
        )

    def steps(self) -> tuple[str, ...]:
        """Return a step a size, small ones first."""
        return tuple(str(size) for size in sorted(self.users))

    def warm_up(self) -> None:
        """Do nothing: each step has processes of its own."""

    def take(self, step: str, *, doing: Callable[[str], None]) -> Taught:
        """Conduct one class, and throw its collection away.

        Raises:
            ShowcaseError: Nobody could open the store, or it cannot be read.
        """
        with temporary("showcase-bench-") as directory:
            data = directory / "store"
            data.mkdir()
            # A name of its own: nothing that anybody keeps there is touched.
            address = None if self.address is None else self.address.of_collection(f"class_{secrets.token_hex(6)}")
            if address is not None and address.path is not None:
                address = replace(address, path=data)
            place = StorePlace(root=data, chroma=data, home=directory / "home", address=address)
            taught = Class(place, self.secret, self.server, memories=self.memories, searches=self.searches)
            try:
                return taught.teach(int(step), directory / "homes", doing)
            finally:
                taught.end()

    def sections(self, samples: Mapping[str, Taught]) -> tuple[Section, ...]:
        """Return the figures."""
        return figures.sections(self.arm, [samples[step] for step in self.steps() if step in samples])
