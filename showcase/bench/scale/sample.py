"""What one step of the benchmark gives."""

from __future__ import annotations

from dataclasses import dataclass

from showcase.evidence.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled(Fact):
    """What one store of one arm cost.

    Attributes:
        arm: Which.
        rows: How many of all users.
        users: How many users.
        own: Rows a user.
        bulk_s: Seconds of all adds of many rows.
        bulked: Rows that were added so.
        single_ms: Milliseconds of each add of a single row, afterwards.
        first_ms: Milliseconds of opening the store and of the first query, in a fresh process.
        opening_ms: Median of the first query of each further user that asked; None where there is one user.
        query_ms: Milliseconds of each query after these.
        recall: Of each query, the share of the truly nearest rows that was returned.
        returned: Rows that all queries returned.
        foreign: How many of them are another user's.
        disk_bytes: Length of all files.
        memory_bytes: Resident memory of the process that asked, when it was done.
        imported_bytes: The same before it opened the store, with the libraries imported.
    """

    arm: str
    rows: int
    users: int
    own: int
    bulk_s: float
    bulked: int
    single_ms: tuple[float, ...]
    first_ms: float
    opening_ms: float | None
    query_ms: tuple[float, ...]
    recall: tuple[float, ...]
    returned: int
    foreign: int
    disk_bytes: int
    memory_bytes: int
    imported_bytes: int

    @property
    def bulk_ms(self) -> float | None:
        """Milliseconds a row, added in bulk."""
        return self.bulk_s * 1000 / self.bulked if self.bulked else None

    @property
    def held_bytes(self) -> int:
        """What opening and asking added to the memory."""
        return self.memory_bytes - self.imported_bytes
