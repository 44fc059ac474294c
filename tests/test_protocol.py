"""Orders and events are written and read strictly; what is neither is said to be neither."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import get_args

import pytest
from saying import recall, reply

from showcase import __version__, orchestrator, runlog, scenes
from showcase.clock import RunClock
from showcase.errors import ExitCode, UsageError
from showcase.evidence import (
    AskedAfter,
    EmptyAdd,
    Endpoint,
    Erasure,
    MemoryRow,
    Message,
    PromptRead,
    Sought,
    TelemetrySwitch,
    Verified,
)
from showcase.evidence.erasure import Bystanders, Canary, NotCovered, Residue, Scan, ScannedFile
from showcase.processes import transcript
from showcase.processes.protocol import events as said
from showcase.processes.protocol import orders, seen
from showcase.processes.protocol.wire import document, read_event, read_order, write_order
from showcase.progress import Silence
from showcase.scenes import scenario
from showcase.settings import Settings

ROW = MemoryRow(memory_id="1", text="I like tea.", user_id="alice")
ENDPOINT = Endpoint(address="127.0.0.1", port=11434)
PROMPT = PromptRead(purpose="add", outcome="whole", own_tokens=1, refused=False, evaluated_tokens=1, context_length=2)
SWITCH = TelemetrySwitch(library="mem0", switch="MEM0_TELEMETRY", value="False", off=True, read_from="its module")
SOUGHT = Sought(texts=("I like tea.",), ids=("1",), vectors=("AAAA",), kept=(), kept_vectors=(), plain=("data",))
SCAN = Scan(
    pid=7, create_time=1.5, sqlite="3.40.1", secure_delete=True, began_at="b", ended_at="e", patterns={"UTF-8": 1},
    not_distinctive=0, residues=(Residue(path="a", kind="k", view="v", form="UTF-8", count=2),), unplanted_found=0,
    canaries=(Canary(kind="k", form="int8", found=True),),
    files=(
        ScannedFile(
            path="a", kind="k", device=1, inode=2, links=1, size_bytes=3, disk_bytes=None, read_bytes=3, sha256="0" * 64
        ),
    ),
)  # fmt: skip
VERIFIED = Verified(scan=SCAN, rows=1, digest="d", history="h", by_id=0, left="l")
ASKED = AskedAfter(got=0, history_lines=0, wildcard=(), second_recalled=(("2", 0.5),), second_listed=("2",))
ERASURE = Erasure(
    method="erase", everything=True, subject="s", asked=1, found=1, removed=1, events_removed=1, messages_removed=0,
    lines_removed=0, shared=0, rows_by_id_after=None, before=SCAN, after=None, verified=None, overwritten=2, linked=0,
    unchanged_since=None, bystanders=Bystanders(rows=1, before="d"),
    not_covered=(NotCovered(what="swap", found_out="none"),),
)  # fmt: skip
EVENTS: tuple[said.Event, ...] = (
    said.Spawned(pid=7, hook=True, version=__version__, ppid=6),
    said.Imported(),
    said.Opened(),
    said.Connected(),
    said.Holding(),
    said.Waiting(),
    said.Exit(),
    said.Faulted(kind="StoreError", message="no", hint="do"),
    said.Switched(switches=(SWITCH,)),
    said.Inventoried(rows=()),
    said.Planted(rows=(ROW,)),
    said.Listed(rows=(ROW, replace(ROW, user_id=None))),
    said.Searched(question="What?", rows=(recall("tea", cosine=0.5),)),
    said.Asked(question="What?", messages=(Message(role="user", content="What?"),)),
    said.Streamed(text="Tea", at_s=0.25),
    said.Replied(reply=reply("Tea.")),
    said.Unanswered(kind="EngineError", message="gone"),
    said.Prompted(read=PROMPT, sentence="It fits."),
    said.AddedNothing(add=EmptyAdd(text="x", cause="unknown", detail="?")),
    said.Reading(purpose="chat", characters=3, of=4),
    said.Read(tokens=3, read_s=1, reply_s=None),
    seen.Attempted(kind="connect", family="inet", address="127.0.0.1", port=1, transport="tcp", peer="watched"),
    seen.StartedProcess(name="sh"),
    seen.FoundNative(name="connect"),
    seen.Unreadable(audit="socket.connect", why="ValueError"),
    seen.Hooked(pid=8),
    said.Erased(erasure=ERASURE, sought=SOUGHT),
    said.LookedAgain(verified=VERIFIED),
    said.AskedAgain(asked=ASKED),
    said.Leaked(place=("127.0.0.1", 9)),
    said.Leaked(place="leak.example"),
    said.Leaked(place=None),
    said.NotLeaked(why="no user namespaces"),
    said.Timed(seconds=(0.1, 0.2)),
    said.Garbled(why="half a line"),
)
ABOUT = {
    "user_id": "alice", "question": "What?", "store": "/s", "home": "/h", "endpoint": ENDPOINT, "chat_model": "c",
    "embed_model": "e", "dimensions": 256, "infer": False, "top_k": 5, "hold": False, "limit_s": 60.0,
}  # fmt: skip
ORDERS: tuple[orders.Order, ...] = (
    *(orders.Prepare(scene=scene) for scene in get_args(orders.Scene)),
    orders.GoOn(),
    orders.GoOn(ask=False),
    orders.Plant(**ABOUT, memories=("I like tea.",), wipe=True, inventory=False, user_ids=("alice", "bob")),
    orders.Recall(**ABOUT, memories=()),
    orders.SecondUser(**ABOUT, memories=("I like curry.",)),
    orders.EmptyStore(**ABOUT, memories=()),
    orders.UnfilteredRead(store="/s"),
    orders.Leak(endpoint=ENDPOINT, own=True),
    orders.Forget(user_id="alice", root="/o", method="stock", task=orders.MemoryTask(**ABOUT, memories=())),
    orders.AfterForget(
        **ABOUT, memories=(), root="/o", sought=SOUGHT, second_id="bob", second_question="And what else?"
    ),
)


def written(event: said.Event, t: float = 12.5) -> bytes:
    return json.dumps({**document(event), "t": t}).encode()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_read_as_it_was_written(event: said.Event) -> None:
    assert read_event(written(event)) == replace(event, t=12.5)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{type(order).__name__}-{asdict(order).get('scene', '')}")
def test_an_order_is_read_as_it_was_written(order: orders.Order) -> None:
    line = write_order(order)
    assert "\n" not in line
    assert read_order(line.encode()) == order


def test_none_of_them_is_forgotten_here() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(said.Event))
    assert {type(order) for order in ORDERS} == {*get_args(orders.Task), orders.Prepare, orders.GoOn}
    assert set(get_args(orders.Scene)) == set(scenes.SCENES)


def test_each_has_a_name_of_its_own() -> None:
    assert len({event.event for event in EVENTS}) == len(get_args(said.Event))
    assert len({order.order for order in ORDERS}) == len({type(order) for order in ORDERS})


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"half a li",
        b"[]",
        b"7",
        b"{}",
        b'{"event": "exit"}',  # at no moment
        b'{"event": "exit", "t": NaN}',
        b'{"event": "exit", "t": Infinity}',
        b'{"event": "exit", "t": "1.0"}',
        b'{"event": "exit", "t": 1.0, "more": 1}',
        b'{"event": "no such event", "t": 1.0}',
        b'{"event": "planted", "t": 1.0}',
        b'{"event": "planted", "t": 1.0, "rows": [{"memory_id": 1, "text": "x", "user_id": null}]}',
        b'{"event": "reading", "t": 1.0, "purpose": "chat"}',
        b'{"event": "reading", "t": 1.0, "purpose": "other", "characters": 1, "of": 1}',
        b'{"event": "read", "t": 1.0, "tokens": "many"}',
        b'{"event": "spawned", "t": 1.0, "pid": "7", "hook": true, "version": "%s"}' % __version__.encode(),
        b'{"event": "exit", "t": 1.0}{"event": "exit", "t": 1.0}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"event": "token", "t": 1.0, "text": "x", "at_s": NaN}',
        b'{"event": "token", "t": 1.0, "text": "x", "at_s": Infinity}',
        b'{"event": "attempt", "t": 1.0, "kind": "connect", "port": 10000000000000000000000}',
        b'{"event": "attempt", "t": 1.0, "kind": "connect", "port": 65536}',
        b'{"event": "spawned", "t": 1.0, "pid": -5, "hook": true, "version": "%s"}' % __version__.encode(),
        b'{"event": "read", "t": 1.0, "tokens": 9223372036854775808}',
        '{"event": "exit", "t": 1.0}'.encode("utf-16"),
    ],
    ids=lambda line: line[:40].decode("latin-1"),
)
def test_what_is_no_event_is_damage(line: bytes) -> None:
    event = read_event(line)
    assert isinstance(event, said.Garbled)
    assert event.why
    heard = transcript.Transcript(
        number=1, scene="plant", user_id="alice", started_at="", started_s=0.0, events_file="events"
    )
    heard.hear(event, RunClock())
    assert heard.damage == 1


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    row = replace(ROW, text="tea \udcff \ud800")
    event = read_event(written(said.Planted(rows=(row,))))
    assert isinstance(event, said.Planted)
    assert event.rows[0].text == "tea \ufffd \ufffd"


def test_who_says_another_version_is_heard_whatever_else_they_say() -> None:
    known = read_event(b'{"event": "spawned", "t": 1.0, "pid": 7, "hook": true, "version": "9.9"}')
    assert isinstance(known, said.Spawned)
    assert (known.pid, known.version) == (7, "9.9")
    for line in (b'{"event": "spawned", "pid": 7, "hook": true}', b'{"event": "spawned", "version": "9.9", "x": 1}'):
        event = read_event(line)
        assert isinstance(event, said.Spawned)
        assert event.version in {"", "9.9"}
        assert math.isfinite(event.t), "the log has room for moments only"


def test_the_first_word_of_a_process_is_its_first_moment() -> None:
    heard = transcript.Transcript(
        number=1, scene="plant", user_id="alice", started_at="", started_s=0.0, events_file="events"
    )
    clock = RunClock()
    for t in (1.0, 2.0):
        heard.hear(replace(EVENTS[0], t=t), clock)
    session = heard.session(seen=None, ended_s=None, exit_code=0, store_before=None, store_after=None)
    assert [phase.at_s for phase in session.phases] == [clock.at_s(1.0)]
    assert session.fault is not None


def test_an_event_that_nobody_wrote_has_no_moment() -> None:
    assert math.isnan(said.Exit().t)
    assert isinstance(read_event(json.dumps(document(said.Exit())).encode()), said.Garbled)


def test_a_worker_of_another_version_is_refused_before_it_is_told_anything(tmp_path: Path) -> None:
    worker = Path(__file__).parent / "planted" / "older_worker.py"
    settings = Settings(out=tmp_path / "out", engine="rehearsal", worker=str(worker), drill=False, witnesses=("hook",))
    outcome = orchestrator.run(settings, scenario.read(), Silence())
    assert outcome.exit_code is ExitCode.ENVIRONMENT
    assert outcome.trouble is not None
    assert f"it is version 0.0.9 of this program, and this is {__version__}" in outcome.trouble.message
    assert "-m showcase --version" in outcome.trouble.hint
    assert runlog.read(outcome.run_log).sessions == outcome.run.sessions, "the log can be read back"
    assert not [session for session in outcome.run.sessions if session.planted]
    assert not [claim.id for claim in outcome.run.claims if claim.status == "upheld" and claim.id != "engine-local"]


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"scene": "plant"}', b'{"order": "prepare", "scene": "dance"}', b"\xff"]
)
def test_what_is_no_order_is_refused_with_its_place(line: bytes) -> None:
    with pytest.raises(UsageError, match="does not know its order: at /") as refused:
        read_order(line)
    assert refused.value.hint


@pytest.mark.parametrize("order", [orders.GoOn(), orders.UnfilteredRead(store="/s")])
def test_an_order_out_of_turn_is_refused(order: orders.Order) -> None:
    with pytest.raises(UsageError, match="out of turn"):
        scenes.prepare_scene(order)
    with pytest.raises(UsageError, match="out of turn"):
        scenes.play(orders.Prepare(scene="plant"), emit=print, wait=lambda: None)
