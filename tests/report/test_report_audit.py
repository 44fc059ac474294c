"""The page of an audit: the command instead of sessions, the same table of connections."""

from __future__ import annotations

from dataclasses import replace

import pytest
from run_builder import attempt, whole_run

from showcase.evidence import Command, Coverage, Policy, Rule, Run
from showcase.report import redact, render, render_comparison

COMMAND = Command(
    arguments=("python3", "-c", "print('<hi>')"),
    pid=4711,
    started_s=0.2,
    ended_s=3.2,
    exit_code=0,
    ended_by="itself",
    sealing="namespace",
    bridges=(11434,),
    weakened_by=("HTTP_PROXY: requests go to the proxy",),
)


def audit(command: Command = COMMAND) -> Run:
    whole = whole_run()
    watched = (Coverage(role="command", from_s=0.2, until_s=3.2, complete=True),)
    return whole_run(
        scenario=None,
        command=command,
        sessions=(),
        controls=(),
        engine=None,
        connections=(
            attempt("command", 1.0),
            attempt("command", 2.0, kind="lookup", address=None, port=443, name="us.i.posthog.com"),
        ),
        witnesses=tuple(replace(witness, coverage=watched) for witness in whole.witnesses),
        policy=Policy(allowed=(), rules=(Rule(host="127.0.0.1", port=41733, addresses=("127.0.0.1",)),)),
    )


def test_page_of_an_audit_shows_the_command_and_no_sessions() -> None:
    page = render(audit())
    assert "Audit of a command" in page
    assert "<b>1 claim of 2 is broken.</b>" in page, "nobody watched the server that it contacted"
    assert "Found: “A process tried to reach what is not allowed”" in page
    assert "Nothing left the machine" not in page, "beside the word broken it would be a double negative"
    assert "us.i.posthog.com, port 443" in page
    assert "Allowed: <code>127.0.0.1:41733</code>" in page
    assert "HTTP_PROXY: requests go to the proxy" in page
    for section in ("story", "memory", "isolation", "engine", "disk"):
        assert f'id="{section}"' not in page
        assert f'href="#{section}"' not in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "exit status 0, by itself"),
        ({"exit_code": -15, "ended_by": "duration"}, "signal 15, after the time it was given"),
        ({"exit_code": None, "ended_s": None, "pid": None}, "never reaped"),
    ],
)
def test_end_of_the_command_is_said(changes: dict[str, object], words: str) -> None:
    assert words in render(audit(replace(COMMAND, **changes)))  # type: ignore[arg-type]


def test_redacted_audit_keeps_its_verdict_and_loses_its_command_line() -> None:
    redacted = redact(audit())
    assert [(v.id, v.status, v.level) for v in redacted.claims] == [(v.id, v.status, v.level) for v in audit().claims]
    assert "hi" not in " ".join(redacted.command.arguments if redacted.command else ())


def test_audit_can_stand_beside_a_run() -> None:
    assert "none: an audit" in render_comparison([("run", whole_run()), ("audit", audit())])
