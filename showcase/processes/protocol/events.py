"""Events: what a process says of itself, each with the moment at which it was said.

They are what the process says, no more: who judges by them also asks those who saw it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence import (
    AskedAfter,
    EmptyAdd,
    Erasure,
    MemoryRow,
    Message,
    PromptRead,
    Recall,
    Reply,
    Sought,
    TelemetrySwitch,
    Verified,
)
from showcase.processes.protocol.said import Said
from showcase.processes.protocol.seen import Attempted, FoundNative, Hooked, StartedProcess, Unreadable

Purpose = Literal["preflight", "add", "chat", "count", "embed"]
"""What a text goes to the model server for; see `model_wait.WHAT`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spawned(Said):
    """It is there, and waits; `hook` tells whether the audit hook is in it, `version` of which program it is."""

    pid: int
    hook: bool
    version: str
    ppid: int | None = None
    event: Literal["spawned"] = "spawned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported(Said):
    """What its scene needs is imported."""

    event: Literal["imported"] = "imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Said):
    """The store is open."""

    event: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(Said):
    """The planted leak was tried."""

    event: Literal["connected"] = "connected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding(Said):
    """It stays as it is until it is told to go on."""

    event: Literal["holding"] = "holding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Said):
    """It waits for its turn at the model server."""

    event: Literal["waiting"] = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit(Said):
    """It has done what it was told."""

    event: Literal["exit"] = "exit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulted(Said):
    """It ends early; `hint` is what a person can do about it."""

    kind: str
    message: str
    hint: str = ""
    event: Literal["fault"] = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched(Said):
    """How the libraries that it loaded read their telemetry switches."""

    switches: tuple[TelemetrySwitch, ...]
    event: Literal["telemetry"] = "telemetry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventoried(Said):
    """Rows that were there before anything was planted."""

    rows: tuple[MemoryRow, ...]
    event: Literal["inventoried"] = "inventoried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted(Said):
    """Rows that one `add` made."""

    rows: tuple[MemoryRow, ...]
    event: Literal["planted"] = "planted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Said):
    """Rows that the memory, or the store, listed."""

    rows: tuple[MemoryRow, ...]
    event: Literal["listed"] = "listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched(Said):
    """Rows that the question recalled."""

    question: str
    rows: tuple[Recall, ...]
    event: Literal["searched"] = "searched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Said):
    """What goes to the chat model."""

    question: str
    messages: tuple[Message, ...]
    event: Literal["asked"] = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed(Said):
    """A piece of the reply; see `Token`."""

    text: str
    at_s: float
    event: Literal["token"] = "token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied(Said):
    """The whole reply, without the pieces that were said before."""

    reply: Reply
    event: Literal["replied"] = "replied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered(Said):
    """A reply that nothing rests on did not come, or not whole."""

    kind: str
    message: str
    event: Literal["unanswered"] = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompted(Said):
    """How much of a prompt was read; `sentence` tells a person, where it is about one that is to come."""

    read: PromptRead
    sentence: str = ""
    event: Literal["prompt"] = "prompt"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedNothing(Said):
    """An `add` that stored nothing, and why."""

    add: EmptyAdd
    event: Literal["empty-add"] = "empty-add"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Said):
    """A text of so many characters goes to the model server now, which is all `of` it or how it begins."""

    purpose: Purpose
    characters: int
    of: int
    event: Literal["reading"] = "reading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Said):
    """The answer is there, with what the server says of it: tokens and seconds, None where it does not say."""

    tokens: int | None = None
    read_s: float | None = None
    load_s: float | None = None
    reply_tokens: int | None = None
    reply_s: float | None = None
    event: Literal["read"] = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Said):
    """What it forgot and saw of it, and what another process has to look for."""

    erasure: Erasure
    sought: Sought
    event: Literal["erased"] = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAgain(Said):
    """What it saw of what another process forgot."""

    verified: Verified
    event: Literal["looked-again"] = "looked-again"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain(Said):
    """What stock mem0 answered about what another process forgot."""

    asked: AskedAfter
    event: Literal["asked-again"] = "asked-again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaked(Said):
    """A leak of the drill was planted; `place` is where it went: an address and a port, or a name."""

    place: tuple[str, int] | str | None
    event: Literal["leaked"] = "leaked"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLeaked(Said):
    """A leak of the drill could not be planted here."""

    why: str
    event: Literal["not-leaked"] = "not-leaked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed(Said):
    """What each connect of a benchmark took, in seconds."""

    seconds: tuple[float, ...]
    event: Literal["timed"] = "timed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbled(Said):
    """Something was said that cannot be understood. Nobody says this: whoever reads finds it."""

    why: str
    event: Literal["garbled"] = "garbled"


Event = (
    Spawned
    | Imported
    | Opened
    | Connected
    | Holding
    | Waiting
    | Exit
    | Faulted
    | Switched
    | Inventoried
    | Planted
    | Listed
    | Searched
    | Asked
    | Streamed
    | Replied
    | Unanswered
    | Prompted
    | AddedNothing
    | Reading
    | Read
    | Attempted
    | StartedProcess
    | FoundNative
    | Unreadable
    | Hooked
    | Erased
    | LookedAgain
    | AskedAgain
    | Leaked
    | NotLeaked
    | Timed
    | Garbled
)
