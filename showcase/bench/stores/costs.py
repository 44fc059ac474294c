"""The probe with many rows: what a user of twenty waits for and gets, and what another process's opening takes away."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from showcase.bench.stores import told
from showcase.bench.stores.people import ALICE
from showcase.bench.stores.program import RefusedError
from showcase.bench.stores.sample import Cost, Hidden

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.stores.program import Program
    from showcase.bench.stores.stage import Stage

AT_ONCE = 500
"""Rows of a bulk."""

_WHOLE_S = 10.0
_BEFORE_S = 2.0
_AFTERWARDS_S = 3.0
"""For so long a reader looks on after another process has opened the store."""


def cost(stage: Stage, planned: int, *, limit_s: float, at_once: str = "") -> Cost:
    """Fill a store with rows of others, and let a user add, search and list.

    Args:
        stage: The store, empty.
        planned: How many rows of others.
        limit_s: How long storing them may take; then it is fewer.
        at_once: Why one process has to do all of it; empty where each part has a fresh one.
    """
    facts, questions = told.facts(ALICE), told.questions()
    hidden = None
    with ExitStack() as ends:

        def fresh(before: Program | None) -> Program:
            if before is not None and at_once:
                return before
            ends.close()
            return ends.enter_context(stage.opened())

        program = fresh(None)
        filled = program.ask("insert", count=planned, at_once=AT_ONCE, limit_s=limit_s, within_s=2 * limit_s + 120)
        program = fresh(program)
        added = program.ask("adds", user=ALICE, texts=facts)
        if added["failed"]:
            raise RefusedError(added["failed"][0])
        program = fresh(program)
        warm = program.ask("whole", user=ALICE, text=questions[0], count=told.OWN, limit_s=_WHOLE_S)
        searched = program.ask("searches", user=ALICE, texts=questions, at_most=told.OWN)
        listed = program.ask("list", user=ALICE)["rows"]
        if not at_once:
            hidden = _hidden(stage, program)
    complete, nearest, stray = judge(facts, questions, searched["rows"])
    return Cost(
        planned=planned,
        foreign=filled["stored"],
        bulk_s=filled["seconds"],
        add_ms=tuple(added["ms"]),
        search_ms=tuple(searched["ms"]),
        first_ms=warm["ms"],
        whole_s=warm["whole_s"],
        own=len(facts),
        complete=complete,
        nearest=nearest,
        listed=len({row["text"] for row in listed}.intersection(facts)),
        stray=stray + sum(row["text"] not in facts for row in listed),
        hidden=hidden,
        at_once=at_once,
    )


def judge(
    facts: Sequence[str], questions: Sequence[str], answers: Sequence[Sequence[dict[str, Any]]]
) -> tuple[tuple[float, ...], tuple[bool, ...], int]:
    """Return of each answer which share of the facts it holds, whether the nearest is among them, and strangers in all.

    The nearest is that of the greatest cosine, by exact search over all of them.
    """
    model = told.embedder()
    cosines = model.embed(list(questions)) @ model.embed(list(facts)).T
    there = [{row["text"] for row in rows} for rows in answers]
    complete = tuple(len(found.intersection(facts)) / len(facts) for found in there)
    nearest = tuple(facts[int(cosines[number].argmax())] in found for number, found in enumerate(there))
    return complete, nearest, sum(row["text"] not in facts for rows in answers for row in rows)


def _hidden(stage: Stage, reader: Program) -> Hidden:
    """Let a reader search on while another process opens the store, and for a while before and afterwards."""
    reader.send("watch", user=ALICE, text=told.questions()[0], at_most=told.OWN)
    stage.pause(_BEFORE_S)
    began, alone = time.monotonic(), ""
    try:
        with stage.opened():
            stage.pause(_AFTERWARDS_S)
    except RefusedError as error:
        alone = str(error)
    reader.send("stop")
    return watched(reader.receive()["looks"], began, alone)


def watched(looks: Sequence[tuple[float, float, int, str]], began: float, alone: str) -> Hidden:
    """Return what a reader saw.

    Args:
        looks: Of each search when it began and ended, how many rows came, and what it raised.
        began: When the other process was started: what came before is what the reader is given undisturbed.
        alone: Why the other could not open the store; empty where it could.
    """
    before = min((look[2] for look in looks if look[1] < began), default=0)
    during = [look for look in looks if look[1] >= began]
    short = [look for look in during if look[2] < before]
    return Hidden(
        looks=len(during),
        short=len(short),
        least=min((look[2] for look in during), default=before),
        before=before,
        seconds=short[-1][1] - short[0][0] if short else 0.0,
        errors=tuple(dict.fromkeys(look[3] for look in during if look[3])),
        alone=alone,
    )
