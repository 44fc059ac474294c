"""`--seal=sink`: what would have been asked is written down, by whom it was addressed to, and goes nowhere."""

from __future__ import annotations

import socket
import ssl
import sys
from typing import TYPE_CHECKING

import pytest
from auditing import Auditor, python

from showcase.report import redact
from showcase.witnesses.seal import names
from showcase.witnesses.sink import hello
from showcase.witnesses.sink.addresses import Addresses

if TYPE_CHECKING:
    from pathlib import Path


def client_hello(host: str | None, *protocols: str) -> bytes:
    """Return what OpenSSL says first."""
    context = ssl.create_default_context()
    context.check_hostname = False
    if protocols:
        context.set_alpn_protocols(list(protocols))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=host).do_handshake()
    return outgoing.read()


def test_a_client_hello_names_host_and_protocols() -> None:
    said = client_hello("api.example", "h2", "http/1.1")
    assert hello.is_whole(said)
    assert not hello.is_whole(said[:-1])
    assert hello.read(said) == hello.Hello("tls", "api.example", ("h2", "http/1.1"))
    assert hello.read(client_hello(None)) == hello.Hello("tls")


@pytest.mark.parametrize("length", range(1, 120, 7))
def test_a_client_hello_that_was_cut_is_read_without_harm(length: int) -> None:
    assert hello.read(client_hello("api.example")[:length]).protocol in {"tls", "other"}


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (b"", hello.Hello("silent")),
        (b"SSH-2.0-x\r\n\r\n", hello.Hello("other")),
        (b"\x16\x03\x01", hello.Hello("other")),
        (b"GET /a?key=1 HTTP/1.1\r\nHost: h.example\r\n\r\nrest", hello.Hello("http", "h.example", (), "GET", "/a?…")),
        (b"POST / HTTP/1.0\r\n\r\n", hello.Hello("http", None, (), "POST", "/")),
        (b"EHLO there you\r\n\r\n", hello.Hello("other")),
    ],
)
def test_a_first_message_is_read(said: bytes, read: hello.Hello) -> None:
    assert hello.read(said) == read


def test_one_address_a_name_and_none_when_they_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = Addresses()
    first, second = addresses.of("One.Example."), addresses.of("two.example")
    assert (first, second) == ("198.18.0.1", "198.18.0.2")
    assert addresses.of("one.example") == first
    assert addresses.name_of("198.18.0.2") == "two.example"
    monkeypatch.setattr("showcase.witnesses.sink.addresses._LAST", 0xC6120002)
    assert addresses.of("three.example") is None


@pytest.mark.parametrize(
    ("address", "code", "answers"), [(None, 3, 0), ("", 0, 0), ("198.18.0.1", 0, 1)], ids=["no name", "no record", "A"]
)
def test_the_name_servers_replies(address: str | None, code: int, answers: int) -> None:
    question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x07example\x00\x00\x01\x00\x01"
    reply = names.answer(question, lambda *_: address, "udp")
    assert reply is not None
    assert (reply[:2], reply[3] & 0xF, reply[7]) == (question[:2], code, answers)
    assert reply.endswith(socket.inet_aton(address)) if address else reply.endswith(question[12:])


@pytest.mark.usefixtures("sealable")
def test_what_a_command_says_is_written_down_and_the_host_named(run: Auditor) -> None:
    script = (
        "import urllib.request as u\n"
        "for url in ('http://plain.example/path?key=secret-1', 'https://tls.example/secret-2'):\n"
        "    try: u.urlopen(url, timeout=20)\n"
        "    except OSError as error: print(type(error).__name__)\n"
    )
    done = run("--seal=sink", *python(script), NO_PROXY="*")
    assert (done.exit_code, done.stdout) == (1, "HTTPError\nURLError\n")
    plain, tls = done.run.requests
    assert (plain.protocol, plain.host, plain.method, plain.path) == ("http", "plain.example", "GET", "/path?…")
    assert (tls.protocol, tls.name, tls.host, tls.port) == ("tls", "tls.example", "tls.example", 443)
    assert "GET http://plain.example/path" in done.stderr
    assert "secret" not in str(done.run.requests)


@pytest.mark.usefixtures("sealable")
def test_an_allowed_name_leads_to_the_sink_and_is_no_finding(run: Auditor) -> None:
    script = "import socket; socket.create_connection(('allowed.example', 443)).sendall(b'hello you\\r\\n\\r\\n')"
    done = run("--seal=sink", "--allow", "allowed.example:443", *python(script))
    assert done.exit_code == 0, done.stderr
    assert [request.protocol for request in done.run.requests] == ["other"]
    assert run("--seal=sink", "--allow", "allowed.example:80", *python(script)).exit_code == 1


@pytest.mark.usefixtures("sealable")
def test_processes_of_the_command_still_reach_each_other(run: Auditor) -> None:
    script = (
        "import socket\n"
        "socket.getaddrinfo('name.example', 80)\n"
        "server = socket.create_server(('0.0.0.0', 8080))\n"
        "client = socket.create_connection(('127.0.0.1', 8080))\n"
        "server.accept()[0].sendall(b'mine')\n"
        "print(client.recv(9))"
    )
    assert run("--seal=sink", "--", sys.executable, "-c", script).stdout == "b'mine'\n"


@pytest.mark.usefixtures("sealable")
def test_reveal_shows_the_request_and_never_the_keys(run: Auditor, tmp_path: Path) -> None:
    script = (
        "import json, urllib.request as u\n"
        "body = json.dumps({'prompt': 'my dog is called Biscuit', 'api_key': 'secret-1'}).encode()\n"
        "headers = {'Authorization': 'Bearer secret-2', 'Cookie': 'a=secret-3', 'X-Api-Key': 'secret-4'}\n"
        "headers['X-Said'] = 'hello'\n"
        "try: u.urlopen(u.Request('https://tls.example/api/chat?q=1&token=secret-5', body, headers), timeout=20)\n"
        "except OSError as error: print(error.code)\n"
    )
    (tmp_path / "client.py").write_text(script)
    done = run("--seal=sink", "--reveal", "--", sys.executable, str(tmp_path / "client.py"), NO_PROXY="*")
    assert done.stdout == "503\n"
    (request,) = done.run.requests
    assert (request.method, request.path, request.trusted) == ("POST", "/api/chat?q=1&token=[redacted]", True)
    assert ("x-said", "hello") in {(name.lower(), value) for name, value in request.headers}
    assert "my dog is called Biscuit" in (request.body or "")
    assert "Biscuit" in done.stderr
    assert "secret" not in done.log.read_text() + done.stderr + done.stdout
    assert redact(done.run).requests[0].body is None


@pytest.mark.usefixtures("sealable")
def test_who_brings_its_own_trust_is_named_and_no_more(run: Auditor) -> None:
    script = (
        "import socket, ssl\n"
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\n"
        "connection = socket.create_connection(('pinned.example', 443))\n"
        "try: context.wrap_socket(connection, server_hostname='pinned.example')\n"
        "except ssl.SSLError: print('not trusted')\n"
    )
    done = run("--seal=sink", "--reveal", *python(script))
    assert done.stdout == "not trusted\n"
    assert [(each.host, each.trusted, each.method) for each in done.run.requests] == [("pinned.example", False, None)]


def test_reveal_without_a_sink_is_refused(run: Auditor) -> None:
    assert run("--seal", "--reveal", "--", "true").exit_code == 2


MAPPED = """
import socket
address = socket.getaddrinfo("decoy.invalid", 80, socket.AF_INET)[0][4][0]
with socket.socket(socket.AF_INET6) as subject:
    subject.connect(("::ffff:" + address, 80)); subject.send(b"GET /path HTTP/1.1\\r\\nHost: decoy.invalid\\r\\n\\r\\n")
    print(subject.recv(12).decode())
"""


@pytest.mark.usefixtures("sealable")
def test_a_socket_of_ipv6_is_answered_at_an_address_of_ipv4(run: Auditor) -> None:
    """Java and .NET have no others."""
    done = run("--seal=sink", *python(MAPPED))
    assert done.stdout == "HTTP/1.1 503\n", done.stderr
    assert [(request.name, request.path) for request in done.run.requests] == [("decoy.invalid", "/path")]
    assert done.egress.reason.startswith("1 destination outside the policy, in 2 kinds of attempt"), done.egress.reason
