"""Builds facts of single processes: users, rows, replies, stores."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise

from showcase.evidence import (
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
    User,
)

ALICE = User(
    id="alice",
    memories=(
        "I do not eat spicy food and I am allergic to peanuts.",
        "My favourite restaurant is Trattoria Lina, a small Italian place by the river.",
        "I like to eat early, before seven, at a quiet table.",
        "I live in the old town and I would rather walk than drive to dinner.",
    ),
    question="any ideas for somewhere to eat tonight?",
)
BOB = User(
    id="bob",
    memories=("I love very hot curries and the Thai place at the station.",),
    question="any ideas for somewhere to eat tonight?",
)
PHASES = (
    "spawned",
    "imported",
    "opened",
    "planted",
    "listed",
    "searched",
    "asked",
    "first-token",
    "replied",
    "exit",
)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def rows(user: User) -> tuple[MemoryRow, ...]:
    return tuple(
        MemoryRow(memory_id=f"{digest(user.id + text)[:8]}-4f5c-4b3a-9d52-0c8f2a7b1e44", text=text, user_id=user.id)
        for text in user.memories
    )


def recalls(found: tuple[MemoryRow, ...]) -> tuple[Recall, ...]:
    return tuple(
        Recall(
            memory_id=r.memory_id,
            text=r.text,
            user_id=r.user_id,
            score=round(1 / (1 + d), 6),
            distance=d,
            cosine=1 - d / 2,
        )
        for r, d in zip(found, (0.574, 0.832, 1.106, 1.388, 2.2), strict=False)
    )


def store(*names: str) -> StoreState:
    files = tuple(StoreFile(path=name, size_bytes=1000 * len(name), sha256=digest(name)) for name in names)
    tables = tuple(
        StoreTable(path=name, name=table, rows=len(names) if table == "embeddings" else 0)
        for name in names
        for table in ("embeddings", "segments")
        if name.endswith("sqlite3")
    )
    whole = digest("".join(f"{file.path}\0{file.sha256}\n" for file in files))
    return StoreState(digest=whole, files=files, tables=tables)


def prompt(**changes: object) -> PromptRead:
    facts = PromptRead(
        purpose="chat", own_tokens=118, refused=False, evaluated_tokens=118, context_length=8192, outcome="whole"
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def reply(text: str, *, pace_s: float = 0.03) -> Reply:
    words = text.split(" ")
    tokens = tuple(
        Token(text=word if n == 0 else f" {word}", at_s=round(0.21 + n * pace_s, 4)) for n, word in enumerate(words)
    )
    return Reply(
        text=text,
        tokens=tokens,
        done_reason="stop",
        prompt_tokens=118,
        reply_tokens=len(words),
        total_s=0.94,
        load_s=0.002,
        prompt_s=0.19,
        reply_s=0.72,
    )


def phases(start: float, step: float, *skipped: str) -> tuple[Phase, ...]:
    names = [name for name in PHASES if name not in skipped]
    weights = {"spawned": 0.1, "imported": 5.0, "opened": 1.4, "exit": 0.4}
    moments, at = [], start
    for name in names:
        at += weights.get(name, 1.0) * step
        moments.append(Phase(name=name, at_s=round(at, 4)))
    assert all(one.at_s <= two.at_s for one, two in pairwise(moments))
    return tuple(moments)


_UNDONE = {
    "plant": ("searched", "asked", "first-token", "replied"),
    "recall": ("planted",),
    "empty-store": ("planted", "asked", "first-token", "replied"),
    "unfiltered-read": ("planted", "searched", "asked", "first-token", "replied"),
}
"""What a process of each scene does not do."""


def session(number: int, scene: str, user: User, start: float, **changes: object) -> Session:
    spent = phases(start, 0.19, *_UNDONE.get(scene, ()))
    planted = rows(user) if scene in ("plant", "second-user") else ()
    facts = Session(
        number=number,
        scene=scene,
        user_id=user.id,
        pid=52100 + number,
        confirmed_pid=52100 + number,
        ppid=52011,
        create_time=1_795_233_065.1 + start,
        ancestors=(52011, 1200, 1),
        started_at="2026-11-21T03:51:05.120+00:00",
        started_s=start,
        ended_s=spent[-1].at_s + 0.04,
        phases=spent,
        exit_code=0,
        planted=planted,
        listed=rows(user),
        recalled=recalls(rows(user)),
        question=user.question,
        messages=(
            Message(
                role="system",
                content="You know this about the user:\n" + "\n".join(f"- {row.text}" for row in recalls(rows(user))),
            ),
            Message(role="user", content=user.question),
        ),
        reply=reply(f"You told me: {user.memories[0]} So perhaps somewhere that suits that."),
        telemetry=(
            TelemetrySwitch(
                library="mem0",
                switch="MEM0_TELEMETRY",
                value="False",
                off=True,
                read_from="mem0.memory.telemetry",
            ),
            TelemetrySwitch(
                library="chromadb",
                switch="CHROMA_OTEL_COLLECTION_ENDPOINT",
                value="''",
                off=True,
                read_from="chromadb.config",
            ),
            TelemetrySwitch(
                library="posthog",
                switch="mem0's client",
                value="none",
                off=True,
                read_from="mem0.memory.telemetry",
            ),
        ),
        store_before=store("chroma.sqlite3"),
        store_after=store("chroma.sqlite3", "8a1f/data_level0.bin"),
        events_file=f"events-session-{number}.jsonl",
        prompts=(prompt(),) if changes.get("messages") != () else (),
    )
    return replace(facts, **changes)  # type: ignore[arg-type]
