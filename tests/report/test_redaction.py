"""A redacted log holds nothing that was said, and still gives the same verdicts."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hostile import hostile_run
from run_builder import PLAN, attempt, whole_run
from session_builder import ALICE, BOB, recalls, reply, rows, session

from showcase import evidence, runlog
from showcase.claims import judge
from showcase.evidence import EmptyAdd, Engine, Fact, Message, Run, RungTried, Scenario, User
from showcase.report import redact, render


def outcome(run: Run) -> list[tuple[str, str, str | None]]:
    return [(verdict.id, verdict.status, verdict.level) for verdict in judge(run)]


def leaking(**changes: object) -> Run:
    """Return a run whose third session got something of alice's."""
    whole = whole_run()
    return whole_run(sessions=(*whole.sessions[:2], replace(whole.sessions[2], **changes)))  # type: ignore[arg-type]


def overlapping() -> Run:
    """Return a run in which bob says, within a sentence of his own, what alice planted, and alice's texts nest."""
    alice = User(id="alice", memories=("tea", "I drink tea.", *(f"fact {n}" for n in range(12))), question="fact 1?")
    bob = User(id="bob", memories=("Like alice, I drink tea. And more.",), question="tea?")
    whole = whole_run()
    return whole_run(
        scenario=Scenario(title="nested", first=alice, second=bob),
        sessions=(
            replace(whole.sessions[0], planted=rows(alice), listed=rows(alice), user_id=alice.id),
            session(2, "recall", alice, 3.1, store_before=whole.sessions[1].store_before),
            session(
                3,
                "second-user",
                bob,
                6.0,
                store_before=whole.sessions[2].store_before,
                store_after=whole.sessions[2].store_after,
            ),
        ),
        controls=(
            replace(whole.controls[0], question=alice.question),
            replace(whole.controls[1], listed=rows(alice) + rows(bob)),
        ),
    )


def older_memories_of_his_own() -> Run:
    """Return a run into a kept store, where bob's prompt holds the 14th text; alice's first is no part of it."""
    whole = whole_run()
    third = whole.sessions[2]
    older = rows(User(id="bob", memories=tuple(f"I play chess on day {n}." for n in range(9)), question=""))
    known = "".join(f"\n- {row.text}" for row in (*rows(BOB), older[-1]))
    prompt = Message(role="system", content="You help.\nYou know:" + known)
    third = replace(
        third,
        inventoried=tuple(row.memory_id for row in older),
        listed=(*(third.listed or ()), *older),
        recalled=recalls((*rows(BOB), older[-1])),
        messages=(prompt, Message(role="user", content=BOB.question)),
    )
    return whole_run(sessions=(*whole.sessions[:2], third), options=replace(whole.options, keep_store=True))


def with_prompt(system: str) -> Run:
    """Return a run whose third session asked with another system message, as if its prompt had been changed."""
    return leaking(messages=(Message(role="system", content=system), Message(role="user", content=BOB.question)))


RUNS = {
    "whole": whole_run(),
    "hostile": hostile_run(),
    "nothing": whole_run(sessions=(), controls=(), witnesses=(), connections=(), engine=None, interrupted="SIGINT"),
    "leak in search": leaking(recalled=recalls(rows(BOB) + rows(ALICE))),
    "leak in prompt": leaking(messages=(Message(role="system", content=f"- {ALICE.memories[2]}\n- x"),)),
    "leak in reply": leaking(reply=reply(f"Someone said: {ALICE.memories[1]}")),
    "paraphrase in reply": leaking(reply=reply("You do not eat spicy food, and you are allergic to peanuts!")),
    "paraphrase in a row": leaking(
        listed=(
            *rows(BOB),
            replace(rows(BOB)[0], memory_id="x", text="You like to eat early, before seven, at a quiet table"),
        )
    ),
    "invisible leak": leaking(reply=reply(ALICE.memories[1].replace("e", "e\u200b"))),
    "leak in two rows": leaking(
        listed=tuple(
            replace(rows(BOB)[0], memory_id=str(number), text=text)
            for number, text in enumerate((BOB.memories[0], "I do not eat", "spicy food and I am allergic to peanuts"))
        )
    ),
    "words in reply": leaking(
        reply=reply("Alice's favourite restaurant is Trattoria Lina, and a quiet table is in it")
    ),
    "words in a row": leaking(
        listed=(*rows(BOB), replace(rows(BOB)[0], memory_id="x", text="They rather walk than drive to dinner"))
    ),
    "words in opening": with_prompt(f"You eat early, before seven.\n- {BOB.memories[0]}"),
    "words over the end of a line": with_prompt(f"You rather walk\nthan drive to dinner.\n- {BOB.memories[0]}"),
    "added to the prompt": with_prompt(f"You help.\n- {BOB.memories[0]}\n- Something that nobody recalled."),
    "long opening": with_prompt(f"One.\nTwo.\nThree.\n- {BOB.memories[0]}"),
    "other stream": leaking(reply=replace(reply("I do not know."), text="I know.")),
    "leak in stream": leaking(reply=replace(reply(f"Someone said: {ALICE.memories[1]}"), text="I do not know.")),
    "egress": whole_run(connections=(attempt("session 1", 1.0, address="203.0.113.9", port=443, name="posthog.com"),)),
    "nested": overlapping(),
    "older memory": older_memories_of_his_own(),
    "nested leak": replace(
        (run := overlapping()),
        sessions=(
            *run.sessions[:2],
            replace(run.sessions[2], messages=(Message(role="system", content="Known: fact 11."),)),
        ),
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_redacted_log_gives_the_same_verdicts(name: str) -> None:
    run = RUNS[name]
    redacted = redact(run)
    assert outcome(redacted) == outcome(run)
    assert runlog.load(runlog.dump(redacted), source="redacted") == redacted


def test_runs_for_redaction_differ_in_their_verdicts() -> None:
    statuses = {name: [verdict.status for verdict in judge(run)] for name, run in RUNS.items()}
    assert statuses["whole"] == statuses["nested"] == statuses["older memory"] == ["upheld"] * len(statuses["whole"])
    assert all(statuses[name][2] == "broken" for name in RUNS if "leak" in name or "paraphrase" in name)
    for name in ("added to the prompt", "long opening", "other stream", *(name for name in RUNS if "words" in name)):
        assert statuses[name][2] == "inconclusive"
    assert statuses["egress"][3] == "broken"


def test_redacted_log_of_a_real_run_gives_the_same_verdicts(log: Run) -> None:
    redacted = redact(log)
    assert outcome(redacted) == outcome(log)
    assert redacted.claims == judge(redacted)
    said = [text for user in (ALICE, BOB) for text in (*user.memories, user.question)]
    assert [text for text in said if text in runlog.dump(redacted).decode()] == []


@pytest.mark.parametrize("name", ["whole", "leak in search", "leak in reply", "nested"])
def test_verify_finds_no_difference_in_a_redacted_log(name: str) -> None:
    redacted = redact(replace(RUNS[name], claims=judge(RUNS[name])))
    assert redacted.claims == judge(redacted)


def test_edited_verdict_still_shows_after_redaction() -> None:
    edited = replace(RUNS["leak in reply"], claims=RUNS["whole"].claims)
    assert "The stored verdicts are not" in render(redact(edited), redacted=True)


def test_nothing_said_is_left() -> None:
    whole = whole_run(
        interrupted="while alice asked about: any ideas for somewhere to eat tonight?",
        connections=(
            attempt("session 1", 1.0, process="python3 -m showcase.worker --user alice"),
            attempt("session 2", 1.0, family="unix", address="/home/alice/.cache/socket", port=None, outcome="~/x"),
            attempt("session 3", 1.0, family="unix", address=None, name="/home/alice/s.sock", port=None, outcome=None),
            attempt("session 3", 1.0, family="unix", address=None, name="@alice", port=None, outcome=None),
        ),
    )
    whole = replace(whole, environment=replace(whole.environment, forced={"MEM0_DIR": "/home/alice/out/mem0_home"}))
    document = runlog.dump(redact(whole)).decode() + render(redact(whole), redacted=True)
    said = ["alice", "peanuts", "spicy", "Trattoria", "curries", "somewhere to eat", "You told me", "Somewhere to eat"]
    assert [word for word in said if word in document] == []
    assert "user-1" in document
    assert "memory-4" in document
    assert "command-1" in document


def test_what_the_models_said_of_a_failed_add_is_replaced_too() -> None:
    whole = whole_run()
    adds = (
        EmptyAdd(text="Never told to anyone: I like tea.", cause="not JSON", detail="failed: 'Carol likes tea'"),
        EmptyAdd(text=ALICE.memories[0], cause="reply cut", detail="the reply ended after 2000 tokens, its budget"),
    )
    engine = replace(
        planned_engine(whole),
        rungs_tried=(RungTried(tag="memory-chat", outcome="does not fit", reason="no space left in /home/alice/x"),),
    )
    run = whole_run(engine=engine, sessions=(replace(whole.sessions[0], empty_adds=adds), *whole.sessions[1:]))
    redacted = redact(run)
    document = runlog.dump(redacted).decode() + render(redacted, redacted=True)
    assert [word for word in ("tea", "Carol", "peanuts", "/home", "alice") if word in document] == []
    found = redacted.sessions[0].empty_adds
    assert [add.cause for add in found] == ["not JSON", "reply cut"]
    assert found[1].text == redacted.sessions[0].planted[0].text
    assert outcome(redacted) == outcome(run)


def planned_engine(run: Run) -> Engine:
    assert run.engine is not None
    return replace(run.engine, plan=PLAN)


def test_numbers_of_prompts_tables_plan_and_drill_are_kept() -> None:
    run = whole_run(engine=planned_engine(whole_run()))
    redacted = redact(run)
    assert redacted.drill == run.drill
    assert redacted.engine is not None
    assert redacted.engine.plan == PLAN
    for before, after in zip(run.sessions, redacted.sessions, strict=True):
        assert after.prompts == before.prompts
        assert before.store_after is not None
        assert after.store_after is not None
        tables = [(table.name, table.rows) for table in before.store_after.tables]
        assert [(table.name, table.rows) for table in after.store_after.tables] == tables
        assert {table.path for table in after.store_after.tables} <= {file.path for file in after.store_after.files}


def test_every_text_of_the_model_is_either_named_as_kept_or_redacted() -> None:
    """A field that is added later is scrubbed unless someone decides otherwise; names in the table must exist."""
    from showcase.report.redaction import _KEPT  # noqa: PLC0415 - beside what it tests

    places = {
        f"{kind.__name__}.{field.name}"
        for kind in (getattr(evidence, name) for name in evidence.__all__)
        if isinstance(kind, type) and issubclass(kind, Fact) and kind is not Fact
        for field in fields(kind)
    }
    assert _KEPT - places == set()
