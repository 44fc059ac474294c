"""Builds facts of a run: a whole, upheld one, from which tests take away or spoil what they need."""

from __future__ import annotations

from dataclasses import replace

from session_builder import ALICE, BOB, digest, rows, session, store

from showcase.claims import judge
from showcase.evidence import (
    Attempt,
    Control,
    Coverage,
    Endpoint,
    Engine,
    Environment,
    LeakTrial,
    LoadedModel,
    Model,
    ModelPlan,
    Options,
    Platform,
    Policy,
    Run,
    Scenario,
    Session,
    WitnessReport,
)

ENDPOINT = Endpoint(address="127.0.0.1", port=41733)


def attempt(role: str, first: float, **changes: object) -> Attempt:
    facts = Attempt(
        kind="connect",
        family="inet",
        address=ENDPOINT.address,
        port=ENDPOINT.port,
        transport="tcp",
        pid=52101,
        process="python3",
        role=role,
        package="mem0 > ollama > httpx > httpcore",
        first_seen_s=first,
        last_seen_s=first + 1.1,
        count=9,
        witnesses=("hook", "sockets"),
        outcome="ESTABLISHED",
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


SAMPLES = {"samples": 198, "gaps": 1, "access_denied": 0, "failed_samples": 0, "outlived": 0, "privileged": 0}
EVENTS = {"attempts": 41, "unreadable": 0, "children": 0}


def witness(name: str, *, unseen: tuple[str, ...], watched: dict[str, Session]) -> WitnessReport:
    engine = (Coverage(role="engine", from_s=0.05, until_s=9.89, complete=True),) if name == "sockets" else ()
    return WitnessReport(
        name=name,
        active=True,
        started_s=0.02,
        ended_s=9.9,
        counts=SAMPLES if name == "sockets" else EVENTS,
        control=Control(
            planted="a connection from pid 52020 to a decoy at 127.0.0.1:41999",
            fired=True,
            detail="caught 0.051 s into the run",
        ),
        coverage=(
            *engine,
            Coverage(role="witness control", from_s=0.04, until_s=1.2, complete=True),
            *(
                Coverage(role=role, from_s=item.started_s, until_s=item.ended_s, complete=True)
                for role, item in watched.items()
            ),
        ),
        unseen=unseen,
    )


def trial(leak: str, *, worse: tuple[str, ...] = (), **results: str) -> LeakTrial:
    return LeakTrial(
        id=leak,
        description=f"a leak of the sort {leak}",
        results=results,
        expected={"sockets": "missed", "hook": "caught", "syscalls": "caught", "seal": "prevented"},
        obstacle=None,
        worse=worse,
    )


PLAN = ModelPlan(
    free_bytes=12_000_000_000,
    free_source="psutil: available memory",
    chosen="memory-chat",
    num_ctx=8192,
    needed_bytes=3_000_000_000,
    reason="the first rung that fits with room for the context",
)


def model(name: str, dimensions: int | None) -> Model:
    return Model(
        name=name,
        digest=digest(name),
        size_bytes=31_457_280,
        family="static",
        parameter_size="7.6M",
        quantization="F32",
        context_length=8192,
        dimensions=dimensions,
        capabilities=("completion",),
        remote=False,
    )


def whole_run(**changes: object) -> Run:
    """Return a run with the verdicts that follow from it, unless others are given."""
    first, second = ALICE, BOB
    left = store("chroma.sqlite3", "8a1f/data_level0.bin")
    grown = store("chroma.sqlite3", "8a1f/data_level0.bin", "8a1f/link_lists.bin")
    sessions = (
        session(1, "plant", first, 0.2, recalled=None, reply=None, messages=(), question=None),
        session(2, "recall", first, 3.1, store_before=left),
        session(3, "second-user", second, 6.0, store_before=left, store_after=grown),
    )
    controls = (
        session(1, "empty-store", first, 3.2, store_before=store(), recalled=(), listed=(), reply=None, messages=()),
        session(
            2,
            "unfiltered-read",
            second,
            7.4,
            recalled=None,
            listed=rows(first) + rows(second),
            store_before=grown,
            question=None,
            reply=None,
            messages=(),
        ),
    )
    watched = {f"session {item.number}": item for item in sessions} | {f"control {it.scene}": it for it in controls}
    facts = Run(
        run_id="0193f2d4-6c1e",
        started_at="2026-11-21T03:51:05.120+00:00",
        ended_at="2026-11-21T03:51:15.060+00:00",
        duration_s=9.94,
        versions={"showcase": "0.1.0", "mem0ai": "2.2.1", "chromadb": "1.5.9", "ollama": "0.6.3"},
        platform=Platform(
            system="Linux",
            release="6.18.0",
            machine="x86_64",
            python="3.11.2",
            implementation="CPython",
            cpus=2,
            memory_bytes=25_000_000_000,
        ),
        orchestrator_pid=52011,
        engine=Engine(
            kind="rehearsal",
            why="No Ollama server answers on loopback.",
            version="0.1.0-rehearsal",
            endpoint=ENDPOINT,
            chat_model=model("rehearsal", None),
            embed_model=model("rehearsal-embed", 256),
            cloud_disabled=True,
            started=True,
            loaded=(
                LoadedModel(
                    name="rehearsal",
                    size_bytes=31_457_280,
                    vram_bytes=0,
                    context_length=8192,
                    remote_host=None,
                ),
            ),
        ),
        scenario=Scenario(title="Somewhere to eat tonight", first=first, second=second),
        options=Options(infer=False, top_k=5, keep_store=False, witnesses=("sockets", "hook")),
        policy=Policy(allowed=(ENDPOINT,)),
        environment=Environment(
            forced={"MEM0_TELEMETRY": "False", "HF_HUB_OFFLINE": "1"},
            kept=("LANG", "PATH"),
            left_out=("HTTP_PROXY",),
        ),
        sessions=sessions,
        controls=controls,
        witnesses=(
            witness(
                "hook", unseen=("connections made below Python: ctypes, grpc's core, child processes",), watched=watched
            ),
            witness("sockets", unseen=("what lives shorter than 50 ms", "name lookups that fail"), watched=watched),
        ),
        connections=(
            attempt(
                "engine",
                0.1,
                kind="listen",
                package=None,
                witnesses=("sockets",),
                outcome="LISTEN",
                count=1,
                last_seen_s=9.8,
            ),
            attempt("session 1", 1.4),
            attempt("session 2", 4.3),
            attempt("control empty-store", 4.4, witnesses=("hook",), outcome=None),
            attempt("session 3", 7.2),
        ),
        drill=(
            trial("tcp-connect", sockets="caught", hook="caught", syscalls="caught", seal="prevented"),
            trial("short-lived", sockets="missed", hook="caught", syscalls="caught", seal="prevented"),
        ),
    )
    changed = replace(facts, **changes)  # type: ignore[arg-type]
    changed = replace(changed, connections=tuple(sorted(changed.connections, key=lambda row: row.first_seen_s)))
    return changed if "claims" in changes else replace(changed, claims=judge(changed))
