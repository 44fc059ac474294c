"""What a command said to the sink stands on the page of its audit, and less of it on a redacted one."""

from __future__ import annotations

from dataclasses import replace

from reading import words
from test_report_audit import COMMAND, audit

from showcase.evidence import Request, Run
from showcase.report import redact, render
from showcase.report.request_view import SHOWN_REQUESTS

POST = Request(
    name="ollama.com",
    address="198.18.0.1",
    port=443,
    protocol="tls",
    host="ollama.com",
    method="POST",
    path="/api/chat?ts=1",
    headers=(("Authorization", "[redacted]"), ("X-Said", "<b>hi</b>")),
    body='{"prompt": "my dog is called Biscuit"}',
    trusted=True,
    first_seen_s=1.5,
    count=2,
)


def sunk(*requests: Request) -> Run:
    return replace(audit(replace(COMMAND, sealing="sink")), requests=requests)


def test_a_revealed_request_is_shown_with_headers_and_body() -> None:
    page = render(sunk(POST))
    said = words(page, "network")
    for part in (
        "What it would have said",
        "POST https://ollama.com/api/chat?ts=1",
        "to ollama.com, port 443",
        "2 times",
        "first after 1.3 s",  # by the clock of the command, which began after 0.2 s
        "Moments count from the start of the command.",
        "Authorization: [redacted]",
        "X-Said: <b>hi</b>",
        '{"prompt": "my dog is called Biscuit"}',
        "taken out before anything was written",
    ):
        assert part in said, part
    assert "<b>hi</b>" not in page


def test_what_was_not_revealed_is_named_and_no_more() -> None:
    named = replace(POST, method=None, path=None, headers=(), body=None, trusted=None, alpn=("h2",))
    distrusting = replace(named, host=None, alpn=(), trusted=False, first_seen_s=0.5)
    said = words(render(sunk(named, distrusting)), "network")
    assert said.index("TLS for no name") < said.index("TLS for ollama.com (h2)"), "in the order of time"
    assert "it did not trust this run's certificate" in said
    assert "taken out before" not in said


def test_a_sink_to_which_nothing_was_said_is_no_silence_of_the_page() -> None:
    assert "Nothing was said to it." in words(render(sunk()), "network")
    assert "What it would have said" not in words(render(audit()), "network"), "there was no sink"


def test_a_redacted_page_has_neither_path_nor_headers_nor_body() -> None:
    page = render(redact(sunk(POST)), redacted=True)
    assert "POST https://ollama.com/path-1" in page
    for part in ("Biscuit", "X-Said", "ts=1"):
        assert part not in page


def test_a_redacted_page_has_no_host_that_nobody_looked_up() -> None:
    said = replace(POST, host="my dog is called Biscuit")
    redacted = redact(sunk(said, POST))
    assert [request.host for request in redacted.requests] == ["host-1", "ollama.com"]
    assert "Biscuit" not in render(redacted, redacted=True)


def test_of_many_the_rest_is_counted() -> None:
    many = tuple(replace(POST, path=f"/{number}") for number in range(SHOWN_REQUESTS + 3))
    said = words(render(sunk(*many)), "network")
    assert "3 more requests in the embedded run log" in said
    assert f"ollama.com/{SHOWN_REQUESTS} " not in said
