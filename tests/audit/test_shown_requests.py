"""What is shown of a request that came to the sink: what was said, and never its keys."""

from __future__ import annotations

import gzip
import socket
import zlib
from typing import TYPE_CHECKING

import pytest
from auditing import Auditor, python

from showcase.evidence import Request
from showcase.witnesses.sink import redaction, reveal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("token=abc&q=1", "token=[redacted]&q=1"),
        ('{"api_key": "a\\"b", "q": "kept"}', '{"api_key": "[redacted]", "q": "kept"}'),
        ("use sk-abcdefghijkl now", "use [redacted] now"),
        ("key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL me", "key [redacted] me"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: [redacted]"),
        ('{"pass": "hunter2", "passenger": "kept"}', '{"pass": "[redacted]", "passenger": "kept"}'),
        ("user=me&pwd=hunter2", "user=me&pwd=[redacted]"),
        (
            '--x\r\nContent-Disposition: form-data; name="api_key"\r\n\r\nabc\r\n--x--',
            '--x\r\nContent-Disposition: form-data; name="api_key"\r\n\r\n[redacted]\r\n--x--',
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY----- and on", "[redacted] and on"),
        ("get http://me:hunter2@host.example/x", "get http://[redacted]@host.example/x"),
        ("my dog is called Biscuit", "my dog is called Biscuit"),
    ],
)
def test_keys_are_taken_out_of_texts(said: str, left: str) -> None:
    assert redaction.text(said) == left


def test_keys_are_taken_out_of_a_command_line() -> None:
    given = ("login", "--password", "hunter2", "--api-key=abc", "-u", "me", "--token", "--verbose", "last")
    assert redaction.arguments(given) == (
        *("login", "--password", "[redacted]", "--api-key=[redacted]", "-u", "me", "--token", "--verbose", "last"),
    )


@pytest.mark.parametrize(
    ("encoding", "pack", "shown"),
    [
        ("gzip", gzip.compress, '{"api_key": "[redacted]", "said": "hello"}'),
        ("deflate", zlib.compress, '{"api_key": "[redacted]", "said": "hello"}'),
        ("br", lambda data: b"\x0b" + data[:9], "[10 bytes, packed as br]"),
        ("gzip", lambda data: b"no gzip" + data[:3], "[10 bytes, packed as gzip]"),
    ],
)
def test_packed_bodies_are_unpacked_before_keys_are_looked_for(
    encoding: str, pack: Callable[[bytes], bytes], shown: str
) -> None:
    body = pack(b'{"api_key": "secret", "said": "hello"}')
    head = f"POST /x HTTP/1.1\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(head.encode() + body)
        assert reveal.read(ours)["body"] == shown


def test_of_a_body_that_is_no_text_what_can_be_read_is_shown() -> None:
    """Traces and metrics are sent as protocol buffers."""
    body = b"\x0a\x1b\x12\x19telemetry.sdk\x00\xff\xfeno\x01Traceback (most recent call last)"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(f"POST /v1/logs HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        shown = str(reveal.read(ours)["body"])
    assert shown.splitlines() == [
        f"[{len(body)} bytes that are no text; of them can be read:]",
        "telemetry.sdk",
        "Traceback (most recent call last)",
    ]


AGAIN = """
import socket
for body in (b"one", b"one", b"two"):
    for number in range(9):
        with socket.create_connection(("decoy.invalid", 80)) as subject:
            head = f"POST /try HTTP/1.1\\r\\nX-Try: {number}\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n"
            subject.send(head.encode() + body); subject.recv(12)
"""


@pytest.mark.usefixtures("sealable")
def test_requests_that_differ_in_a_header_are_told_once_and_what_was_said_each_time(
    run: Auditor, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    done = run("--seal=sink", "--reveal", "--report", str(page), *python(AGAIN))
    assert len(done.run.requests) == 18, "the log has each, once or twice"
    told = [line for line in done.stderr.splitlines() if line.startswith("→")]
    assert told == [
        "→ said to decoy.invalid, port 80: POST http://decoy.invalid/try, 18 times",
        "→ said to decoy.invalid, port 80: POST http://decoy.invalid/try, 9 times",
    ]
    assert done.stderr.count("    X-Try: ") == 2
    assert page.read_text(encoding="utf-8").count("POST http://decoy.invalid/try") < 18


def test_a_key_on_a_line_of_its_own_is_still_the_value_of_its_header() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"GET /x HTTP/1.1\r\nAuthorization:\r\n secret-value\r\nX-Said: a\r\n\tb\r\n\r\n")
        theirs.shutdown(socket.SHUT_WR)
        assert reveal.read(ours)["headers"] == [("Authorization", "[redacted]"), ("X-Said", "a b")]


def test_a_proxys_target_is_no_path_of_it() -> None:
    facts = {"address": "198.18.0.1", "port": 3128, "protocol": "http", "first_seen_s": 0.0, "count": 1}
    asked = Request(name="proxy.example", host="some.example:443", method="CONNECT", path="some.example:443", **facts)
    assert str(asked) == "CONNECT some.example:443"
