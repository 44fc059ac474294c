"""The finding of an audit: what was tried, what held it back, and by which clock."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from long_builder import audit
from paper import A4, packed, sheets
from run_builder import attempt

from showcase.report import render
from showcase.report.attempts import attempt_lines
from showcase.report.embed import embed
from showcase.report.finding import finding

if TYPE_CHECKING:
    from pathlib import Path

    from browser import Browser

    from showcase.evidence import Run

INSIDE = "stayed inside the seal"


def sealed(*outcomes: str, sealing: str = "namespace") -> Run:
    """Return an audit whose seal carries, with an attempt for each outcome that no rule allows, two by default."""
    run = audit(0)
    assert run.command is not None
    caught = run.witnesses[0].control
    assert caught is not None
    caught = replace(caught, detail="prevented 0.051 s into the run: the decoy heard nothing")
    seal = replace(run.witnesses[0], name="seal", unseen=(), control=caught)
    rows = tuple(
        attempt("command", 0.3 + n / 100, address=f"203.0.113.{n}", port=443, outcome=outcome, count=1)
        for n, outcome in enumerate(outcomes or (INSIDE, INSIDE))
    )
    return audit(
        0,
        command=replace(run.command, sealing=sealing, ended_s=0.348),
        witnesses=(*run.witnesses, seal),
        connections=rows,
        options=replace(run.options, witnesses=("sockets", "hook", "seal")),
    )


def test_finding_of_a_sealed_audit_says_that_the_seal_held(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(render(sealed()), encoding="utf-8")
    first, rest = (packed(sheet) for sheet in sheets(browser, page, A4))
    assert packed("BROKEN 1 claim of 1 is broken. The seal held it back.") in first
    assert packed("; 2 are not allowed; the seal held both back:") in first
    assert "known" not in first, "that something stayed inside, and that nobody knows it"
    assert packed("exit status 0, by itself; pid 4711, 148 ms. Attempts count from its start.") in first
    assert packed("1 time, first after 100 ms") in first
    assert "Auditedwith" in first
    assert packed("Showcase and its libraries, which are not the command's: CPython 3.11.2, showcase 0.1.0") in first
    assert packed("the command, from which those above count, began after 200 ms") in rest


@pytest.mark.parametrize(
    ("sealing", "outcomes", "words", "box"),
    [
        ("namespace", (INSIDE,), "1 is not allowed; the seal held it back:", "The seal held it back."),
        ("sink", (INSIDE,) * 3, "3 are not allowed; the seal held all of them back:", "The seal held it back."),
        ("namespace", (INSIDE, "sent", INSIDE), "3 are not allowed; the seal held 2 of them back:", ""),
        ("namespace", ("sent",), "1 is not allowed:", ""),
        ("none", ("ESTABLISHED",), "1 is not allowed:", "No seal held it back."),
    ],
)
def test_finding_says_how_much_the_seal_held(sealing: str, outcomes: tuple[str, ...], words: str, box: str) -> None:
    run = sealed(*outcomes, sealing=sealing)
    found = finding(run, embed(run), redacted=False, sha256=None)
    assert found.seen.endswith(words)
    assert found.held == box


def test_finding_of_an_audit_whose_seal_does_not_count_does_not_say_that_it_held() -> None:
    run = replace(sealed(), witnesses=sealed().witnesses[:1])
    found = finding(run, embed(run), redacted=False, sha256=None)
    assert found.seen.endswith("; 2 are not allowed:")
    assert not found.held


def test_what_was_seen_is_told_in_the_order_of_what_matters() -> None:
    refused = attempt("command", 0.21, kind="socket", family="io_uring", address=None, port=None, outcome="ENOSYS")
    waits = attempt("command", 0.22, kind="listen", port=8000)
    allowed = attempt("command", 0.3)
    leak = attempt("command", 0.34, address="203.0.113.7", port=443)
    told = [line.what for line in attempt_lines(audit(0, connections=(refused, waits, allowed, leak)))]
    assert told[:2] == ["connect 203.0.113.7:443", "connect 127.0.0.1:41733"]
    assert [what.split()[0] for what in told[2:]] == ["listen", "socket"]
