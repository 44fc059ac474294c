"""Where Ollama is looked for: loopback, whatever was typed, and never by name."""

from __future__ import annotations

import pytest

from showcase.errors import UsageError
from showcase.settings import parse_ollama_host


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("http://127.0.0.1:11434", "127.0.0.1:11434"),
        ("127.0.0.1", "127.0.0.1:11434"),
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://127.0.0.1:11434/", "127.0.0.1:11434"),
        ("localhost", "127.0.0.1:11434"),
        ("HTTP://LocalHost:1", "127.0.0.1:1"),
        (":8080", "127.0.0.1:8080"),
        ("http://[::1]:11434", "[::1]:11434"),
        ("::1", "[::1]:11434"),
        ("127.8.9.10", "127.8.9.10:11434"),
    ],
)
def test_loopback_is_accepted(text: str, endpoint: str) -> None:
    found, note = parse_ollama_host(text)
    assert str(found) == endpoint
    assert note is None


@pytest.mark.parametrize(("text", "address"), [("0.0.0.0", "127.0.0.1"), ("http://[::]:11434", "::1")])  # noqa: S104
def test_an_address_to_listen_on_means_this_machine_and_is_said(text: str, address: str) -> None:
    found, note = parse_ollama_host(text)
    assert found.address == address
    assert note is not None


@pytest.mark.parametrize(
    "text",
    [
        "192.168.1.7",
        "http://192.0.2.1:11434",
        "example.org",
        "http://localhost.example.org",
        "https://127.0.0.1",
        "ftp://127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:x",
        "http://user@127.0.0.1",
        "http://127.0.0.1/path",
        "2001:db8::1",
        "127.1",
        "2130706433",
    ],
)
def test_everything_else_is_refused_with_a_fix(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_ollama_host(text)
    assert "--ollama-host" in caught.value.hint
