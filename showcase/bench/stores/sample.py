"""What one step gives: one probe of one store by one reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.bench.stores.engines import Reader
from showcase.evidence.fact import Fact

Outcome = Literal["stored", "refused", "failed"]
What = Literal["text", "vector", "id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs(Fact):
    """What a store needs before a row can be stored.

    Attributes:
        packages: MiB on the disk of each distribution that it needs, without what those require.
        installed_bytes: What all of them take with what they require, beyond what mem0 requires itself.
        started_s: Seconds until its server answered, its files made anew; None where there is no server.
        opened_s: Seconds that opening it took a fresh process, without imports.
        imported_s: Seconds that the imports took.
        processes: Names of the processes of its server, and of those that the opening process started.
        sockets: Where they listen, as address and port, or the path of a Unix socket.
        memory_bytes: Sum of the resident memory of these processes, in which what they share counts for each.
        unguarded: What a process got that knows no password: its rows (True), or an error; None without a server.
    """

    packages: dict[str, float]
    installed_bytes: int
    started_s: float | None
    opened_s: float
    imported_s: float
    processes: tuple[str, ...]
    sockets: tuple[str, ...]
    memory_bytes: int
    unguarded: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart(Fact):
    """Two processes, and two users.

    Attributes:
        told: Rows that a process stored for alice, and ended.
        recalled: For how many of the questions about them a second process was given the row.
        returned: Rows that bob was given, who asked the same and listed.
        foreign: How many of them are not his.
        error: What the second process was told instead of rows; bob is asked for by the first one then.
    """

    told: int
    recalled: int
    returned: int
    foreign: int
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OddId(Fact):
    """What one odd user id does.

    Attributes:
        name: As tables have it.
        outcome: Whether a row can be stored under it; `refused` before the store was asked, `failed` by it.
        why: Why not.
        kept_as: Whose the row is in the store, where that is not the id; empty else.
        reads: Names of others whose rows a search or a listing by it returned.
        read_by: Names of others who are given its row.
    """

    name: str
    outcome: Outcome
    why: str = ""
    kept_as: str = ""
    reads: tuple[str, ...] = ()
    read_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReader(Fact):
    """What a process that stays open sees of another's writes.

    Attributes:
        added_s: Seconds from the end of the other's add until a search returned the row; None where none did.
        listed: Whether a listing has it where no search returned it.
        deleted_s: Seconds from the end of the other's delete until no search returned the row; None likewise.
        still_listed: Whether a listing still has it where a search does.
        limit_s: For how long was looked.
        errors: What searches of the reader raised meanwhile, each once.
        alone: Why no second process can open the store meanwhile; empty where one can.
    """

    added_s: float | None = None
    listed: bool | None = None
    deleted_s: float | None = None
    still_listed: bool | None = None
    limit_s: float
    errors: tuple[str, ...] = ()
    alone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writers(Fact):
    """Several processes that write at once.

    Attributes:
        writers: How many.
        each: Rows that each was to store.
        opened: How many could open the store.
        stored: Rows whose add returned.
        at_first: How many of them the first listing of a fresh process has.
        found: How many of them it has within a few seconds.
        errors: What else happened: an error, and how often.
        seconds: From the first add to the last.
    """

    writers: int
    each: int
    opened: int
    stored: int
    at_first: int
    found: int
    errors: dict[str, int]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftIn(Fact):
    """What was found in one kind of file: how many of the texts, vectors and ids, in any form."""

    where: str
    found: dict[What, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Fact):
    """What stock `delete_all` leaves.

    Attributes:
        forgotten: Rows that were to be gone.
        before: What the same look found while everything was there.
        after: What it found when the deletion was done, the store closed and its server stopped.
        kept: What it found then of the other user's rows, which stay: what it does not see of them it cannot see.
        listed: Rows of the user that the store still returned.
        seconds: How long `delete_all` took.
        size_bytes: Length of all files.
        flaw: Why the look proves nothing; empty where it does.
    """

    forgotten: int
    before: tuple[LeftIn, ...]
    after: tuple[LeftIn, ...]
    kept: tuple[LeftIn, ...]
    listed: int
    seconds: float
    size_bytes: int
    flaw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden(Fact):
    """What a reader that stays open was given while another process opened the store.

    Attributes:
        looks: How often it searched.
        short: How often it was given fewer rows than before.
        least: The fewest.
        before: Rows that it was given before.
        seconds: From the beginning of the first short search to the end of the last.
        errors: What its searches raised.
        alone: Why no second process can open the store meanwhile; empty where one can.
    """

    looks: int
    short: int
    least: int
    before: int
    seconds: float
    errors: tuple[str, ...] = ()
    alone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost(Fact):
    """What a user of twenty rows waits for, and gets, among those of others.

    Attributes:
        planned: Rows of others that were to be there.
        foreign: How many are; fewer where the time was over.
        bulk_s: Seconds that storing them in bulk took.
        add_ms: Milliseconds of each add of one row.
        search_ms: Milliseconds of each search, without the first.
        first_ms: Of the first search of a fresh process.
        whole_s: Seconds from then until a search had all of the user's rows; None where none had within ten.
        own: Rows that the user has.
        complete: Of each search for as many as the user has, the share of them that came back.
        nearest: Of each, whether the truly nearest of them did.
        listed: How many of them a listing returns.
        stray: Rows of others that came back.
        hidden: What a reader saw while another process opened the store.
        at_once: Why one process did all of it; empty where each part had a fresh one.
    """

    planned: int
    foreign: int
    bulk_s: float
    add_ms: tuple[float, ...]
    search_ms: tuple[float, ...]
    first_ms: float
    whole_s: float | None
    own: int
    complete: tuple[float, ...]
    nearest: tuple[bool, ...]
    listed: int
    stray: int
    hidden: Hidden | None = None
    at_once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed(Fact):
    """One step.

    Attributes:
        engine: Of which store.
        reader: By whom.
        skipped: Why the store could not be had; empty where it could.
        why: Why the probe saw nothing; empty where it did.
    """

    engine: str
    reader: Reader
    skipped: str = ""
    why: str = ""
    needs: Needs | None = None
    apart: Apart | None = None
    odd: tuple[OddId, ...] | None = None
    open_reader: OpenReader | None = None
    writers: Writers | None = None
    left: Left | None = None
    cost: Cost | None = None
