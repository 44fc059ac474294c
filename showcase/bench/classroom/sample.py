"""What one step of the benchmark gives: a class of one size, from its first memory to its last answer."""

from __future__ import annotations

from dataclasses import dataclass

from showcase.evidence.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant(Fact):
    """What one participant's process did and saw.

    Attributes:
        number: From 0 on.
        pid: Its process.
        opened_s: Seconds in which mem0 opened the store, its import not counted.
        add_ms: Milliseconds of each add, from the text to its id.
        search_ms: Milliseconds of each search, from the question to its rows.
        embed_ms: How much of each add and then of each search the model server took.
        found: Searches that returned the memory that was asked for.
        own: Memories of its own that its list had at the end.
        foreign: Rows of anybody else, in all its searches and its list.
        memory_bytes: Resident memory at the end.
        fault: What ended it early, empty where nothing did.
    """

    number: int
    pid: int
    opened_s: float
    add_ms: tuple[float, ...]
    search_ms: tuple[float, ...]
    embed_ms: tuple[float, ...]
    found: int
    own: int
    foreign: int
    memory_bytes: int
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught(Fact):
    """A class.

    Attributes:
        size: Processes at once.
        memories: How many each was to plant.
        searches: How many each asked.
        participants: What each did.
        at_once: The most processes that were between their first and their last operation at one moment.
        planting_s: Seconds from the word to plant until the last had planted.
        asking_s: Likewise of asking.
        whole: Rows that a reader without mem0 and without a filter found at the end as they were planted.
        lost: Rows that it did not find, of those whose participant was told that they are stored.
        strange: Rows that it found and nobody planted, or a second time.
        size_before: Bytes that the store took before, None where its engine does not tell.
        size_after: Likewise afterwards.
    """

    size: int
    memories: int
    searches: int
    participants: tuple[Participant, ...]
    at_once: int
    planting_s: float
    asking_s: float
    whole: int
    lost: int
    strange: int
    size_before: int | None
    size_after: int | None

    @property
    def faults(self) -> tuple[str, ...]:
        """What ended participants early."""
        return tuple(each.fault for each in self.participants if each.fault)

    @property
    def foreign(self) -> int:
        """Rows of others that participants got."""
        return sum(each.foreign for each in self.participants)

    @property
    def grown_bytes(self) -> int | None:
        """What the store grew by, None where that is not known."""
        if self.size_before is None or self.size_after is None:
            return None
        return self.size_after - self.size_before
