"""Probes with few rows: two processes and two users, odd user ids, a reader that stays open, writers at once."""

from __future__ import annotations

import time
import unicodedata
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from showcase.bench.stores import told
from showcase.bench.stores.program import RefusedError
from showcase.bench.stores.sample import Apart, OddId, OpenReader, Outcome, Writers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from showcase.bench.stores.program import Program
    from showcase.bench.stores.stage import Stage

ALICE, BOB = "alice", "bob"
COMPOSED = "al\u00edce"
"""A third user, whose name another spelling of the same letters reads like."""

EVERYBODY = "*"
ODD_IDS: dict[str, str] = {
    EVERYBODY: EVERYBODY,
    "empty": "",
    "a space": " ",
    "ali*": "ali*",
    "ALICE": "ALICE",
    "alice, a space behind": "alice ",
    "alice|bob": "alice|bob",
    "alice,bob": "alice,bob",
    "%": "%",
    "_lice": "_lice",
    "alice'OR'1'='1": "alice'OR'1'='1",
    "{alice}": "{alice}",
    "alíce decomposed (NFD)": unicodedata.normalize("NFD", COMPOSED),
    "600 characters": "alice" * 120,
}
"""By their names in tables. An injection with spaces inside is refused by mem0 before any store is asked."""

_FEW = 3
_BEFORE_ASKING = ("ValueError", "UsageError", "ValidationError")
"""Errors of whoever checks an id before a store is asked."""

_SETTLED_S = 3.0
_FOUND_S = 10.0


def apart(stage: Stage) -> Apart:
    """Let one process store alice's facts, and another ask as alice and as bob."""
    facts = told.facts(ALICE)
    with stage.opened() as first:
        stored = first.ask("adds", user=ALICE, texts=facts)
        first.ask("adds", user=BOB, texts=told.facts(BOB)[:_FEW])
        here = _given_to(first, BOB)
    if stored["failed"]:
        raise RefusedError(stored["failed"][0])
    try:
        with stage.opened() as second:
            answers = second.ask("searches", user=ALICE, texts=told.questions(), at_most=told.OWN)["rows"]
            there = _given_to(second, BOB)
    except RefusedError as error:
        return Apart(told=len(facts), recalled=0, error=str(error), returned=len(here), foreign=_strangers(here))
    recalled = sum(fact in {row["text"] for row in rows} for fact, rows in zip(facts, answers, strict=True))
    return Apart(told=len(facts), recalled=recalled, returned=len(there), foreign=_strangers(there))


def _given_to(program: Program, user_id: str) -> list[dict[str, Any]]:
    """Return all rows that a user is given who asks what alice asks, and for what she told, and lists."""
    asked = [*told.questions(), *told.facts(ALICE)]
    found = program.ask("searches", user=user_id, texts=asked, at_most=told.OWN)["rows"]
    return [row for rows in (*found, program.ask("list", user=user_id)["rows"]) for row in rows]


def _strangers(rows: list[dict[str, Any]]) -> int:
    return sum(not _is_of(row, BOB) for row in rows)


def _is_of(row: dict[str, Any], user_id: str) -> bool:
    """Tell by the text as well: an adapter may give a row a name that it was asked for."""
    return row["user_id"] == user_id and row["text"] in told.facts(user_id)


def odd(stage: Stage) -> tuple[OddId, ...]:
    """Store and read under each odd id, beside alice, bob and another one."""
    with stage.opened() as program:
        for user_id in (ALICE, BOB, COMPOSED):
            program.ask("adds", user=user_id, texts=told.facts(user_id)[:_FEW])
        return tuple(_odd(program, name, user_id) for name, user_id in ODD_IDS.items())


def _odd(program: Program, name: str, user_id: str) -> OddId:
    owners = {fact: other for other in (ALICE, BOB, COMPOSED) for fact in told.facts(other)}
    own = f"A row of nobody but {name}: {told.facts(user_id)[0]}"
    try:
        before = _texts_of(program, user_id, own)
    except RefusedError as error:
        said = str(error)
        outcome: Outcome = "refused" if said.startswith(_BEFORE_ASKING) else "failed"
        return OddId(name=name, outcome=outcome, why=said)
    reads = {owners[text] for text in before if text in owners}
    try:
        added = program.ask("add", user=user_id, text=own)
    except RefusedError as error:
        return OddId(name=name, outcome="failed", why=str(error), reads=tuple(sorted(reads)))
    until = time.monotonic() + _SETTLED_S
    while own not in (seen := _texts_of(program, user_id, own)) and time.monotonic() < until:
        time.sleep(0.05)
    reads |= {owners[text] for text in seen if text in owners}
    read_by = [other for other in (ALICE, BOB, COMPOSED) if own in _texts_of(program, other, own)]
    program.ask("delete", memory_id=added["id"])
    owner = added["owner"]
    return OddId(
        name=name,
        outcome="stored",
        why="" if own in seen else "nothing finds its row",
        kept_as="" if owner == user_id else str(owner),
        reads=tuple(sorted(reads)),
        read_by=tuple(read_by),
    )


def _texts_of(program: Program, user_id: str, text: str) -> set[str]:
    """Return all that a search and a listing give a user."""
    found = program.ask("search", user=user_id, text=text, at_most=told.OWN)["rows"]
    return {row["text"] for row in (*found, *program.ask("list", user=user_id)["rows"])}


def open_reader(stage: Stage, *, limit_s: float) -> OpenReader:
    """Let a process look on while another adds a row, and takes one out."""
    facts = told.facts(ALICE)
    with stage.opened() as first:
        ids = first.ask("adds", user=ALICE, texts=facts[:_FEW])["ids"]
    with ExitStack() as ends:
        reader = ends.enter_context(stage.opened())
        reader.ask("searches", user=ALICE, texts=[facts[0]], at_most=told.OWN)
        try:
            writer = ends.enter_context(stage.opened())
        except RefusedError as error:
            return OpenReader(limit_s=limit_s, alone=str(error))
        new = facts[_FEW]
        reader.send("await", user=ALICE, text=new, wanted=new, there=True, limit_s=limit_s)
        at = writer.ask("add", user=ALICE, text=new)["at"]
        added = reader.receive(limit_s + 30)
        reader.send("await", user=ALICE, text=facts[0], wanted=ids[0], there=False, limit_s=limit_s)
        gone = writer.ask("delete", memory_id=ids[0])["at"]
        deleted = reader.receive(limit_s + 30)
    return OpenReader(
        added_s=_after(at, added["seen_at"]),
        listed=added.get("listed"),
        deleted_s=_after(gone, deleted["seen_at"]),
        still_listed=deleted.get("listed"),
        limit_s=limit_s,
        errors=tuple(dict.fromkeys((*added["errors"], *deleted["errors"]))),
    )


def _after(done: float, seen: float | None) -> float | None:
    """Return how long after a write was done it was seen: what was seen before its writer heard of it took no time."""
    return None if seen is None else max(0.0, seen - done)


def writers(stage: Stage, *, count: int, each: int) -> Writers:
    """Let several processes write at once, and a fresh one look what is there."""
    with stage.opened():
        pass  # makes the collection; mem0's class for PostgreSQL makes its table only with the first write
    told_by = [[f"{fact}, told as number {number} by writer {who}" for number, fact in _facts(each)]
               for who in range(count)]  # fmt: skip
    errors: Counter[str] = Counter()
    with ExitStack() as ends:
        programs = [ends.enter_context(stage.opened(waits=False)) for _ in range(count)]
        ready = [
            (program, texts) for program, texts in zip(programs, told_by, strict=True) if _greeted(program, errors)
        ]
        began = time.monotonic()
        for program, texts in ready:
            program.send("adds", user=ALICE, texts=texts)
        stored: list[str] = []
        for program, _ in ready:
            try:
                said = program.receive(600.0)
            except RefusedError as error:
                errors[str(error)] += 1
                continue
            stored += said["ids"]
            errors.update(said["failed"])
        took = time.monotonic() - began
    with stage.opened() as last:
        first = there = _ids(last)
        until = time.monotonic() + _FOUND_S
        while not there.issuperset(stored) and time.monotonic() < until:  # what is hidden is not lost
            stage.pause(0.1)
            there = _ids(last)
    return Writers(
        writers=count,
        each=each,
        opened=len(ready),
        stored=len(stored),
        at_first=len(first.intersection(stored)),
        found=len(there.intersection(stored)),
        errors=dict(errors.most_common(5)),
        seconds=took,
    )


def _ids(program: Program) -> set[str]:
    return {row["memory_id"] for row in program.ask("list", user=ALICE)["rows"]}


def _facts(each: int) -> Iterable[tuple[int, str]]:
    facts: Sequence[str] = told.facts(ALICE)
    return ((number, facts[number % len(facts)]) for number in range(each))


def _greeted(program: Program, errors: Counter[str]) -> bool:
    try:
        program.greet()
    except RefusedError as error:
        errors[str(error)] += 1
        return False
    return True
