"""Orders: what a worker is told. First what to import, then what to play, then, where it waits, to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence import Endpoint, Sought
from showcase.evidence.fact import Fact

Scene = Literal["plant", "recall", "second-user", "empty-store", "unfiltered-read", "decoy", "forget", "after-forget"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare(Fact):
    """Import what this scene needs."""

    scene: Scene
    order: Literal["prepare"] = "prepare"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn(Fact):
    """Go on, after `Holding` or `Waiting`; `ask` tells one that waits for its turn whether it may ask the server."""

    ask: bool | None = None
    order: Literal["go-on"] = "go-on"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryTask(Fact):
    """What every scene that opens the memory under test is told.

    Attributes:
        user_id: As whom it acts.
        memories: What it plants.
        question: What it searches for and asks.
        store: The store's directory.
        home: mem0's own directory.
        endpoint: Where the model server listens.
        chat_model: The model that answers.
        embed_model: The model that embeds, of so many `dimensions`.
        infer: Whether mem0 extracts memories with the chat model.
        top_k: How many rows a search returns at most.
        hold: Whether it stays, store open, until it is told to go on.
        limit_s: Seconds that the session may take.
        counts_exactly: Whether the model server makes its tokens of a prompt without reading it.
        address: The store's URL, empty for a directory with an embedded Chroma. A password is in no order: the
            environment of the process holds it.
    """

    user_id: str
    memories: tuple[str, ...]
    question: str
    store: str
    home: str
    endpoint: Endpoint
    chat_model: str
    embed_model: str
    dimensions: int
    infer: bool
    top_k: int
    hold: bool
    limit_s: float
    counts_exactly: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant(MemoryTask):
    """Session 1.

    Attributes:
        wipe: Whether store and home are emptied first.
        inventory: Whether the rows that are there already are said first.
        user_ids: All users of the scenario.
    """

    wipe: bool
    inventory: bool
    user_ids: tuple[str, ...]
    order: Literal["plant"] = "plant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(MemoryTask):
    """Session 2. It is not told what was planted: `memories` is empty."""

    order: Literal["recall"] = "recall"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondUser(MemoryTask):
    """Session 3."""

    order: Literal["second-user"] = "second-user"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyStore(MemoryTask):
    """The control that asks on a store where nothing was planted."""

    order: Literal["empty-store"] = "empty-store"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfilteredRead(Fact):
    """The control that reads every row of the store.

    Attributes:
        store: As in `MemoryTask`, with its `address`.
        address: Likewise.
    """

    store: str
    address: str = ""
    order: Literal["unfiltered-read"] = "unfiltered-read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(Fact):
    """Session 4: forget a user.

    Attributes:
        user_id: Whom.
        root: The directory that holds store and home.
        method: Whether this program erases, or mem0 deletes.
        task: What it takes to open stock mem0.
    """

    user_id: str
    root: str
    method: Literal["erase", "stock"]
    task: MemoryTask
    order: Literal["forget"] = "forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterForget(MemoryTask):
    """Session 5: look for what was forgotten, and ask stock mem0 for it.

    Attributes:
        root: The directory that holds store and home.
        sought: What to look for.
        second_id: The user whose rows are to be as they were.
        second_question: What that user asked.
    """

    root: str
    sought: Sought
    second_id: str
    second_question: str
    order: Literal["after-forget"] = "after-forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak(Fact):
    """The control of the witnesses: connect to the decoy; and to a listener of its own, where `own` says so."""

    endpoint: Endpoint
    own: bool
    order: Literal["decoy"] = "decoy"


Task = Plant | Recall | SecondUser | EmptyStore | UnfilteredRead | Leak | Forget | AfterForget
Order = Prepare | GoOn | Task
