"""Whom an audit tried to reach: an address that the sink handed out is the name for which it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reading import panel, words
from run_builder import attempt
from test_plain_words import SHOWN, judged, said
from test_report_audit import COMMAND, audit

from showcase.audit import account
from showcase.claims.egress import Egress
from showcase.evidence import Attempt, Policy, Request, Rule, Run
from showcase.report import redact, render
from showcase.report.attempts import attempt_lines
from showcase.report.audit_words import audit_words
from showcase.report.standing import Standing

NAME, GIVEN = "telemetry.example", "198.18.0.1"
SAID = Request(
    name=NAME, address=GIVEN, port=443, protocol="tls", host=NAME, first_seen_s=1.5, count=1
)  # fmt: skip
LOOKUP = attempt("command", 1.0, kind="lookup", address="10.255.255.53", port=53, name=NAME, count=2)


def sunk(*rows: Attempt, sealing: str = "sink", requests: tuple[Request, ...] = (SAID,), **changes: object) -> Run:
    command = replace(COMMAND, sealing=sealing)  # type: ignore[arg-type]
    return judged(replace(audit(command), connections=rows, requests=requests, **changes))  # type: ignore[arg-type]


def to(address: str, **changes: object) -> Attempt:
    return attempt("command", 1.1, address=address, port=443, **{"count": 1, **changes})


def reason(run: Run) -> str:
    return Egress().judge(run).reason


def test_an_address_of_the_sink_is_no_destination_of_its_own() -> None:
    run = sunk(LOOKUP, to(GIVEN), to("203.0.113.7"))
    assert said(run).startswith(f"python3 tried to reach {NAME}, and one more destination.")
    assert reason(run).startswith(f"2 destinations outside the policy, in 3 kinds of attempt: lookup of {NAME} (")
    assert f"connect {GIVEN}:443 for {NAME} (" in reason(run)
    named = f"{GIVEN}:443, which stands for {NAME}"
    assert named in words(render(run), "network")
    assert named in panel(render(run), "panel-reached").text
    assert [line.what for line in attempt_lines(run)][1] == f"connect {named}"
    assert f"connect {named}, once, first after 0.90 s" in "\n".join(account.lines(run))
    assert f"lookup of {NAME}, 2 times, first after 0.80 s" in "\n".join(account.lines(run))


@pytest.mark.parametrize("address", [GIVEN, f"::ffff:{GIVEN}"])
def test_a_name_that_is_cached_is_known_by_what_was_said(address: str) -> None:
    run = sunk(to(address))
    assert said(run).startswith(f"python3 tried to reach {NAME}.")
    assert reason(run).startswith("1 destination outside the policy: connect ")


def test_two_names_are_two_destinations_whatever_their_addresses() -> None:
    other = replace(SAID, name="other.example", address="198.18.0.2")
    second = replace(LOOKUP, name="Other.Example.")
    run = sunk(LOOKUP, to(GIVEN), second, to("198.18.0.2"), requests=(SAID, other))
    assert said(run).startswith(f"python3 tried to reach {NAME}, and one more destination.")
    assert reason(run).startswith("2 destinations outside the policy, in 4 kinds of attempt:")


@pytest.mark.parametrize(
    ("sealing", "requests"),
    [("sink", ()), ("namespace", (SAID,)), ("sink", (replace(SAID, address="203.0.113.7"),))],
    ids=["nothing was said there", "no sink", "no address of a sink"],
)
def test_no_other_address_is_taken_for_a_name(sealing: str, requests: tuple[Request, ...]) -> None:
    run = sunk(LOOKUP, to(GIVEN), to("203.0.113.7"), sealing=sealing, requests=requests)
    assert said(run).startswith(f"python3 tried to reach {NAME}, and two more destinations.")
    assert reason(run).startswith("3 destinations outside the policy: ")
    assert "stands for" not in render(run)


def test_an_allowed_name_is_one_destination_too() -> None:
    here = SHOWN["audit-http"]
    run = sunk(LOOKUP, to(GIVEN), policy=Policy(allowed=(), rules=(Rule(host=NAME, port=443, addresses=(GIVEN,)),)))
    words = [each.text for each in audit_words(run, Standing(here), redacted=False)]
    assert words == [f"python3 was seen to reach only what was allowed: {NAME}."]


def test_a_redacted_page_keeps_the_name_as_it_keeps_those_that_were_looked_up() -> None:
    assert f"{GIVEN}:443, which stands for {NAME}" in render(redact(sunk(LOOKUP, to(GIVEN))), redacted=True)


def test_attempts_are_counted_by_the_clock_of_the_command_and_never_after_its_end() -> None:
    run = sunk(LOOKUP, to(GIVEN, first_seen_s=3.19), to("203.0.113.7", first_seen_s=3.2))
    told = "\n".join(account.lines(run))
    assert "ended with exit status 0 after 3.00 s" in told
    assert "once, first after 3.00 s" in told
    assert "3.2 s" not in words(render(run), "network").partition("What it would have said")[0].partition("When:")[0]
    assert "By python3 after 3.0 s" in panel(render(run), "panel-reached").text
    assert "the command began after 200 ms" in words(render(run), "witnesses")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (attempt("command", 1.0, count=1), "1 connection, to 127.0.0.1:41733;"),
        (attempt("command", 1.0, count=3), "3 connections and lookups, all to 127.0.0.1:41733;"),
    ],
)
def test_one_connection_is_not_several(row: Attempt, told: str) -> None:
    assert reason(sunk(row, sealing="none")).startswith(told)


def test_one_lookup_is_no_connection() -> None:
    policy = replace(audit().policy, rules=(Rule(host=NAME),))
    run = sunk(replace(LOOKUP, count=1, address=None, port=None), sealing="none", policy=policy)
    assert reason(run).startswith(f"1 lookup, to {NAME}:*;")
