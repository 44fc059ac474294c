"""A connection whose two ends the watched have is internal, by who has them and not by a port's number."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from showcase.evidence import Attempt
from showcase.witnesses.connections import merge
from showcase.witnesses.decoy import DecoyListener
from showcase.witnesses.sightings import Look, Sightings
from showcase.witnesses.socket_table import look

if TYPE_CHECKING:
    from collections.abc import Iterator

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def pair(stack: ExitStack, port: int = 0) -> Pair:
    """Connect this process to itself, as Python makes a pair where the system has none."""
    with socket.create_server(("127.0.0.1", port)) as waiting:
        one = stack.enter_context(socket.create_connection(waiting.getsockname()))
        return one, stack.enter_context(waiting.accept()[0])


def looked(*left_out: socket.socket) -> Look:
    """Look at this process; whose sockets are left out, somebody else has."""
    others = [item.getsockname() for item in left_out]
    (held,) = look([os.getpid()])
    return Look(pid=held.pid, role="session 1", sockets=[row for row in held.sockets if row.local not in others])


def towards(sightings: Sightings, port: int) -> Attempt:
    (row,) = [row for row in sightings.attempts("sockets") if (row.kind, row.port) == ("connect", port)]
    return row


def test_both_ends_in_one_process(stack: ExitStack) -> None:
    one, other = pair(stack)
    sightings = Sightings()
    sightings.add([looked()], 1.0)
    for end in (one, other):
        assert towards(sightings, end.getpeername()[1]).peer == "watched"


def test_a_pair_through_a_listener_for_both_families(stack: ExitStack) -> None:
    """Its end of the connection stands as an IPv6 socket in the tables, with mapped addresses."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as waiting:
        one = stack.enter_context(socket.create_connection(("127.0.0.1", waiting.getsockname()[1])))
        stack.enter_context(waiting.accept()[0])
        sightings = Sightings()
        sightings.add([looked()], 1.0)
    assert towards(sightings, one.getpeername()[1]).peer == "watched"


def test_an_end_that_is_somebody_else_s(stack: ExitStack) -> None:
    one, other = pair(stack)
    sightings = Sightings()
    sightings.add([looked(other)], 1.0)
    assert towards(sightings, one.getpeername()[1]).peer is None


def test_a_second_connection_to_the_same_place_is_not_covered_by_the_first(stack: ExitStack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        port = waiting.getsockname()[1]
        ends = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(2)]
        theirs = [stack.enter_context(waiting.accept()[0]) for _ in range(2)]
    outside = next(each for each in theirs if each.getpeername() == ends[1].getsockname())
    sightings = Sightings()
    rest = [row for row in looked().sockets if row.remote != outside.getpeername()]
    sightings.add([Look(pid=os.getpid(), role="session 1", sockets=rest)], 1.0)
    row = towards(sightings, port)
    assert (row.count, row.peer) == (2, None)


def test_what_came_in_stays_so_when_its_listener_is_closed_before_it(stack: ExitStack) -> None:
    """And another one from there, which was not seen to come in, is told as what it may be."""
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        one = stack.enter_context(socket.create_connection(waiting.getsockname()))
        theirs = stack.enter_context(waiting.accept()[0])
        sightings = Sightings()
        sightings.add([looked(one)], 1.0)
    one.close()  # as who has gone: nobody watched has the other end any more
    sightings.add([looked()], 2.0)
    kinds = {row.kind for row in sightings.attempts("sockets") if row.port == theirs.getpeername()[1]}
    assert "connect" not in kinds
    anew = Sightings()
    anew.add([looked()], 2.0)
    assert towards(anew, theirs.getpeername()[1]).peer is None


def test_a_decoy_that_is_closed_is_at_no_moment_a_connection_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    decoy = DecoyListener()
    with socket.create_connection((decoy.endpoint.address, decoy.endpoint.port)) as theirs:
        port = theirs.getsockname()[1]
        while not decoy.reached:
            time.sleep(0.01)
    sightings = Sightings()

    def between(thread: threading.Thread, timeout: float | None = None) -> None:
        sightings.add([looked()], 1.0)
        join(thread, timeout)

    join = threading.Thread.join
    monkeypatch.setattr(threading.Thread, "join", between)  # between the listener's end and the connections'
    decoy.close()
    assert [row for row in sightings.attempts("sockets") if row.port == port] == []


def attempt(witness: str, **changes: Any) -> Attempt:
    facts: dict[str, Any] = {
        "kind": "connect", "family": "inet", "address": "127.0.0.1", "port": 4711, "transport": "tcp", "pid": 7,
        "process": "python", "role": "session 1", "first_seen_s": 1.0, "last_seen_s": 1.0, "count": 1,
        "witnesses": (witness,),
    }  # fmt: skip
    return Attempt(**facts | changes)


@pytest.mark.parametrize(
    ("rows", "peer"),
    [
        ((attempt("sockets", peer="watched"),), "watched"),
        ((attempt("sockets", peer="watched"), attempt("hook")), "watched"),
        ((attempt("sockets", peer="watched"), attempt("hook"), attempt("hook")), None),
        ((attempt("sockets", peer="watched", count=2), attempt("hook"), attempt("hook")), "watched"),
        ((attempt("hook", peer="watched"), attempt("hook")), None),
        ((attempt("hook", peer="watched"), attempt("sockets")), "watched"),
        ((attempt("hook", peer="watched"), attempt("sockets", count=2)), None),
        ((attempt("sockets", peer="watched"), attempt("syscalls", peer="watched", count=9)), "watched"),
    ],
)
def test_who_saw_less_than_another_knows_it_of_less(rows: tuple[Attempt, ...], peer: str | None) -> None:
    assert [row.peer for row in merge(rows)] == [peer]


def test_what_the_kernel_says_stays_a_row_of_its_own() -> None:
    rows = merge((attempt("sockets", peer="watched"), attempt("syscalls", peer="unwatched")))
    assert {row.peer for row in rows} == {"watched", "unwatched"}
