"""Builds runs that hold much: many rows, long words, long sentences, more of everything than a sheet holds."""

from __future__ import annotations

from dataclasses import replace

from hostile import hostile_audit, hostile_run
from run_builder import attempt, whole_run

from showcase.evidence import Attempt, Command, Control, Coverage, Policy, Rule, Run, Verdict, WitnessReport

WORDS = " ".join(["ordinary words of a usual length"] * 40)


def many_attempts(number: int) -> tuple[Attempt, ...]:
    return tuple(
        attempt("command", 0.2 + n * 0.01, address=f"203.0.113.{n % 250}", port=443 + n) for n in range(number)
    )


def audit(number: int, **changes: object) -> Run:
    """Return an audit whose command went to so many places that no rule allows."""
    whole = whole_run()
    watched = (Coverage(role="command", from_s=0.2, until_s=9.2, complete=True),)
    facts = {
        "scenario": None,
        "engine": None,
        "sessions": (),
        "controls": (),
        "drill": (),
        "command": Command(
            arguments=("python3", "-c", "print('<hi>')", "--home", "/home/carol/notes"),
            pid=4711,
            started_s=0.2,
            ended_s=9.2,
            exit_code=0,
            ended_by="itself",
            sealing="none",
        ),
        "witnesses": tuple(replace(witness, coverage=watched) for witness in whole.witnesses),
        "policy": Policy(allowed=(), rules=(Rule(host="127.0.0.1", port=41733, addresses=("127.0.0.1",)),)),
        "connections": many_attempts(number),
    }
    return whole_run(**{**facts, **changes})


def crowded_run() -> Run:
    """Return a run that holds more of everything than fits, in sentences."""
    hostile = hostile_run()
    long = "a long sentence of ordinary words that explains at some length what was not covered here, and why; "
    claims = tuple(
        Verdict(
            id=f"claim number {n} {long}", status="broken", level="sampled", reason=long * 20, limits=(long * 2,) * 20
        )
        for n in range(30)
    )
    witness = WitnessReport(
        name=WORDS,
        active=True,
        reason=WORDS,
        started_s=0.0,
        ended_s=1.0,
        counts={},
        control=Control(planted=WORDS, fired=False, detail=WORDS),
        unseen=(WORDS[:290],) * 30,
    )
    said = {"name": WORDS, "process": WORDS, "role": WORDS, "package": WORDS, "outcome": WORDS, "witnesses": (WORDS,)}
    session = hostile.sessions[0]
    assert session.reply is not None
    talkative = replace(session, question=WORDS, reply=replace(session.reply, text=WORDS))
    return replace(
        hostile,
        claims=claims,
        versions={f"{n} {WORDS}": WORDS for n in range(40)},
        interrupted=WORDS,
        witnesses=(witness,) * 20,
        sessions=(talkative,) * 40,
        connections=tuple(replace(row, **said) for row in many_attempts(400)),  # type: ignore[arg-type]
        environment=replace(hostile.environment, forced={f"{n} {WORDS}": WORDS for n in range(100)}),
    )


def crowded_audit() -> Run:
    """Return an audit of that sort."""
    run, hostile = crowded_run(), hostile_audit()
    assert hostile.command is not None
    command = replace(hostile.command, arguments=(WORDS, "\n" * 400))
    nothing = {"scenario": None, "engine": None, "sessions": (), "controls": ()}
    return replace(run, command=command, requests=hostile.requests, **nothing)  # type: ignore[arg-type]
