"""The headline where something was not seen, is withheld, or was allowed elsewhere."""

from __future__ import annotations

from dataclasses import replace

from run_builder import ENDPOINT, whole_run
from test_plain_words import SHOWN, judged, said
from test_report_audit import audit

from showcase.evidence import Policy, Rule
from showcase.report import redact
from showcase.report.audit_words import NOT_SEEN, audit_words
from showcase.report.standing import Standing


def test_an_audit_that_nobody_watched_says_what_could_not_be_seen() -> None:
    assert said(judged(replace(SHOWN["audit"], witnesses=()))) == NOT_SEEN


def test_an_allowed_address_elsewhere_is_no_silence() -> None:
    here = SHOWN["audit-http"]
    port = here.policy.rules[0].port
    away = tuple(replace(row, address="203.0.113.9", peer=None) for row in here.connections if row.kind == "connect")
    rules = Policy(allowed=(), rules=(Rule(host="203.0.113.9", port=port),))
    standing = Standing(here)
    words = audit_words(replace(here, connections=away, policy=rules), standing, redacted=False)
    assert [each.text for each in words] == [f"python3 was seen to reach only what was allowed: 203.0.113.9:{port}."]


def test_a_redacted_headline_names_neither_users_nor_the_command() -> None:
    assert said(redact(whole_run()), redacted=True).startswith("“user-1” told one program four things.")
    assert said(redact(audit()), redacted=True).startswith("python3 tried"), "a plain name of a program is kept"
    unseen = replace(audit(), connections=tuple(replace(row, process=None) for row in audit().connections))
    text = said(redact(judged(unseen)), redacted=True)
    assert text.startswith("The command tried to reach us.i.posthog.com.")


def test_endpoint_of_the_model_server_is_no_leak() -> None:
    assert ENDPOINT.address not in said(whole_run())
