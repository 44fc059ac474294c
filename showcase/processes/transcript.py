"""What a process said, line by line, turned into the facts of its session."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from showcase.evidence import (
    EmptyAdd,
    Fault,
    MemoryRow,
    Message,
    Phase,
    PromptRead,
    Recall,
    Reply,
    Session,
    StoreState,
    TelemetrySwitch,
    Token,
)
from showcase.processes.protocol.events import (
    AddedNothing,
    Asked,
    AskedAgain,
    Erased,
    Event,
    Exit,
    Faulted,
    Garbled,
    Imported,
    Inventoried,
    Listed,
    LookedAgain,
    Opened,
    Planted,
    Prompted,
    Replied,
    Searched,
    Spawned,
    Streamed,
    Switched,
)

if TYPE_CHECKING:
    from showcase.clock import RunClock
    from showcase.processes.table import ProcessFact

_PHASES: dict[type[Event], str] = {
    Spawned: "spawned",
    Imported: "imported",
    Opened: "opened",
    Planted: "planted",
    Listed: "listed",
    Searched: "searched",
    Asked: "asked",
    Replied: "replied",
    Erased: "erased",
    LookedAgain: "looked again",
    Exit: "exit",
}


@dataclass(slots=True)
class Transcript:
    """Gathers one process's events. What was never said stays None: not observed.

    What could not be understood is counted as damage.
    """

    number: int
    scene: str
    user_id: str
    started_at: str
    started_s: float
    events_file: str
    damage: int = 0
    pid: int | None = None
    version: str = ""
    fault: Fault | None = None
    fault_hint: str = ""
    _phases: dict[str, float] = field(default_factory=dict)
    _inventoried: list[MemoryRow] = field(default_factory=list)
    _planted: list[MemoryRow] = field(default_factory=list)
    _listed: list[MemoryRow] | None = None
    _recalled: list[Recall] | None = None
    _question: str | None = None
    _messages: tuple[Message, ...] = ()
    _tokens: list[Token] = field(default_factory=list)
    _reply: Reply | None = None
    _telemetry: dict[tuple[str, str], TelemetrySwitch] = field(default_factory=dict)
    _prompts: list[PromptRead] = field(default_factory=list)
    _empty_adds: list[EmptyAdd] = field(default_factory=list)
    erased: Erased | None = None
    looked_again: LookedAgain | None = None
    asked_again: AskedAgain | None = None

    @property
    def worked_s(self) -> float:
        """For how long it worked, up to the last thing that it said before its end, in seconds."""
        said = [moment for name, moment in self._phases.items() if name != "exit"]
        return max(said, default=self.started_s) - self.started_s

    def hear(self, event: Event, clock: RunClock) -> None:  # noqa: C901, PLR0912 - one case an event
        """Take note of one event."""
        if type(event) in _PHASES and not (isinstance(event, Spawned) and "spawned" in self._phases):
            self._phases[_PHASES[type(event)]] = clock.at_s(event.t)
        match event:
            case Garbled():
                self.damage += 1
            case Spawned():
                self.damage += self.pid is not None  # nobody becomes another process
                self.pid = event.pid if self.pid is None else self.pid
                self.version = event.version
            case Inventoried():
                self._inventoried += event.rows
            case Planted():
                self._planted += event.rows
            case Listed():
                self.damage += self._listed is not None
                self._listed = [*(self._listed or ()), *event.rows]
            case Searched():
                self.damage += self._recalled is not None
                self._question = event.question
                self._recalled = [*(self._recalled or ()), *event.rows]
            case Asked():
                self.damage += bool(self._messages)
                self._question = event.question
                self._messages = event.messages
            case Streamed():
                self._phases.setdefault("first-token", clock.at_s(event.t))
                self._tokens.append(Token(text=event.text, at_s=event.at_s))
            case Replied():
                self._reply = event.reply
            case Switched():
                for switch in event.switches:
                    before = self._telemetry.get((switch.library, switch.switch), switch)
                    # Once on is on: a later look that finds it off does not take that back.
                    self._telemetry[switch.library, switch.switch] = switch if before.off else before
            case Prompted():
                self._prompts.append(event.read)
            case AddedNothing():
                self._empty_adds.append(event.add)
            case Erased():
                self.erased = event
            case LookedAgain():
                self.looked_again = event
            case AskedAgain():
                self.asked_again = event
            case Faulted():
                self.fault = Fault(kind=event.kind, message=event.message)
                self.fault_hint = event.hint
            case _:
                pass

    @property
    def so_far(self) -> str:
        """How far the process came, for a person: the last that it did, and how much of it."""
        last = max(self._phases, key=lambda name: self._phases[name], default="nothing")
        return f"it had come to “{last}”, with {len(self._planted):,} memories planted"

    def session(
        self,
        *,
        seen: ProcessFact | None,
        ended_s: float | None,
        exit_code: int | None,
        store_before: StoreState | None,
        store_after: StoreState | None,
    ) -> Session:
        """Return the facts of the session, with what others saw of the process."""
        return Session(
            number=self.number,
            scene=self.scene,
            user_id=self.user_id,
            pid=self.pid,
            confirmed_pid=seen.pid if seen else None,
            ppid=seen.ppid if seen else None,
            create_time=seen.create_time if seen else None,
            ancestors=seen.ancestors if seen else (),
            started_at=self.started_at,
            started_s=self.started_s,
            ended_s=ended_s,
            phases=tuple(Phase(name=name, at_s=at_s) for name, at_s in self._phases.items()),
            exit_code=exit_code,
            fault=self._fault(),
            inventoried=tuple(row.memory_id for row in self._inventoried),
            planted=tuple(self._planted),
            listed=None if self._listed is None else tuple(self._listed),
            recalled=None if self._recalled is None else tuple(self._recalled),
            question=self._question,
            messages=self._messages,
            reply=self._whole_reply(),
            telemetry=tuple(self._telemetry.values()),
            store_before=store_before,
            store_after=store_after,
            events_file=self.events_file,
            prompts=tuple(self._prompts),
            empty_adds=tuple(self._empty_adds),
        )

    def _fault(self) -> Fault | None:
        if self.fault is None and self.damage:
            return Fault(kind="damage", message=f"{self.damage} of its events could not be understood")
        return self.fault

    def _whole_reply(self) -> Reply | None:
        if not self._messages:
            return None
        tokens = tuple(self._tokens)
        if self._reply is None:
            text = "".join(token.text for token in tokens)
            return Reply(text=text, tokens=tokens, **dict.fromkeys(_SERVER_FIGURES))
        return replace(self._reply, tokens=tokens)


_SERVER_FIGURES = (
    "done_reason",
    "prompt_tokens",
    "reply_tokens",
    "total_s",
    "load_s",
    "prompt_s",
    "reply_s",
)
