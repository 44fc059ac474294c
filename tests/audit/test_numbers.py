"""A number that a program looks up is no second finding beside where it went; one asked of a name server is a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from auditing import FOREIGN, Auditor, python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("watched", "sealable")

LOOK_UP = """
import socket, sys
for host in sys.argv[1:]:
    for look_up in (lambda host: socket.getaddrinfo(host, 443), socket.gethostbyname):
        try: look_up(host)
        except OSError: pass
"""


def test_to_look_up_a_number_is_no_finding(run: Auditor) -> None:
    done = run("--seal", *python(LOOK_UP, FOREIGN, "3325256711", "0x7f.1", "::1", "fe80::1%lo"))
    assert done.exit_code == 0, done.stderr
    assert done.rows("lookup") == []
    assert "lookup" not in done.stderr


def test_a_number_in_brackets_is_a_note(run: Auditor) -> None:
    """The resolver takes none and asks nobody; it is told, as nothing went there."""
    done = run("--seal", *python(LOOK_UP, "[2001:db8::7]"))
    assert done.exit_code == 0, done.stderr
    assert {(row.name, row.witnesses) for row in done.rows("lookup")} == {("[2001:db8::7]", ("hook",))}
    assert "· number [2001:db8::7], 2 times" in done.stderr
    assert "nobody was asked" in done.stderr


def test_the_name_of_a_number_is_a_finding_that_its_question_shows(run: Auditor) -> None:
    script = """
import socket, sys
try: socket.gethostbyaddr(sys.argv[1])
except OSError: pass
"""
    done = run("--seal", *python(script, "198.51.100.7"))
    assert done.exit_code == 1
    rows = [row for row in done.rows("lookup") if "hook" in row.witnesses]
    assert [row.name for row in rows] == ["7.100.51.198.in-addr.arpa"]
    if rows[0].witnesses == ("hook",):
        pytest.skip("no name server is named on this machine")
    assert len(done.rows("lookup")) == 1


def test_where_it_leads_is_one_finding(run: Auditor) -> None:
    script = "import socket, sys; socket.create_connection((sys.argv[1], 443), timeout=5)"
    done = run("--seal", *python(script, FOREIGN))
    assert done.exit_code == 1
    assert "1 destination outside the policy" in done.egress.reason


def test_a_number_that_a_name_server_is_asked_for_is_a_finding(run: Auditor) -> None:
    script = """
import socket, struct
labels = b"".join(bytes([len(part)]) + part for part in (b"198", b"51", b"100", b"7"))
question = struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + labels + b"\\0" + struct.pack("!HH", 1, 1)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(question, ("192.0.2.53", 53))
"""
    done = run("--seal", "--allow", "198.51.100.7", *python(script))
    assert done.exit_code == 1
    assert [(row.name, row.address, row.port) for row in done.rows("lookup")] == [("198.51.100.7", "192.0.2.53", 53)]


CONNECT = """
import socket, sys
for host in sys.argv[2:]:
    with socket.socket() as subject: subject.connect_ex((host, int(sys.argv[1])))
"""


def test_a_server_may_be_called_as_python_lets_it_be_called(run: Auditor, outside_port: int) -> None:
    """By a name that Python looks up in the call itself, which the witness inside it sees and no other."""
    called = ("localhost", "127.0.0.1", "127.1", "2130706433")
    done = run("--allow", f"127.0.0.1:{outside_port}", *python(CONNECT, str(outside_port), *called))
    assert [(row.address, row.count) for row in done.rows("connect") if row.family != "unix"] == [("127.0.0.1", 4)]
    assert "✗" not in done.stderr


@pytest.mark.parametrize(
    ("allowed", "by_name"), [("decoy.invalid:443", 0), ("decoy.invalid", 0), ("*", 0), ("decoy.invalid:444", 1)]
)
def test_a_name_in_a_connect_counts_as_that_name(run: Auditor, allowed: str, by_name: int) -> None:
    done = run("--seal=sink", "--allow", allowed, *python(CONNECT, "443", "decoy.invalid"))
    (row,) = [row for row in done.rows("connect") if row.address == "decoy.invalid"]
    assert row.witnesses == ("hook",)
    assert done.stderr.count("✗ connect decoy.invalid:443") == by_name, done.stderr


def test_a_seal_that_can_be_entered_makes_no_finding_of_an_allowed_lookup(run: Auditor, tmp_path: Path) -> None:
    """A program that waits at a path, as a browser does: what its questions carried is open, and nothing was found."""
    script = """
import socket, sys
with socket.socket(socket.AF_UNIX) as waiting:
    waiting.bind(sys.argv[1])
    try: socket.getaddrinfo("decoy.invalid", 443)
    except OSError: pass
"""
    done = run("--seal", "--allow", "decoy.invalid", *python(script, str(tmp_path / "inside")))
    if done.rows("lookup")[0].witnesses == ("hook",):
        pytest.skip("no name server is named on this machine")
    assert (done.exit_code, done.egress.status) == (3, "inconclusive"), done.stderr
    assert "✗" not in done.stderr
