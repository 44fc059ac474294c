"""Texts that try to leave the place where they stand."""

from __future__ import annotations

from dataclasses import replace

from run_builder import ENDPOINT, whole_run
from session_builder import prompt, recalls, reply, rows, store

from showcase.evidence import (
    Attempt,
    Command,
    Daemon,
    DaemonProcess,
    DaemonSocket,
    EmptyAdd,
    Fault,
    LeakTrial,
    Message,
    ModelPlan,
    Request,
    Run,
    RungTried,
    Scenario,
    StoreTable,
    User,
    Verdict,
)

TEXTS = (
    "<script>window.caught = 'script'</script>",
    "</script><img src=x onerror=\"window.caught = 'img'\">",
    "</style><style>* { display: none }</style>",
    "\" onmouseover=\"window.caught = 'attribute'",
    "' autofocus onfocus='window.caught = 1'",
    "{{ 7 * 7 }}{% for x in [] %}{{ config }}",
    "<!-- --><svg/onload=window.caught=1>",
    "]]><![CDATA[ javascript:window.caught=1",
    "&lt;b&gt; &amp;amp; &#x3c;script&#x3e;",
    "שלום עולם، مرحبا بالعالم 你好世界 नमस्ते दुनिया ไทย 👩‍👩‍👧‍👦 🏳️‍🌈",
)
"""Shown as they are, to the letter."""

INVISIBLE = {
    "user\u202etxt.exe": "U+202E",
    "a\u2066b\u2069c": "U+2066",
    "nothing\x00here": "U+0000",
    "red \x1b[31m text \x07": "U+001B",
    "pay\u200bpal": "U+200B",
    "tag\U000e0041\U000e0042": "U+E0041",
    "line\u2028separator": "U+2028",
}
"""Shown with the code point named."""

LONG = "0123456789 " * 9_091
"""100 kB."""

WORD = "W" * 3_000
"""Nowhere to break."""


def hostile_run() -> Run:
    """Return a run in which everything that can be text is hostile."""
    texts = (*TEXTS, *INVISIBLE, LONG, WORD)
    whole = whole_run()
    first = User(id="<b>alice</b>", memories=texts, question=TEXTS[0])
    second = User(id="bob\u202e", memories=(TEXTS[1],), question=TEXTS[1])
    everything = "\n".join(texts)
    state = store("chroma.sqlite3")
    sessions = tuple(
        replace(
            session,
            user_id=first.id if session.number < 3 else second.id,
            scene=session.scene if session.number < 3 else TEXTS[1],
            planted=rows(first) if session.number == 1 else rows(second),
            listed=rows(first),
            recalled=recalls(rows(first)[10:13] + rows(first)[18:20]),
            question=everything[:4_000],
            prompts=(prompt(own_tokens=10**15, evaluated_tokens=-1, outcome="cut"), prompt(context_length=0)),
            empty_adds=tuple(EmptyAdd(text=text, cause=text[:40], detail=text) for text in texts),
            store_after=replace(
                state, tables=tuple(StoreTable(path=text[:80], name=text, rows=10**15) for text in texts[:-2])
            ),
            messages=(Message(role=TEXTS[0], content=everything), Message(role="user", content=WORD)),
            reply=reply(" ".join(texts[:-2]), pace_s=0.001),
            fault=Fault(kind=TEXTS[3], message=everything) if session.number == 3 else None,
            events_file=f"{TEXTS[4]};rm -rf $HOME",
            phases=tuple(replace(phase, name=phase.name if n else WORD) for n, phase in enumerate(session.phases)),
        )
        for session in whole.sessions
    )
    assert whole.engine is not None
    model = replace(whole.engine.chat_model, name=WORD, family=TEXTS[0], quantization=TEXTS[2])
    plan = ModelPlan(
        free_bytes=-1, free_source=TEXTS[2], chosen=WORD, num_ctx=10**12, needed_bytes=0, reason=everything[:900]
    )
    tried = (RungTried(tag=WORD, outcome="does not fit", reason=everything[:900]),)
    return replace(
        whole,
        run_id=TEXTS[0],
        started_at=TEXTS[1],
        interrupted=everything[:600],
        versions={TEXTS[0]: TEXTS[1], WORD: "1"},
        engine=replace(whole.engine, why=TEXTS[5], version=TEXTS[0], chat_model=model, plan=plan, rungs_tried=tried),
        scenario=Scenario(title=TEXTS[1], first=first, second=second),
        sessions=sessions,
        drill=tuple(
            LeakTrial(
                id=text[:60],
                description=text,
                results={"hook": "missed", text[:40]: text},
                expected={"hook": text},
                obstacle=text,
                worse=("hook", text[:40]),
            )
            for text in (TEXTS[0], *INVISIBLE, WORD)
        ),
        daemons=(
            Daemon(
                endpoint=ENDPOINT,
                ollama=TEXTS[1],
                cloud_disabled=None,
                sight="none",
                uid=None,
                looks=0,
                processes=(DaemonProcess(pid=1, name=WORD, serves=True),),
                longest_gap_s=1e9,
                from_s=0.0,
                until_s=0.0,
                sockets=(
                    DaemonSocket(kind="connect", address=WORD, port=1, pid=None, first_seen_s=0.0, last_seen_s=1e9),
                ),
                unseen=everything[:2_000],
            ),
        ),
        connections=(*whole.connections, *(_attempt(text) for text in (*texts[:-2], WORD))),
        claims=(
            *whole.claims[1:],
            Verdict(
                id=WORD, status="broken", level="sampled", reason=everything[:5_000], evidence=texts[:6], limits=texts
            ),
        ),
    )


def hostile_audit() -> Run:
    """Return an audit in which everything that can be text is hostile."""
    texts = (*TEXTS, *INVISIBLE, LONG, WORD)
    return replace(
        hostile_run(),
        scenario=None,
        engine=None,
        sessions=(),
        controls=(),
        command=Command(
            arguments=texts[:-2],
            pid=None,
            started_s=0.0,
            ended_s=None,
            exit_code=-(10**9),
            ended_by="interruption",
            sealing="sink",
            weakened_by=texts,
        ),
        requests=tuple(_request(text) for text in texts),
    )


def _request(text: str) -> Request:
    return Request(
        name=text[:200], address=text[:80], port=10**9, protocol="tls", host=text[:300], method=text[:40], path=text,
        headers=((text[:100], text),), body=text, trusted=False, first_seen_s=-1.0, count=10**9,
    )  # fmt: skip


def _attempt(text: str) -> Attempt:
    return Attempt(
        kind="lookup", family=text[:40], name=text, pid=1, process=text, role=text[:200], package=text,
        first_seen_s=-5.0, last_seen_s=1e9, count=10**9, witnesses=(text[:40],), outcome=text,
    )  # fmt: skip
