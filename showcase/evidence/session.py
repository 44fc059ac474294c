"""What one process of the run did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRow(Fact):
    """A memory as mem0 or the store returned it."""

    memory_id: str
    text: str
    user_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(Fact):
    """A row that a search returned.

    `score` is mem0's: 1/(1+d) of Chroma, whose distance d is the squared L2 distance; the cosine itself of every other
    engine. mem0 may add to it, or mix words into it. `cosine` is 1 - d/2, which is the cosine where the vectors have
    unit length (checked when the embedding model is chosen), and `distance` is d.
    """

    memory_id: str
    text: str
    user_id: str | None
    score: float
    distance: float
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Fact):
    """A chat message as it was sent."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Fact):
    """A piece of a streamed reply; `at_s` counts from the moment the request was sent."""

    text: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Fact):
    """A streamed reply with the server's own counts and durations. Without `done_reason` it was cut off."""

    text: str
    tokens: tuple[Token, ...]
    done_reason: str | None
    prompt_tokens: int | None
    reply_tokens: int | None
    total_s: float | None
    load_s: float | None
    prompt_s: float | None
    reply_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase(Fact):
    """A named moment of a process's life."""

    name: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetrySwitch(Fact):
    """A telemetry or offline switch as the library itself read it, in the process that used it."""

    library: str
    switch: str
    value: str
    off: bool
    read_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Fact):
    """What ended a process early."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFile(Fact):
    """A file of the store; `path` is relative to the store."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTable(Fact):
    """A table of a SQLite file of the store, and its rows as the file on disk has them."""

    path: str
    name: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState(Fact):
    """The store between two processes, by its files or, of a store that has none here, by its rows.

    By files `digest` covers every path and content digest. By rows it covers the id, all that is kept beside it and the
    vector of every row of the collection, in the order of their ids; there are no files then, and `tables` is the
    collection alone, without a path. See `memory.row_state`.
    """

    digest: str
    files: tuple[StoreFile, ...]
    tables: tuple[StoreTable, ...] = ()
    by: Literal["files", "rows"] = "files"

    @property
    def is_empty(self) -> bool:
        """Whether nothing was there: no file, or no row."""
        return not self.files if self.by == "files" else not any(table.rows for table in self.tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRead(Fact):
    """How much of a prompt the model read.

    `own_tokens` is the prompt's own count, None where it was not taken; `refused` says that the server would not
    take it uncut; `evaluated_tokens` is `prompt_eval_count` of the answer; `context_length` is what was in force.
    `exact` says that `own_tokens` are the model's own tokens, counted by the engine of the run, which made them of the
    prompt without reading any.
    """

    purpose: Literal["preflight", "add", "chat"]
    own_tokens: int | None
    refused: bool
    evaluated_tokens: int | None
    context_length: int | None
    outcome: Literal["whole", "cut", "unknown"]
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyAdd(Fact):
    """An `add` that stored nothing, and why: told from what the server said."""

    text: str
    cause: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Fact):
    """One process and all it did.

    `pid` is what the process says of itself; `confirmed_pid`, `ppid`, `create_time` (seconds since the epoch)
    and `ancestors` (nearest first) are what the operating system's process table said while it lived.
    `inventoried` are the ids found before anything was planted, where the store was kept. `exit_code` is
    negative for a signal and None where the process was never reaped.
    """

    number: int
    scene: str
    user_id: str
    pid: int | None = None
    confirmed_pid: int | None = None
    ppid: int | None = None
    create_time: float | None = None
    ancestors: tuple[int, ...] = ()
    started_at: str
    started_s: float
    ended_s: float | None = None
    phases: tuple[Phase, ...] = ()
    exit_code: int | None = None
    fault: Fault | None = None
    inventoried: tuple[str, ...] = ()
    planted: tuple[MemoryRow, ...] = ()
    listed: tuple[MemoryRow, ...] | None = None
    recalled: tuple[Recall, ...] | None = None
    question: str | None = None
    messages: tuple[Message, ...] = ()
    reply: Reply | None = None
    telemetry: tuple[TelemetrySwitch, ...] = ()
    store_before: StoreState | None = None
    store_after: StoreState | None = None
    events_file: str = ""
    prompts: tuple[PromptRead, ...] = ()
    empty_adds: tuple[EmptyAdd, ...] = ()
