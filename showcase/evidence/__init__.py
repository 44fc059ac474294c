"""The vocabulary of a run: what was seen, by whom, and what follows from it.

These frozen dataclasses *are* the run log's model: `showcase.runlog` reads and writes them as they stand, and
the JSON Schema is generated from them. Units are in the names: `_s` is seconds, `_bytes` bytes. `…_s` moments
count from the start of the run on a monotonic clock; `…_at` are UTC time stamps with offset.
"""

from __future__ import annotations

from showcase.evidence.command import (
    Command,
    Ending,
    Sealing,
)
from showcase.evidence.daemon import (
    Daemon,
    DaemonProcess,
    DaemonSocket,
    Sight,
)
from showcase.evidence.engine import (
    Endpoint,
    Engine,
    LoadedModel,
    Model,
    ModelPlan,
    Platform,
    RungTried,
    says_rehearsal,
)
from showcase.evidence.erasure import (
    AskedAfter,
    Erasure,
    Forgetting,
    Sought,
    Verified,
)
from showcase.evidence.fact import (
    LEVELS,
    Fact,
    Level,
    Status,
)
from showcase.evidence.request import (
    UNTRUSTED,
    Request,
)
from showcase.evidence.run import (
    SCHEMA,
    VERSION,
    PhaseRun,
    Run,
    Storage,
    Verdict,
)
from showcase.evidence.scenario import (
    Environment,
    Options,
    Policy,
    Rule,
    Scenario,
    User,
)
from showcase.evidence.session import (
    EmptyAdd,
    Fault,
    MemoryRow,
    Message,
    Phase,
    PromptRead,
    Recall,
    Reply,
    Session,
    StoreFile,
    StoreState,
    StoreTable,
    TelemetrySwitch,
    Token,
)
from showcase.evidence.witness import (
    EACH_READ,
    INSIDE_THE_TREE,
    NEVER_CONNECTED,
    NO_WAY_TO_SEND,
    NOTHING_SENT,
    Attempt,
    AttemptKind,
    Control,
    Coverage,
    LeakTrial,
    Peer,
    WitnessReport,
)

__all__ = [
    "EACH_READ",
    "INSIDE_THE_TREE",
    "LEVELS",
    "NEVER_CONNECTED",
    "NOTHING_SENT",
    "NO_WAY_TO_SEND",
    "SCHEMA",
    "UNTRUSTED",
    "VERSION",
    "AskedAfter",
    "Attempt",
    "AttemptKind",
    "Command",
    "Control",
    "Coverage",
    "Daemon",
    "DaemonProcess",
    "DaemonSocket",
    "EmptyAdd",
    "Ending",
    "Endpoint",
    "Engine",
    "Environment",
    "Erasure",
    "Fact",
    "Fault",
    "Forgetting",
    "LeakTrial",
    "Level",
    "LoadedModel",
    "MemoryRow",
    "Message",
    "Model",
    "ModelPlan",
    "Options",
    "Peer",
    "Phase",
    "PhaseRun",
    "Platform",
    "Policy",
    "PromptRead",
    "Recall",
    "Reply",
    "Request",
    "Rule",
    "Run",
    "RungTried",
    "Scenario",
    "Sealing",
    "Session",
    "Sight",
    "Sought",
    "Status",
    "Storage",
    "StoreFile",
    "StoreState",
    "StoreTable",
    "TelemetrySwitch",
    "Token",
    "User",
    "Verdict",
    "Verified",
    "WitnessReport",
    "says_rehearsal",
]
