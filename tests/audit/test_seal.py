"""`--seal`: what was tried is seen and stays inside; an allowed loopback port leads out."""

from __future__ import annotations

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from auditing import FOREIGN, Auditor, python

from showcase import audit as showcase_audit
from showcase.errors import ShowcaseError
from showcase.witnesses.seal import witness as seal_witness
from showcase.witnesses.syscalls import witness as syscalls_witness

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("sealable")
GET = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=20).read().decode())"


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "7")
        self.end_headers()
        self.wfile.write(b"outside")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server_port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hello) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_command_that_stays_at_home_is_upheld_and_enforced(run: Auditor) -> None:
    done = run("--seal", "--", "sh", "-c", "echo said")
    assert (done.exit_code, done.stdout) == (0, "said\n")
    assert (done.egress.status, done.egress.level) == ("upheld", "enforced")
    assert done.run.command is not None
    assert done.run.command.sealing == "namespace"


def test_what_is_tried_is_seen_and_stays_inside(run: Auditor) -> None:
    script = (
        "import socket\n"
        "for attempt in (lambda: socket.getaddrinfo('leak.example', 443), "
        f"lambda: socket.create_connection(('{FOREIGN}', 443)),"
        f"lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('{FOREIGN}', 9))):\n"
        "    try: attempt()\n"
        "    except OSError: pass\n"
    )
    done = run("--seal", *python(script))
    assert done.exit_code == 1
    seen = {(row.kind, row.name or row.address): row for row in done.run.connections}
    for what in (("lookup", "leak.example"), ("connect", FOREIGN), ("send", FOREIGN)):
        assert seen[what].outcome == "stayed inside the seal"
        assert {"hook", "syscalls", "seal"} <= set(seen[what].witnesses)
    assert any("stayed inside" in limit for limit in done.egress.limits)


def test_an_allowed_port_leads_out_and_no_other_does(run: Auditor, server_port: int) -> None:
    url = f"http://127.0.0.1:{server_port}/"
    allowed = run("--seal", "--allow", f"127.0.0.1:{server_port}", *python(GET, url))
    assert (allowed.exit_code, allowed.stdout) == (0, "outside\n"), allowed.stderr
    assert allowed.egress.level == "enforced"
    assert allowed.run.command is not None
    assert allowed.run.command.bridges == (server_port,)
    refused = run("--seal", *python(GET, url))
    assert refused.exit_code == 1
    assert "outside" not in refused.stdout


def test_without_a_bridge_the_command_serves_the_port_itself(run: Auditor, server_port: int) -> None:
    script = f"import socket; socket.create_server(('127.0.0.1', {server_port})); print('mine')"
    given = ("--seal", "--allow", f"127.0.0.1:{server_port}")
    assert run(*given, *python(script)).stdout == ""
    assert run(*given, "--no-bridge", *python(script)).stdout == "mine\n"


def test_an_allowed_name_may_be_asked_for_and_nothing_else(run: Auditor) -> None:
    script = "import socket, sys\ntry: socket.getaddrinfo(sys.argv[1], 80)\nexcept OSError: print('unknown')"
    done = run("--seal", "--allow", "localhost:80", *python(script, "localhost"))
    assert done.exit_code == 0
    assert run("--seal", "--allow", "localhost:80", *python(script, "other.example")).stdout == "unknown\n"


def test_a_listener_on_every_address_is_no_exposure_inside(run: Auditor) -> None:
    script = "import socket; socket.create_server(('0.0.0.0', 0))"
    assert run("--seal", *python(script)).exit_code == 0
    assert run("--", sys.executable, "-c", script).exit_code == 3


def test_no_seal_is_offered_where_the_supervisor_who_makes_it_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the command would be started without its walls, though they were insisted on."""
    reasons = {(): "a supervised child did not end within 20 s", ("--seal", ""): None}
    for module in (syscalls_witness, seal_witness):
        monkeypatch.setattr(module, "why_unavailable", lambda *options: reasons[options])
    request = showcase_audit.Request(command=("true",), rules=(), sealing="namespace", environment=dict(os.environ))
    with pytest.raises(ShowcaseError, match="cannot be sealed here: a supervised child did not end"):
        showcase_audit.audit(request)
