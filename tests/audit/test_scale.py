"""What an audit of ten thousand destinations costs: work that grows with their number, not with its square.

Work is counted, in calls of functions and turns of generators, so that a busy machine says the same as an idle one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from auditing import audit, python
from working import assert_linear

from showcase import claims, runlog
from showcase.audit import account
from showcase.report import redact, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.evidence import Attempt, Run

pytestmark = [pytest.mark.usefixtures("sealable")]

CONTACTS = """
import socket
for number in range(1, 6):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as each:
            each.connect((f"198.51.100.{number}", 7000 + number))
            if kind == socket.SOCK_DGRAM:
                each.send(b"told")
    try:
        socket.getaddrinfo(f"name-{number}.example.org", 80)
    except OSError:
        pass
"""


def multiplied(run: Run, number: int) -> Run:
    """Return a real log with its outgoing connections again and again, each time to somebody else."""
    pattern = [row for row in run.connections if row.kind in ("connect", "send", "lookup")]
    last_s = max(row.last_seen_s for row in run.connections)
    rows = list(run.connections)
    while len(rows) < number:
        rows.append(_elsewhere(pattern[len(rows) % len(pattern)], len(rows), last_s))
    grown = replace(run, connections=tuple(rows))
    return replace(grown, claims=claims.judge(grown))


def _elsewhere(row: Attempt, number: int, moment_s: float) -> Attempt:
    row = replace(row, first_seen_s=moment_s, last_seen_s=moment_s)
    if row.kind == "lookup":
        return replace(row, name=f"more-{number}.example.org")
    return replace(row, address=f"203.0.{number >> 8}.{number & 255}")


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A real log, of a command that contacts some, in a seal that names the rest."""
    done = audit(tmp_path_factory.mktemp("scale") / "log.json", "--seal=sink", *python(CONTACTS))
    assert done.exit_code == 1, done.stderr
    return done.run


@pytest.mark.parametrize(
    "what",
    [
        claims.judge,
        account.lines,
        account.contacts,
        render,
        redact,
        lambda run: runlog.load(runlog.dump(run), source=""),
    ],
    ids=["claims", "lines", "contacts", "page", "redaction", "log"],
)
def test_what_is_told_of_an_audit_grows_with_what_was_contacted(one: Run, what: Callable[[Run], object]) -> None:
    assert_linear(lambda number: multiplied(one, number), what)


def test_the_account_of_ten_thousand_counts_each(one: Run) -> None:
    many = multiplied(one, 10_000)
    assert sum(each.how.kind == "finding" for each in account.contacts(many)) > 9_900
    egress = next(verdict for verdict in many.claims if verdict.id == "egress")
    assert egress.status == "broken"
    assert "destinations outside the policy" in egress.reason
