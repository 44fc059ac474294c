"""The whole of a run, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence.command import Command
from showcase.evidence.daemon import Daemon
from showcase.evidence.engine import Engine, Platform
from showcase.evidence.erasure import Forgetting
from showcase.evidence.fact import Fact, Level, Status
from showcase.evidence.request import Request
from showcase.evidence.scenario import Environment, Options, Policy, Scenario
from showcase.evidence.session import Session
from showcase.evidence.store import Store
from showcase.evidence.witness import Attempt, LeakTrial, WitnessReport

SCHEMA: Literal["showcase/run-log"] = "showcase/run-log"
VERSION: Literal[5] = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Fact):
    """What follows for one claim. `evidence` are JSON pointers into the run log."""

    id: str
    status: Status
    level: Level | None
    reason: str
    evidence: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage(Fact):
    """What the output directory lies on. `carried_by` says who takes files from there to other machines, if known."""

    file_system: str | None
    carried_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRun(Fact):
    """A session that a person started by itself: the orchestrator it had, which no other session shares.

    `engine_started` says whether it started its model server itself, `daemons` what was seen of an Ollama.
    """

    session: int
    orchestrator_pid: int
    started_at: str
    ended_at: str
    engine_started: bool | None = None
    daemons: tuple[Daemon, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Fact):
    """The whole log of one run. `interrupted` says what ended it early, if anything did.

    `phases` is empty where one orchestrator conducted the whole run. Else each session had one of its own, and
    `orchestrator_pid` is that of the last.

    The log of an audit has a `command` and no scenario, sessions or controls; its `options` ask for no memory work.
    `daemons` are the servers of other programs that were used: in a run an Ollama and the store's own server, in an
    audit one for each loopback endpoint. `written_as` is the version of an older log that was read as one of this
    version, None for one of this version: its verdicts were judged by the rules of then. The reader alone sets it; a
    document says null.
    `forgetting` is there where the first user was to be forgotten (`run --forget`), by sessions 4 and 5. `store` is
    there where one was named (`run --store`); without it, it is an embedded Chroma in the output directory.
    """

    schema: Literal["showcase/run-log"] = SCHEMA
    version: Literal[5] = VERSION
    written_as: Literal[1, 2, 3, 4] | None = None
    run_id: str
    started_at: str
    ended_at: str
    duration_s: float
    interrupted: str | None = None
    versions: dict[str, str]
    platform: Platform
    orchestrator_pid: int
    engine: Engine | None
    scenario: Scenario | None
    options: Options
    policy: Policy
    environment: Environment
    sessions: tuple[Session, ...]
    controls: tuple[Session, ...]
    witnesses: tuple[WitnessReport, ...]
    connections: tuple[Attempt, ...]
    claims: tuple[Verdict, ...] = ()
    storage: Storage | None = None
    phases: tuple[PhaseRun, ...] = ()
    command: Command | None = None
    daemons: tuple[Daemon, ...] = ()
    requests: tuple[Request, ...] = ()
    drill: tuple[LeakTrial, ...] = ()
    forgetting: Forgetting | None = None
    store: Store | None = None
