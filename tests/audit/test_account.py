"""What is told of a program with hundreds of rows can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from auditing import FOREIGN, Auditor, python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("watched", "sealable")

PORTS = """
import socket, sys
sockets = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(60)]
for number, each in enumerate(sockets): each.bind(("", 30000 + number))
for port in range(2000, 2000 + int(sys.argv[2])):
    with socket.socket() as subject: subject.connect_ex((sys.argv[1], port))
"""


def test_ports_of_one_address_have_one_line(run: Auditor) -> None:
    """As of a browser, which asks a name server from another port each time."""
    done = run("--seal", *python(PORTS, FOREIGN, "50"))
    assert "○ listen 0.0.0.0 at 60 ports from 30000 to 30059, 60 times, first after" in done.stderr
    assert f"✗ connect {FOREIGN} at 50 ports from 2000 to 2049, 50 times, first after" in done.stderr
    assert done.stderr.count("\n○ ") + done.stderr.count("\n✗ ") == 2 + 1, "a line each, and the verdict's"
    assert "50 destinations" not in done.egress.reason
    assert len(done.rows("listen")) == 60, "the log has each of them"


def test_a_few_ports_have_a_line_each(run: Auditor) -> None:
    done = run("--seal", *python(PORTS, FOREIGN, "3"))
    for port in (2000, 2001, 2002):
        assert f"✗ connect {FOREIGN}:{port}, once" in done.stderr


def test_of_many_ways_through_packages_one_is_told(run: Auditor, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.py").write_text(
            "import socket\ndef ask():\n    try: socket.getaddrinfo('decoy.invalid', 443)\n    except OSError: pass\n"
        )
    done = run(
        "--seal", "--cwd", str(tmp_path), *python("import one, two, three\nfor each in (one, two, three): each.ask()")
    )
    (told,) = re.findall(r"decoy\.invalid.*\n(.*)", done.stderr)[:1]
    assert "__main__ > one and 2 other ways; a name was looked up" in told


def test_what_several_processes_asked_for_is_named_once(run: Auditor) -> None:
    look_up = "import socket; socket.getaddrinfo('decoy.invalid', 443)"
    script = f"import subprocess, sys\nfor _ in range(3): subprocess.run([sys.executable, '-S', '-c', {look_up!r}])"
    done = run("--seal", *python(script))
    assert (
        done.egress.reason
        == "1 destination outside the policy, in 3 kinds of attempt: lookup of decoy.invalid (command)"
    )
